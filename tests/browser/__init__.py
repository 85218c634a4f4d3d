"""Pages in a real browser, against the made-up stream: no Kafka, no Flink."""
