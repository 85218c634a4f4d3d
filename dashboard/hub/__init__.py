"""Hub: result topics in, arrays in memory, one binary frame a tick out to every viewer."""
