"""Passages: the accepted check-ins as columns, and their sums by place and minute.

A passage of a source that may resend is remembered by the hash of its event id: within one
place and minute, each counter counts an event once, however often and in whichever order it
comes. A passage of a source that never resends just adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.steps.messages import Longs
from jobs.steps.places import Places
from schemas.records import CheckIn, slices
from schemas.records.check_in import FEVER_C
from schemas.times import MINUTE_MS

COUNTERS = (*slices.COUNTERS, "n_simulated")
"""The counters of a slice, in the order in which columns hold them."""

_DIRECTIONS = {"in": 0, "out": 1, "pass": 2, "denied": 3}


@dataclass(frozen=True, eq=False, slots=True)
class Passages:
    """Accepted check-ins, one row each.

    Attributes
    ----------
    row : (m,) int64
        Which message it was, in the batch it came in.
    places : Places
        A table of places; `place` (m,) int32 is the row in it.
    minute_ms : (m,) int64
        Start of the minute `[start, start + 60 s)` of event time.
    counters : (m, 7) int8
        0 or 1, in the order of `COUNTERS`.
    event : (m,) int64
        Hash of the event id; 0 where it is not remembered.
    remembered : (m,) bool
        Whether the event must be told apart from others to count once.
    arrival_ms : (m,) int64
    """

    row: Longs
    places: Places
    place: NDArray[np.int32]
    minute_ms: Longs
    counters: NDArray[np.int8]
    event: Longs
    remembered: NDArray[np.bool_]
    arrival_ms: Longs

    def only(self, chosen: NDArray[np.bool_]) -> Passages:
        """Give the chosen rows."""
        return Passages(
            self.row[chosen],
            self.places,
            self.place[chosen],
            self.minute_ms[chosen],
            self.counters[chosen],
            self.event[chosen],
            self.remembered[chosen],
            self.arrival_ms[chosen],
        )

    def __len__(self) -> int:
        return len(self.row)


def none_of(places: Places) -> Passages:
    """Give no passages at all."""
    longs = np.empty(0, dtype=np.int64)
    return Passages(
        row=longs,
        places=places,
        place=longs.astype(np.int32),
        minute_ms=longs,
        counters=np.empty((0, len(COUNTERS)), dtype=np.int8),
        event=longs,
        remembered=np.empty(0, dtype=np.bool_),
        arrival_ms=longs,
    )


def counters_of(records: Sequence[CheckIn], simulated: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Say which counters each check-in adds one to."""
    counters = np.zeros((len(records), len(COUNTERS)), dtype=np.int8)
    codes = np.array([_DIRECTIONS[record.direction] for record in records], dtype=np.int64)
    counters[np.arange(len(records)), codes] = 1
    # None becomes NaN, which is no fever.
    celsius = np.array([record.temperature_c for record in records], dtype=np.float64)
    counters[:, 4] = ~np.isnan(celsius)
    counters[:, 5] = celsius >= FEVER_C
    counters[:, 6] = simulated
    return counters


def combined(passages: Passages) -> tuple[Passages, NDArray[np.int32]]:
    """Add up what need not be remembered, by place and minute, within one batch.

    Returns
    -------
    Passages
        Remembered passages as they were; of the others one row a place and minute, the first
        of them, with their newest arrival.
    (m, 7) int32
        The counters of those rows, now sums.
    """
    summed = np.flatnonzero(~passages.remembered)
    if not len(summed):
        return passages, passages.counters.astype(np.int32)
    order = summed[np.argsort(keys_of(passages)[summed], kind="stable")]
    key = keys_of(passages)[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    counters = passages.counters.astype(np.int32)
    arrival_ms = passages.arrival_ms.copy()
    first = order[starts]
    counters[first] = np.add.reduceat(passages.counters[order], starts, axis=0, dtype=np.int32)
    arrival_ms[first] = np.maximum.reduceat(passages.arrival_ms[order], starts)
    kept = passages.remembered.copy()
    kept[first] = True
    folded = Passages(
        passages.row, passages.places, passages.place, passages.minute_ms, passages.counters,
        passages.event, passages.remembered, arrival_ms,
    )  # fmt: skip
    return folded.only(kept), counters[kept]


def keys_of(passages: Passages) -> Longs:
    """Give one number for each place and minute of a batch: equal exactly where both are.

    Two rows of the table may stand for one place (a cell met twice); they get two numbers,
    which costs a row and changes no sum.
    """
    minute = passages.minute_ms // MINUTE_MS
    return passages.place.astype(np.int64) * (1 << 32) + minute
