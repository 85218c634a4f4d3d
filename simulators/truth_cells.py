"""How many people are in each cell, minute by minute: at home or where they went.

Who is on the way, drives or travels is in no cell; a break nearby counts as being there. People
are those simulated, once each, whatever they stand for at gates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
from schemas.times import DAY_MS, MINUTE_MS
from simulators.city.outings import DRIVE, RETURN, Outings
from simulators.city.simulation import DayOfCity, Simulation

RESOLUTION = 8
_COLUMN = RESOLUTION - 7
_MINUTE_BITS = 11
Counts = NDArray[np.int64]
Steps = tuple[Counts, Counts, Counts]


@dataclass(eq=False)
class CellPeople:
    """Follows the people of a simulation; it must see every day, in order."""

    simulation: Simulation
    gazetteer: Gazetteer
    _names: pl.Series = field(init=False)
    _cell: Counts = field(init=False)
    _late: Outings | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        cells, of_place = np.unique(self.gazetteer.cells[:, _COLUMN], return_inverse=True)
        self._names = pl.Series([f"{cell:x}" for cell in cells.tolist()], dtype=pl.String)
        self._cell = of_place.astype(np.int64)

    def day(self, day: DayOfCity, *, wanted: bool) -> pl.DataFrame | None:
        """See a day; give its people by cell and minute, if wanted.

        Returns
        -------
        DataFrame
            `cell, minute_ms, people`: every cell with anybody at the day's first minute, and a
            row for each change after it.
        """
        late, self._late = self._late, day.outings.take(day.outings.back > DAY_MS)
        if not wanted:
            return None
        parts = [self._steps(day.outings, 0)]
        if late is not None:
            parts.append(self._steps(late, DAY_MS))
        cell, at_ms, step = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        begun = at_ms < 0
        first = self._at_home(day.day)
        np.add.at(first, cell[begun], step[begun])
        today = ~begun & (at_ms < DAY_MS)
        return self._frame(first, (cell[today], at_ms[today], step[today]), day.begin_ms)

    def _at_home(self, day: int) -> Counts:
        people = self.simulation.ground.people
        everyone = np.arange(len(people), dtype=np.int32)
        here = ~self.simulation.travel.away(everyone, day)
        return np.bincount(self._cell[people.home[here]], minlength=len(self._names))

    def _steps(self, found: Outings, before_ms: int) -> Steps:
        """Give where somebody more (1) or less (-1) is, and when, from a later midnight on."""
        home = self._cell[self.simulation.ground.people.home[found.person]]
        place = self._cell[found.place]
        # Who came back before this midnight is counted at home, and may still be on the way.
        left = (found.kind != RETURN) | (before_ms > 0)
        inside = ~found.denied & (found.kind != DRIVE)
        every = np.ones(len(found), dtype=np.bool_)
        steps = (
            (home, found.leave, -1, left),
            (place, found.arrive, 1, inside),
            (place, found.depart, -1, inside),
            (home, found.back, 1, every),
        )
        cell = np.concatenate([where[rows] for where, _, _, rows in steps])
        at_ms = np.concatenate([when[rows].astype(np.int64) for _, when, _, rows in steps])
        step = np.repeat([step for _, _, step, _ in steps], [int(r.sum()) for *_, r in steps])
        return cell, at_ms - before_ms, step.astype(np.int64)

    def _frame(self, first: Counts, steps: Steps, begin_ms: int) -> pl.DataFrame:
        lived_in = np.flatnonzero(first)
        keys = np.concatenate([lived_in << _MINUTE_BITS, _keys(steps)])
        changes = np.concatenate([first[lived_in], steps[2]])
        keys, where = np.unique(keys, return_inverse=True)
        change = np.bincount(where, weights=changes, minlength=len(keys)).astype(np.int64)
        cell = keys >> _MINUTE_BITS
        total = np.cumsum(change)
        start = np.searchsorted(cell, cell)
        people = total - np.where(start > 0, total[start - 1], 0)
        minute_ms = begin_ms + (keys & (1 << _MINUTE_BITS) - 1) * MINUTE_MS
        columns = {"cell": self._names.gather(cell), "minute_ms": minute_ms, "people": people}
        return pl.DataFrame(columns)


def _keys(steps: Steps) -> Counts:
    return np.asarray(steps[0] << _MINUTE_BITS | steps[1] // MINUTE_MS)
