"""Stream jobs: what they compute (`steps`), how Flink runs it, and without it (`local`)."""
