"""What is told beside check-ins: records of any topic that wait for the instant they arrive."""

from __future__ import annotations

from functools import cache

import msgspec

from schemas.topics import Topic


@cache
def source_of(prefix: str, what: str) -> str:
    """Give the source of a record: the city's id is the first word of a run's prefix."""
    return f"sim:{prefix.split('-', maxsplit=1)[0]}:{what}"


class Told(msgspec.Struct, frozen=True):
    """One record, with its topic and key and the instant it arrives."""

    topic: Topic
    key: str
    name: str
    at_ms: int
    record: msgspec.Struct
