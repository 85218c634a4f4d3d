"""Sums over the truth: true counts by minute, people inside, relative risk and Rt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
from schemas.records.check_in import FEVER_C
from simulators.check_ins import DIRECTIONS, IN, OUT
from simulators.city.disease import Health
from simulators.city.ground import Ground
from simulators.city.passages import Passages

MINUTE_MS = 60_000
Counts = NDArray[np.int64]
RISK_RESOLUTION = 8
RISK_WINDOW_DAYS = 7


def minutes_of(passages: Passages, begin_ms: int, places: pl.Series) -> pl.DataFrame:
    """Count true passages by place and minute: what a perfect city of gates would report.

    Of doubles a passage may follow up to a quarter of an hour later, and belongs to the stretch
    of the one it follows: add the rows of equal place and minute of two files.
    """
    at = begin_ms + passages.at.astype(np.int64)
    frame = pl.DataFrame(
        {
            "place": passages.place,
            "minute_ms": at - at % MINUTE_MS,
            "direction": passages.direction,
            "temperature": passages.temperature,
        }
    )
    counted = [
        (pl.col("direction") == number).sum().cast(pl.Int64).alias(f"n_{name}")
        for number, name in enumerate(DIRECTIONS)
    ]
    fever = round(FEVER_C * 10)
    return (
        frame.group_by("place", "minute_ms")
        .agg(
            *counted,
            n_screened=(pl.col("temperature") > 0).sum().cast(pl.Int64),
            n_fever=(pl.col("temperature") >= fever).sum().cast(pl.Int64),
        )
        .sort("place", "minute_ms")
        .with_columns(place_id=places.gather(pl.Series(_sorted_places(passages, at))))
        .drop("place")
    )


def _sorted_places(passages: Passages, at: Counts) -> NDArray[np.int64]:
    keys = np.unique(passages.place.astype(np.int64) << 44 | at // MINUTE_MS)
    return np.asarray(keys >> 44)


@dataclass(frozen=True, slots=True)
class Moves:
    """Ins and outs as columns: where, when (milliseconds since 1970), and +1 or -1."""

    place: Counts
    at_ms: Counts
    step: Counts

    @classmethod
    def none(cls) -> Moves:
        """Give no moves."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    @classmethod
    def of(cls, passages: Passages, begin_ms: int) -> Moves:
        """Take the ins and outs among passages."""
        moved = (passages.direction == IN) | (passages.direction == OUT)
        return cls(
            passages.place[moved].astype(np.int64),
            begin_ms + passages.at[moved].astype(np.int64),
            np.where(passages.direction[moved] == IN, 1, -1).astype(np.int64),
        )

    def split(self, at_ms: int) -> tuple[Moves, Moves]:
        """Part what happens before an instant from the rest."""
        early = self.at_ms < at_ms
        return self._take(early), self._take(~early)

    def _take(self, rows: NDArray[np.bool_]) -> Moves:
        return Moves(self.place[rows], self.at_ms[rows], self.step[rows])

    def __add__(self, other: Moves) -> Moves:
        """Put moves behind one another."""
        return Moves(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.at_ms, other.at_ms]),
            np.concatenate([self.step, other.step]),
        )


def inside_by_minute(
    moves: Moves, places: pl.Series, before: Counts
) -> tuple[pl.DataFrame, Counts]:
    """Give the surplus of ins over outs of every place at the end of each minute it changes.

    At shops, markets, works and the like that is who is inside; at gates and doors of homes
    it is who has come home less who has left, zero or below by day.

    Returns
    -------
    frame, after
        One row a place and minute with a change; and the surplus of every place at the end.
    """
    key = moves.place << 44 | moves.at_ms // MINUTE_MS
    keys, where = np.unique(key, return_inverse=True)
    change = np.bincount(where, weights=moves.step, minlength=len(keys)).astype(np.int64)
    place = keys >> 44
    total = np.cumsum(change)
    first = np.searchsorted(place, place)
    since = total - np.where(first > 0, total[first - 1], 0)
    inside = before[place] + since
    after = before + np.bincount(place, weights=change, minlength=len(before)).astype(np.int64)
    frame = pl.DataFrame(
        {
            "place_id": places.gather(pl.Series(place)),
            "minute_ms": (keys & (1 << 44) - 1) * MINUTE_MS,
            "inside": inside,
        }
    )
    return frame, after


def risk_by_day(health: Health, ground: Ground, gazetteer: Gazetteer, days: int) -> pl.DataFrame:
    """Give each cell's true relative risk: infections a resident against the city's, by day.

    Infections are those of the seven days up to the day, by the cell (resolution 8) of home.
    """
    cells, of_place = np.unique(gazetteer.cells[:, 1], return_inverse=True)
    cell = of_place[ground.people.home]
    residents = np.bincount(cell, minlength=len(cells))
    lived_in = np.flatnonzero(residents)
    infected = np.flatnonzero(np.isfinite(health.infected))
    day = np.floor(health.infected[infected]).astype(np.int64)
    rows = []
    for number in range(days):
        recent = infected[(day <= number) & (day > number - RISK_WINDOW_DAYS)]
        cases = np.bincount(cell[recent], minlength=len(cells))
        expected = residents * (len(recent) / max(1, residents.sum()))
        risk = np.divide(cases, expected, out=np.full(len(cells), np.nan), where=expected > 0)
        rows.append(
            pl.DataFrame(
                {
                    "day": np.full(len(lived_in), number),
                    "cell": [f"{c:x}" for c in cells[lived_in].tolist()],
                    "residents": residents[lived_in],
                    "infections_7d": cases[lived_in],
                    "relative_risk": risk[lived_in],
                }
            )
        )
    return pl.concat(rows) if rows else pl.DataFrame()


def rt_by_day(health: Health, ground: Ground, gazetteer: Gazetteer, days: int) -> pl.DataFrame:
    """Give the true reproduction number of each largest area: whom those infected on a day infect.

    The cohort (case) reproduction number: complete only for days that lie far enough before the
    run's end for all they infect to have been infected; `complete` says so (14 days).
    """
    area = ground.town.district[ground.people.home]
    infected = np.flatnonzero(np.isfinite(health.infected))
    source = health.infector[infected]
    offspring = np.bincount(source[source >= 0], minlength=len(ground.people))
    day = np.floor(health.infected[infected]).astype(np.int64)
    frame = pl.DataFrame(
        {"day": day, "area": area[infected], "offspring": offspring[infected]}
    ).filter(pl.col("day") >= 0)
    names = pl.Series(gazetteer.area_id.tolist())
    grouped = (
        frame.group_by("day", "area")
        .agg(infections=pl.len().cast(pl.Int64), rt=pl.col("offspring").mean())
        .sort("day", "area")
    )
    return grouped.with_columns(
        area_id=names.gather(grouped["area"]), complete=pl.col("day") <= days - 14
    ).drop("area")
