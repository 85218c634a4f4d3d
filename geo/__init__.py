"""Geography and statistics as pure columns: arrays in, arrays out, and nothing else."""
