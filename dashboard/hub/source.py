"""Source: what the hub reads from, as the hub sees it. Kafka is one; tests inject others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """One message of the topic of cases, with its place on the bus."""

    partition: int
    offset: int
    arrival_ms: int
    payload: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look at the bus gave; may be empty.

    `picture` are the messages of the picture's topics by name, `rejected` those of what the
    counting job could not use.
    `caught_up` is True once everything that was there at the start has been given.
    `ends` is the end of each check-ins partition, when it is known newly; `begun_ms` is the
    arrival of the oldest check-in that the log holds, None while there is none; `trouble` says
    in one line why nothing comes, or is empty. `anew`: what was given before is of logs that are
    no more; everything is given again from here on.
    """

    slices: list[bytes | None] = field(default_factory=list)
    cases: list[CaseMessage] = field(default_factory=list)
    progress: list[bytes | None] = field(default_factory=list)
    ends: Mapping[int, int] = field(default_factory=dict)
    begun_ms: int | None = None
    caught_up: bool = True
    trouble: str = ""
    picture: Mapping[str, list[bytes | None]] = field(default_factory=dict)
    rejected: list[bytes | None] = field(default_factory=list)
    anew: bool = False


class Source(Protocol):
    """Gives batches for ever; each look takes at most a fraction of a second."""

    def batches(self) -> Iterator[Batch]:
        """Look at the bus again and again."""
        ...

    def close(self) -> None:
        """Let go of the bus."""
        ...
