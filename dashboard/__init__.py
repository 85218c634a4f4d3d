"""War room: the hub that keeps a city's last two hours in memory, its API and its pages."""
