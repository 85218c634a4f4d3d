"""Slow, obvious versions of what the project computes fast."""
