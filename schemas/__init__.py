"""What a record is: the one description shared by jobs, simulators, archive and dashboard."""
