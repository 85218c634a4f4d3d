"""Fixtures: the real streams shipped with the New York pack."""

from pathlib import Path

import pytest

STREAMS = Path(__file__).resolve().parents[2] / "cities" / "nyc" / "streams"


@pytest.fixture(scope="session")
def streams() -> Path:
    return STREAMS
