"""Tests of geography and statistics."""
