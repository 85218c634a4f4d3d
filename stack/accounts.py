"""The accounts of the input: what was read, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.records import Progress
from stack.bus import Extent
from stack.progress import Written


@dataclass(frozen=True, slots=True)
class Accounts:
    """The sums over all input partitions.

    `lag` counts the messages that wait to be read; `skipped` the offsets passed over without a
    message: the broker had deleted it before, or it marks a transaction. `newest_arrival_ms` is
    by the arrival clock, `written_ms` by the wall clock; both are None where nothing was read yet.
    """

    read: int
    accepted: int
    rejected: int
    late: int
    lag: int
    lag_by_partition: Mapping[str, int]
    skipped: int
    newest_arrival_ms: int | None
    written_ms: int | None

    def adds_up(self) -> bool:
        """Say whether every message read is accounted for."""
        return self.read == self.accepted + self.rejected + self.late


def accounts(latest: Iterable[Written], extents: Iterable[Extent]) -> Accounts:
    """Add up the last value of each partition, and compare it with the log's end.

    Parameters
    ----------
    latest : iterable of Written
        The last value of each input partition.
    extents : iterable of Extent
        What each input partition holds.
    """
    values = list(latest)
    known = [value.progress for value in values]
    by_part = {(progress.topic, progress.partition): progress for progress in known}
    lags = {
        f"{extent.topic}-{extent.partition}": lag(
            extent, by_part.get((extent.topic, extent.partition))
        )
        for extent in extents
    }
    return Accounts(
        read=sum(progress.read for progress in known),
        accepted=sum(progress.accepted for progress in known),
        rejected=sum(progress.rejected for progress in known),
        late=sum(progress.late for progress in known),
        lag=sum(lags.values()),
        lag_by_partition=lags,
        skipped=sum(progress.skipped for progress in known),
        newest_arrival_ms=max((progress.arrival_ms for progress in known), default=None),
        written_ms=max((value.written_ms for value in values), default=None),
    )


def lag(extent: Extent, progress: Progress | None) -> int:
    """Count the messages of one partition that wait to be read."""
    next_offset = extent.first if progress is None else progress.offset + 1
    return max(0, extent.end - next_offset)


def freshness_s(known: Accounts, now_ms: int, *, replayed: bool) -> float | None:
    """Say how old the picture is, in seconds.

    By a live clock that is the age of the newest arrival counted; the arrivals of a replay are
    years old, so there it is the time since the arrival clock last moved.
    """
    since_ms = known.written_ms if replayed else known.newest_arrival_ms
    return None if since_ms is None else max(0.0, (now_ms - since_ms) / 1000)
