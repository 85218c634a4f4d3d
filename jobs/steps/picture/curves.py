"""Curves: what stands of the cases, as weighted counts by day and cell, and by day and area.

A case counts on its *day*: its onset, else the local day of its first report. An onset after
the first report counts as that day (delay 0); one further back than the longest delay is not
believed, and the report's day counts. So no typing error moves a case by years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.case_weights import suspected_weight, weights_of
from geo.cells import rows_of_cells
from geo.columns import Flags, Reals
from geo.delays import FLOOR, LOOK_BACK_DAYS, reported_share, share_at
from jobs.steps.picture.cases import Standing
from jobs.steps.picture.days import Calendar
from jobs.steps.picture.ground import Ground

RETRACTED = "retracted"
OPENING_DAYS = 1
"""A city's first days, no measure of a day: what was known when its reports were connected may be
the stock of weeks."""


@dataclass(frozen=True, eq=False)
class Curves:
    """Weighted cases of the days `first` .. `today`, oldest first.

    `cells` (n, d), `spread` (n, d) the part of them that was reported by area. `local` and
    `imported` (a + 1, d) by area of every level, the city last. `share` (d,) is the share of
    each day's cases reported by now, had today passed; `elapsed` is the share of it that has.
    `simulated`: a simulator's case is among them.
    """

    first: int
    today: int
    cells: Reals
    spread: Reals
    local: Reals
    imported: Reals
    share: Reals
    simulated: bool
    elapsed: float = 1.0

    @property
    def is_one_day(self) -> Flags:
        """Mark the days (d,) whose cases are those of one day: all but a city's first."""
        return np.arange(len(self.share)) >= OPENING_DAYS

    @property
    def measured(self) -> Reals:
        """Give how much of each day (d,) its cases measure: of today what has passed of it."""
        days = self.is_one_day.astype(np.float64)
        days[-1] *= self.elapsed
        return days

    @property
    def city(self) -> Reals:
        """Cases of the whole city a day, those outside every cell included."""
        return np.asarray(self.local[-1] + self.imported[-1])

    def up_to(self, end: int, days: int, table: NDArray[Any]) -> NDArray[Any]:
        """Give the `days` columns of a table (n, d) up to the day `end`, 0 where there are none."""
        last = max(0, end - self.first + 1)
        known = table[:, max(0, last - days) : last]
        return np.pad(known, ((0, 0), (days - known.shape[1], 0)))

    def completeness(self, end: int, days: int) -> float:
        """Give the share of the cases of the last days up to `end` that is reported by now."""
        after = max(0, end - self.first + 1)
        last = slice(max(0, after - days), after)
        known, due = self.city[last].sum(), (self.city[last] / self.share[last]).sum()
        return float(known / due) if due > 0 else 1.0


@dataclass(frozen=True, eq=False)
class Columns:
    """Cases as columns; `day` and `delay` in days."""

    weight: Reals
    day: NDArray[np.int64]
    delay: Reals
    cell: NDArray[np.uint64]
    area: NDArray[np.int64]
    imported: NDArray[np.bool_]
    simulated: NDArray[np.bool_]


def columns_of(standing: Mapping[str, Standing], calendar: Calendar, longest_delay: int) -> Columns:
    """Lay cases out in the order of their ids; those that weigh nothing are left out."""
    cases = [standing[key] for key in sorted(standing)]
    weight = case_weights(cases)
    kept = np.flatnonzero(weight > 0).tolist()
    days = np.array(
        [_day_and_delay(cases[at], calendar, longest_delay) for at in kept], dtype=np.int64
    ).reshape(-1, 2)
    return Columns(
        weight=weight[kept],
        day=days[:, 0],
        delay=days[:, 1].astype(np.float64),
        cell=np.array([cases[at].cell for at in kept], dtype=np.uint64),
        area=np.array([cases[at].area for at in kept], dtype=np.int64),
        imported=np.array([cases[at].imported for at in kept], dtype=np.bool_),
        simulated=np.array([cases[at].simulated for at in kept], dtype=np.bool_),
    )


