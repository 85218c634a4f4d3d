"""Minutes: slices of places folded into blocks a minute, and sums a day that outlive them.

    slices --> block of their minute --(what it grew by)--> day's sums by cell and by area
                                                       `--> night's ins less outs by fine cell

A block is dropped when no slice of its minute can change any more: a slice changes for 24 hours
of its own partition's arrival clock, so a block is kept until the partition that is furthest
behind has passed it by `KEPT_MS`, or longer where density looks further back. A slice older than
`KEPT_MS` on its own partition's clock is a repetition, and ignored. A partition further back than
the bus keeps holds nothing back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from jobs.steps.picture.blocks import COLUMNS, EMPTY, Block, block, unpacked
from jobs.steps.picture.days import Calendar, DaySums
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.places import Places
from jobs.steps.spread import is_slice
from schemas.codec import decode_column
from schemas.records import PlaceMinute
from schemas.times import DAY_MS, HOUR_MS, MINUTE_MS

KEPT_MS = 28 * HOUR_MS
LONGEST_MS = 8 * DAY_MS
_numbers = attrgetter("minute_ms", "arrival_ms", *COLUMNS)


def kept_for(window_min: int) -> int:
    """Say how long blocks are kept where windows so long are compared with those a day earlier."""
    return max(KEPT_MS, DAY_MS + (window_min + 1) * MINUTE_MS)


@dataclass
class Minutes:
    """Blocks by minute, sums by day, how far each partition has come, the first arrival ever.

    `dirty` and `dropped` are the minutes that changed since they were last written down;
    `dirty_days` the days. `kept_ms` is how long a block is kept, see `kept_for`.
    """

    ground: Ground
    calendar: Calendar
    places: Places
    keeps_all: bool = False
    kept_ms: int = KEPT_MS
    blocks: dict[int, Block | bytes] = field(default_factory=dict)
    days: dict[int, DaySums] = field(default_factory=dict)
    newest_ms: dict[int, int] = field(default_factory=dict)
    first_ms: int | None = None
    ignored: int = 0
    dirty: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    dirty_days: set[int] = field(default_factory=set)

    def fold(self, partition: int, payloads: Sequence[bytes]) -> None:
        """Take slices of one partition, in any order; what is no slice is left out."""
        areas = self.ground.gazetteer.area_index
        slices = [
            each
            for each in decode_column(payloads, PlaceMinute)
            if is_slice(each, areas) and self.places.is_somewhere(each)
        ]
        if not slices:
            return
        numbers = np.array(list(map(_numbers, slices)), dtype=np.int64)
        # By the clock before this piece: a piece of a quiet city may span days.
        clock_ms = self.newest_ms.get(partition, 0)
        self.newest_ms[partition] = max(clock_ms, int(numbers[:, 1].max()))
        fresh = numbers[:, 0] >= (-1 if self.keeps_all else clock_ms - KEPT_MS)
        self.ignored += int((~fresh).sum())
        kept = np.flatnonzero(fresh)
        # Not the first minute: what a gate had kept for a day is no whole day.
        if len(kept):
            first_ms = int(numbers[kept, 1].min())
            self.first_ms = first_ms if self.first_ms is None else min(self.first_ms, first_ms)
        rows = self.places.rows([slices[at] for at in kept.tolist()])
        minutes, counts = numbers[kept, 0], numbers[kept, 2:].astype(np.int32)
        for minute in np.unique(minutes).tolist():
            chosen = minutes == minute
            self._grow(minute, rows[chosen], counts[chosen])

    def _grow(self, minute: int, rows: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
        before = self.block(minute)
        after = before.join(rows, counts) if len(before.place) else block(rows, counts)
        self.blocks[minute] = after
        self.dirty.add(minute)
        self._add_to_days(minute, before, after)

    def _add_to_days(self, minute: int, before: Block, after: Block) -> None:
        columns = self.places.columns()
        grown = self._grown(before, after)
        some = np.flatnonzero(grown.counts.any(axis=1))
        place, counts = grown.place[some], grown.counts[some]
        for day in {self.calendar.day_of(minute), self.calendar.night_of(minute)}:
            self.dirty_days.add(day)
            self.days.setdefault(day, DaySums.empty(self.ground))
        self.days[self.calendar.day_of(minute)].add(columns[place], counts)
        self.days[self.calendar.night_of(minute)].add_night(columns[place, 0], counts)

    @staticmethod
    def _grown(before: Block, after: Block) -> Block:
        counts = after.counts.copy()
        counts[np.searchsorted(after.place, before.place)] -= before.counts
        return Block(after.place, counts)

    def block(self, minute: int) -> Block:
        """Give what is known of one minute."""
        found = self.blocks.get(minute, EMPTY)
        return unpacked(found) if isinstance(found, bytes) else found

    def window(self, end_ms: int, minutes: int) -> NDArray[np.int64]:
        """Sum the minutes of `[end - minutes, end)` by fine cell: (f, 6)."""
        columns = self.places.columns()
        cells = len(self.ground.fine) + len(self.places.extra)
        found = [self.block(m) for m in range(end_ms - minutes * 60_000, end_ms, 60_000)
                 if m in self.blocks]  # fmt: skip
        sums = np.zeros((cells, len(COLUMNS)), dtype=np.int64)
        if found:
            fine = columns[np.concatenate([each.place for each in found]), 0]
            counts = np.concatenate([each.counts for each in found])
            for at in range(len(COLUMNS)):
                sums[:, at] = np.bincount(fine, weights=counts[:, at], minlength=cells)
        return sums

    def newest_arrival_ms(self) -> int:
        """Give the newest arrival folded; 0 before any."""
        return max(self.newest_ms.values(), default=0)

    def tidy(self, recent_ms: int) -> None:
        """Pack blocks of before `recent_ms`, drop those that can change no more."""
        if not self.keeps_all and self.newest_ms:
            oldest = max(min(self.newest_ms.values()), self.newest_arrival_ms() - LONGEST_MS)
            for minute in [m for m in self.blocks if m < oldest - self.kept_ms]:
                del self.blocks[minute]
                self.dirty.discard(minute)
                self.dropped.add(minute)
        for minute, each in self.blocks.items():
            if minute < recent_ms and isinstance(each, Block):
                self.blocks[minute] = each.packed()
