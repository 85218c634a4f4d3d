"""Slices: full counts of one place and one minute, as columns and as one key's value.

`Slice` is what a stream keeps for one key: a commutative monoid, so that order, duplicates and
restarts change nothing. `place_minutes` gives the same values for many keys at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.steps.messages import Longs
from jobs.steps.passages import COUNTERS, Passages

_NOBODY: tuple[frozenset[int], ...] = (frozenset(),) * len(COUNTERS)


@dataclass(frozen=True, slots=True)
class Slice:
    """What is known of one place and minute: events seen by each counter, and plain sums.

    `arrival_ms` is the newest arrival, duplicates included; -1 where nothing arrived.
    """

    seen: tuple[frozenset[int], ...] = _NOBODY
    sums: tuple[int, ...] = (0,) * len(COUNTERS)
    arrival_ms: int = -1

    @classmethod
    def of(cls, counters: tuple[int, ...], event: int | None, arrival_ms: int) -> Slice:
        """Give the slice of one passage; `event` is None where it need not be remembered."""
        if event is None:
            return cls(sums=counters, arrival_ms=arrival_ms)
        seen = tuple(frozenset([event] if n else []) for n in counters)
        return cls(seen=seen, arrival_ms=arrival_ms)

    def merge(self, other: Slice) -> Slice:
        """Join two parts of the same slice, in either order; an event in both counts once."""
        return Slice(
            tuple(mine | theirs for mine, theirs in zip(self.seen, other.seen, strict=True)),
            tuple(mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)),
            max(self.arrival_ms, other.arrival_ms),
        )

    @property
    def counts(self) -> tuple[int, ...]:
        """Give the counters, in the order of `COUNTERS`."""
        return tuple(len(seen) + n for seen, n in zip(self.seen, self.sums, strict=True))


@dataclass(frozen=True, eq=False, slots=True)
class PlaceMinutes:
    """Slices as columns, one row a place and minute, in the order of their keys.

    `place` (s,) int64 is the caller's number of a place, `counts` (s, 7) int64.
    """

    place: Longs
    minute_ms: Longs
    counts: NDArray[np.int64]
    arrival_ms: Longs


def place_minutes(place: Longs, passages: Passages) -> PlaceMinutes:
    """Count passages by place and minute.

    Parameters
    ----------
    place : (m,) int64
        A number for the place of each passage, the same for the same place.
    passages : Passages
        `passages.place` is not read, for it numbers the places of one batch only.

    Returns
    -------
    PlaceMinutes
        Of a remembered event each counter counts one, of the others every passage.
    """
    keys, group = np.unique(
        np.stack([place, passages.minute_ms], axis=1), axis=0, return_inverse=True
    )
    group = group.reshape(-1)
    counts = np.stack(
        [_counted(group, len(keys), passages, at) for at in range(len(COUNTERS))], axis=1
    )
    arrival_ms = np.full(len(keys), -1, dtype=np.int64)
    np.maximum.at(arrival_ms, group, passages.arrival_ms)
    return PlaceMinutes(keys[:, 0], keys[:, 1], counts, arrival_ms)


def _counted(group: Longs, groups: int, passages: Passages, counter: int) -> Longs:
    adds = passages.counters[:, counter] > 0
    plain = np.bincount(group[adds & ~passages.remembered], minlength=groups)
    rows = np.flatnonzero(adds & passages.remembered)
    distinct = np.unique(np.stack([group[rows], passages.event[rows]], axis=1), axis=0)
    counted: Longs = plain + np.bincount(distinct[:, 0], minlength=groups)
    return counted
