"""The page "how this is computed": docs/methods, read once and written as HTML."""
