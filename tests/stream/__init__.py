"""Tests with a real broker and a real Flink."""
