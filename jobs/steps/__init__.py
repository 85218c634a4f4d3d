"""What happens to records and slices, in columns and per key, with no engine in it."""
