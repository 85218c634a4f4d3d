"""Sums over the truth: true counts by minute, people inside, relative risk and Rt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
from schemas.records.check_in import FEVER_C
from schemas.times import MINUTE_MS
from simulators.check_ins import DIRECTIONS, IN, OUT
from simulators.city.disease import Health
from simulators.city.ground import Ground
from simulators.city.passages import Passages

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


LONGEST_SERIAL_DAYS = 30


def rt_by_day(health: Health, ground: Ground, gazetteer: Gazetteer, days: int) -> pl.DataFrame:
    """Give what the true reproduction numbers of each largest area follow from, day by day.

    `rt` is the cohort (case) number: how many those infected on a day infect, null without any;
    complete only for days that lie far enough before the run's end for all they infect to have
    been infected (`complete`, 14 days). The instantaneous number of some days is the sum of
    their `onsets_local` over that of their `pressure`.

    Notes
    -----
    `onsets` are first symptoms (or the height of infectiousness without) of all infected,
    `onsets_local` of those infected in this city. `pressure` of day t is the sum over s of
    `w(s) onsets(t - s)` (Cori et al. 2013, Am J Epidemiol 178:1505), where w are the true
    shares of days between an infector's onset and that of the infected; below one they count
    as one.
    """
    area = ground.town.district[ground.people.home]
    infected = np.flatnonzero(np.isfinite(health.infected))
    source = health.infector[infected]
    local = source >= 0
    offspring = np.bincount(source[local], minlength=len(ground.people))[infected]
    onset, day = (
        np.floor(column[infected]).astype(np.int64) for column in (health.onset, health.infected)
    )
    places = area[infected], int(area.max()) + 1, days
    onsets = _by_area_and_day(places, onset)
    grid = {
        "infections": _by_area_and_day(places, day),
        "offspring": _by_area_and_day(places, day, offspring),
        "onsets": onsets,
        "onsets_local": _by_area_and_day(places, onset, local.astype(np.int64)),
    }
    shares = _serial_shares(health.onset, infected[local], source[local])
    lived_in = np.unique(area)
    frame = pl.DataFrame(
        {name: table[lived_in].ravel() for name, table in grid.items()}
        | {
            "day": np.tile(np.arange(days), len(lived_in)),
            "pressure": _pressure(onsets, shares)[lived_in].ravel(),
            "area_id": gazetteer.area_id[np.repeat(lived_in, days)].astype(str),
        },
        schema_overrides={"area_id": pl.String},
    )
    return frame.with_columns(
        rt=pl.when(pl.col("infections") > 0).then(pl.col("offspring") / pl.col("infections")),
        complete=pl.col("day") <= days - 14,
    ).drop("offspring")


def _by_area_and_day(
    places: tuple[NDArray[np.int32], int, int], day: Counts, weight: Counts | None = None
) -> Counts:
    area, areas, days = places
    table = np.zeros((areas, days), dtype=np.int64)
    within = (day >= 0) & (day < days)
    more = 1 if weight is None else weight[within]
    np.add.at(table, (area[within], day[within]), more)
    return table


def _serial_shares(
    onset: NDArray[np.float32], infected: NDArray[np.int64], source: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Give the share of each serial interval of 1, 2 ... days; 0 everywhere without any."""
    between = np.floor(onset[infected]) - np.floor(onset[source])
    days = np.clip(between, 1, LONGEST_SERIAL_DAYS).astype(np.int64)
    counts = np.bincount(days, minlength=LONGEST_SERIAL_DAYS + 1)[1:]
    return np.asarray(counts / max(1, counts.sum()))


def _pressure(onsets: Counts, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.zeros(onsets.shape)
    for back, share in enumerate(shares, start=1):
        found[:, back:] += share * onsets[:, : max(0, onsets.shape[1] - back)]
    return found