def case_weights(cases: list[Standing]) -> Reals:
    """Weigh cases by category: a suspected one by how many suspects were confirmed so far."""
    resolved = [case for case in cases if case.was_suspected and case.category != "suspected"]
    confirmed = sum(c.category == "confirmed" and c.status != RETRACTED for c in resolved)
    gone = sum(c.category == "suspected" and c.status == RETRACTED for c in cases)
    chance = suspected_weight(confirmed, len(resolved) - confirmed + gone)
    stands = np.array([case.status != RETRACTED for case in cases], dtype=np.float64)
    number = np.array([case.weight for case in cases], dtype=np.float64)
    return np.asarray(weights_of([case.category for case in cases], chance) * number * stands)


def _day_and_delay(case: Standing, calendar: Calendar, longest: int) -> tuple[int, int]:
    reported = calendar.day_of(case.first_report_ms)
    if case.onset is None:
        return reported, 0
    delay = reported - date.fromisoformat(case.onset).toordinal()
    return (reported, 0) if delay < 0 or delay > longest else (reported - delay, delay)


def curves(columns: Columns, ground: Ground, today: int, longest_delay: int) -> Curves:
    """Count cases by day; those of days after today are left for their day to come."""
    first = int(min([today, *columns.day.tolist()]))
    known = columns.day <= today
    day, days = columns.day[known] - first, today - first + 1
    placed = rows_of_cells(ground.cells, columns.cell[known])
    by_area = columns.cell[known] == 0
    weight, area = columns.weight[known], columns.area[known]
    areas = len(ground.gazetteer.area_id)
    direct = _table(placed[placed >= 0], day[placed >= 0], weight[placed >= 0],
                    (len(ground.cells), days))  # fmt: skip
    reported = _table(area[by_area], day[by_area], weight[by_area], (areas, days))
    spread = np.asarray(ground.of_area.T @ reported)
    here, imported = ~columns.imported[known], columns.imported[known]
    return Curves(
        first=first,
        today=today,
        cells=direct + spread,
        spread=spread,
        local=_by_area(ground, area[here], day[here], weight[here], days),
        imported=_by_area(ground, area[imported], day[imported], weight[imported], days),
        share=_shares(columns, known, today, days, longest_delay),
        simulated=bool(columns.simulated.any()),
    )


def _shares(
    columns: Columns, known: NDArray[np.bool_], today: int, days: int, longest: int
) -> Reals:
    age = (today - columns.day[known]).astype(np.float64)
    recent = age <= LOOK_BACK_DAYS + longest
    share = reported_share(
        columns.delay[known][recent], age[recent], columns.weight[known][recent], longest
    )
    return np.maximum(share_at(np.arange(days - 1, -1, -1, dtype=np.float64), share), FLOOR)


def _by_area(
    ground: Ground,
    area: NDArray[np.int64],
    day: NDArray[np.int64],
    weight: Reals,
    days: int,
) -> Reals:
    """Count cases for their area, those above it, and the city."""
    areas = len(ground.gazetteer.area_id)
    above = ground.gazetteer.lineage[area]
    rows, _ = np.nonzero(above >= 0)
    tree = _table(above[above >= 0].astype(np.int64), day[rows], weight[rows], (areas, days))
    city = np.bincount(day, weights=weight, minlength=days)
    return np.vstack([tree, city[None, :]])


def _table(
    row: NDArray[np.signedinteger[Any]],
    day: NDArray[np.int64],
    weight: Reals,
    shape: tuple[int, int],
) -> Reals:
    flat = np.bincount(
        row.astype(np.int64) * shape[1] + day, weights=weight, minlength=shape[0] * shape[1]
    )
    return flat.astype(np.float64).reshape(shape)
