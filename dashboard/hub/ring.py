"""Ring: the full counts of every place in each of the last minutes, and their window sums.

A slice replaces what its place and minute held before. The ring keeps `DEPTH` minutes
behind the clock's minute and `AHEAD` minutes before it (devices may be that fast):

    minute   c-130 ................. c-1   c  | c+1 .. c+5
             [------- in windows ----------]    kept, not shown yet
    older: ignored and counted             newer: not possible, counted

Window sums follow from the differences to the previous values, so a late slice corrects
every window it lies in. They are integers: adding and taking away leaves no error behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.records.slices import COUNTERS

COLUMNS: Final = (*COUNTERS, "n_simulated")
N_COLUMNS: Final = len(COLUMNS)
DEPTH: Final = 130
AHEAD: Final = 5
SLOTS: Final = DEPTH + 1 + AHEAD

# name -> ages of minutes [youngest, oldest), seen from the clock's minute (age 0)
AGES: Final = {
    "last_1": (1, 2),
    "last_15": (0, 15),
    "last_60": (0, 60),
    "whole_15": (1, 16),
    "whole_60": (1, 61),
    "ago_1": (61, 62),
    "ago_15": (61, 76),
    "ago_60": (61, 121),
}

Rows = NDArray[np.int64]
Minutes = NDArray[np.int64]
Counts = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of a batch of slices.

    `changed` are rows whose counts differ now, `corrected` those of them with a change that
    corrects what was settled.
    """

    changed: Rows
    corrected: Rows
    n_old: int
    n_ahead: int


class Ring:
    """Counts of `capacity` places by minute; minutes are numbered since 1970."""

    def __init__(self, capacity: int) -> None:
        self.clock: int | None = None
        self.counts: Counts = np.zeros((SLOTS, capacity, N_COLUMNS), dtype=np.int32)
        self.sums: dict[str, Counts] = {
            name: np.zeros((capacity, N_COLUMNS), dtype=np.int32) for name in AGES
        }
        self.by_minute: NDArray[np.int64] = np.zeros((SLOTS, N_COLUMNS), dtype=np.int64)
        self.versions: NDArray[np.int64] = np.zeros(SLOTS, dtype=np.int64)
        """How often each slot has changed; a slot that is cleared has changed."""

    @property
    def capacity(self) -> int:
        """Give the number of places there is room for."""
        return int(self.counts.shape[1])

    def grow(self, capacity: int) -> None:
        """Make room for more places; what is held stays."""
        held = self.capacity
        if capacity <= held:
            return
        counts = np.zeros((SLOTS, capacity, N_COLUMNS), dtype=np.int32)
        counts[:, :held] = self.counts  # np.pad would touch the empty rows and make them cost
        self.counts = counts
        more = ((0, capacity - held), (0, 0))
        self.sums = {name: np.pad(sums, more) for name, sums in self.sums.items()}

    def advance(self, minute: int) -> None:
        """Move the clock on to `minute`; it never goes back."""
        if self.clock is None or minute - self.clock >= SLOTS:
            self._clear()
            self.clock = minute
        while self.clock < minute:
            self._step()

    def _clear(self) -> None:
        self.counts[:] = 0
        self.by_minute[:] = 0
        self.versions += 1
        for sums in self.sums.values():
            sums[:] = 0

    def _step(self) -> None:
        """Move on by one minute: each window takes a minute in and lets one go."""
        assert self.clock is not None  # noqa: S101 - only `advance` calls, and it has set it
        self.clock += 1
        for name, (youngest, oldest) in AGES.items():
            self.sums[name] += self.counts[(self.clock - youngest) % SLOTS]
            self.sums[name] -= self.counts[(self.clock - oldest) % SLOTS]
        opened = (self.clock + AHEAD) % SLOTS  # was the oldest minute's slot
        self.counts[opened] = 0
        self.by_minute[opened] = 0
        self.versions[opened] += 1

    def fold(self, rows: Rows, minutes: Minutes, values: Counts, settled: Flags) -> Folded:
        """Take slices in their order; the last one of a place and minute stands.

        Parameters
        ----------
        rows : (m,) int64
            Row of each slice's place.
        minutes : (m,) int64
            Its minute, numbered since 1970.
        values : (m, 7) int32
            Its full counts, in the order of `COLUMNS`.
        settled : (m,) bool
            Whether its minute was complete before it came, so that a change corrects it.
        """
        if self.clock is None:
            return Folded(rows[:0], rows[:0], 0, len(rows))
        age = self.clock - minutes
        old, ahead = age > DEPTH, age < -AHEAD
        keep = np.flatnonzero(~(old | ahead))
        keep = keep[_last_of_each(rows[keep] * SLOTS + minutes[keep] % SLOTS)]
        row, slot, age = rows[keep], minutes[keep] % SLOTS, age[keep]
        change = values[keep] - self.counts[slot, row]
        self.counts[slot, row] = values[keep]
        self._add(row, slot, age, change)
        moved = change.any(axis=1)
        return Folded(
            np.unique(row[moved]),
            np.unique(row[moved & settled[keep]]),
            int(old.sum()),
            int(ahead.sum()),
        )

    def _add(self, row: Rows, slot: Minutes, age: Minutes, change: Counts) -> None:
        np.add.at(self.by_minute, slot, change)
        self.versions[np.unique(slot)] += 1
        cell = row[:, None] * N_COLUMNS + np.arange(N_COLUMNS)
        for name, (youngest, oldest) in AGES.items():
            inside = (age >= youngest) & (age < oldest)
            # flat, because add.at is fast in one dimension only
            np.add.at(self.sums[name].reshape(-1), cell[inside].ravel(), change[inside].ravel())

    def series(self, rows: Rows, length: int) -> NDArray[np.int64]:
        """Give the counts of `rows` together by minute, oldest first: (length, 7).

        The last entry is the running minute.
        """
        if self.clock is None:
            return np.zeros((length, N_COLUMNS), dtype=np.int64)
        slots = np.arange(self.clock - length + 1, self.clock + 1) % SLOTS
        series: NDArray[np.int64] = self.counts[slots][:, rows].sum(axis=1, dtype=np.int64)
        return series

    def totals(self, length: int) -> NDArray[np.int64]:
        """Give the counts of all places together by minute, oldest first: (length, 7)."""
        if self.clock is None:
            return np.zeros((length, N_COLUMNS), dtype=np.int64)
        slots = np.arange(self.clock - length + 1, self.clock + 1) % SLOTS
        totals: NDArray[np.int64] = self.by_minute[slots]
        return totals


def _last_of_each(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the positions of the last occurrence of each key."""
    _, from_the_end = np.unique(keys[::-1], return_index=True)
    last: NDArray[np.int64] = len(keys) - 1 - from_the_end
    return last
