"""The accounts of the input: what was read, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.records import Progress
from stack.bus import Extent


@dataclass(frozen=True, slots=True)
class Accounts:
    """The sums over all input partitions.

    `lag` counts the messages that wait to be read; `newest_arrival_ms` is None where nothing
    was read yet.
    """

    read: int
    accepted: int
    rejected: int
    late: int
    lag: int
    lag_by_partition: Mapping[str, int]
    newest_arrival_ms: int | None

    def add_up(self) -> bool:
        """Say whether every message read is accounted for."""
        return self.read == self.accepted + self.rejected + self.late


def accounts(latest: Iterable[Progress], extents: Iterable[Extent]) -> Accounts:
    """Add up the last value of each partition, and compare it with the log's end.

    Parameters
    ----------
    latest : iterable of Progress
        The last value of each input partition.
    extents : iterable of Extent
        What each input partition holds.
    """
    by_part = {(progress.topic, progress.partition): progress for progress in latest}
    lags = {
        f"{extent.topic}-{extent.partition}": lag(
            extent, by_part.get((extent.topic, extent.partition))
        )
        for extent in extents
    }
    known = by_part.values()
    return Accounts(
        read=sum(progress.read for progress in known),
        accepted=sum(progress.accepted for progress in known),
        rejected=sum(progress.rejected for progress in known),
        late=sum(progress.late for progress in known),
        lag=sum(lags.values()),
        lag_by_partition=lags,
        newest_arrival_ms=max((progress.arrival_ms for progress in known), default=None),
    )


def lag(extent: Extent, progress: Progress | None) -> int:
    """Count the messages of one partition that wait to be read."""
    next_offset = extent.first if progress is None else progress.offset + 1
    return max(0, extent.end - next_offset)


def freshness_s(newest_arrival_ms: int | None, now_ms: int) -> float | None:
    """Say how old the newest folded arrival is, by the wall clock."""
    if newest_arrival_ms is None:
        return None
    return max(0.0, (now_ms - newest_arrival_ms) / 1000)
