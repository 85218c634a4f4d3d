"""Accounts: what the counting job has read, and how fresh and complete that makes the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.records import Progress
from schemas.topics import CHECKINS

AHEAD_MS: Final = 60_000
"""Clocks of sound machines differ by less; by more, one of them was set wrong or set back."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the input partitions; read = accepted + rejected + late.

    `skipped` counts the offsets that held no message any more when they were to be read.
    """

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    late: int = 0
    skipped: int = 0


@dataclass
class Accounts:
    """The newest record of each input partition and the ends of the log."""

    by_partition: dict[tuple[str, int], Progress] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    arrival_ms: int = 0
    moved_at_ms: int | None = None

    def fold(self, records: list[Progress]) -> None:
        """Take full values; the last one of a partition stands."""
        for record in records:
            self.by_partition[record.topic, record.partition] = record

    def saw_arrival(self, arrival_ms: int, at_ms: int) -> None:
        """Move the arrival clock on; remember when, by a clock that is never set, it moved."""
        if arrival_ms > self.arrival_ms:
            self.arrival_ms = arrival_ms
            self.moved_at_ms = at_ms

    def saw_ends(self, ends: Mapping[int, int]) -> None:
        """Remember where the log of check-ins ends."""
        self.ends.update(ends)

    def totals(self) -> Totals:
        """Add up the partitions."""
        held = self.by_partition.values()
        return Totals(
            sum(p.read for p in held),
            sum(p.accepted for p in held),
            sum(p.rejected for p in held),
            sum(p.late for p in held),
            sum(p.skipped for p in held),
        )

    def lag(self) -> int | None:
        """Give how many messages of the log are not read yet; None when the end is unknown."""
        if not self.ends:
            return None
        return sum(max(0, end - at) for end, at in self.positions())

    def completeness(self) -> float | None:
        """Give the share of the log that is read, 0..1; None when the end is unknown."""
        if not self.ends:
            return None
        there = sum(self.ends.values())
        return 1.0 if there == 0 else sum(min(at, end) for end, at in self.positions()) / there

    def inputs(self) -> list[dict[str, int | str | None]]:
        """Give each input partition's accounts and the end of its log.

        The end is asked for now and then: what was read since proves that it lies further on.
        """
        return [
            {
                "topic": p.topic,
                "partition": p.partition,
                "offset": p.offset,
                "end": self._end_behind(p),
                "read": p.read,
                "accepted": p.accepted,
                "rejected": p.rejected,
                "late": p.late,
                "arrival_ms": p.arrival_ms,
            }
            for _, p in sorted(self.by_partition.items())
        ]

    def _end_behind(self, read: Progress) -> int | None:
        end = self.ends.get(read.partition)
        return None if end is None else max(end, read.offset + 1)

    def positions(self) -> list[tuple[int, int]]:
        """Give (end of the log, offset to be read next) of each partition whose end is known."""
        return [(end, self.position_of(partition)) for partition, end in self.ends.items()]

    def position_of(self, partition: int) -> int:
        """Give the offset to be read next of a partition of check-ins; 0 before any."""
        held = self.by_partition.get((CHECKINS.name, partition))
        return held.offset + 1 if held else 0


def freshness_s(since_arrival_ms: int | None) -> float | None:
    """Give the age of the picture in seconds.

    None before anything came, and where the newest arrival is more than a minute ahead of now:
    of two clocks that differ so much nobody knows which is right.
    """
    if since_arrival_ms is None or since_arrival_ms < -AHEAD_MS:
        return None
    return max(0, since_arrival_ms) / 1000


def clocks_differ(since_arrival_ms: int | None) -> str:
    """Say in one line how far an arrival is ahead of now; empty up to a minute."""
    if since_arrival_ms is None or since_arrival_ms >= -AHEAD_MS:
        return ""
    ahead_s = round(-since_arrival_ms / 1000)
    return f"the newest arrival is {ahead_s} s ahead of now: a clock was wrong, or was set back"
