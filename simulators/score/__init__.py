"""Scores of what Hexline published against the truth of a run."""
