"""What is told beside check-ins: records of any topic that wait for the instant they arrive."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Told:
    """One record, with its topic and key and the instant it arrives."""

    topic: Topic
    key: str
    name: str
    at_ms: int
    record: msgspec.Struct
