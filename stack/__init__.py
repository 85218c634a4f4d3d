"""The real components on one machine: broker, Flink, war room, and who keeps them running."""
