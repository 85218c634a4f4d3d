"""Streams whose truth is known: a city made up, and real data played again."""
