"""Published statistics of the picture against the truth: risk, Rt, hot spots, clusters, alarms.

Days are local days of the run, counted from 0. Cells are those of resolution 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from simulators.score.ranking import auc, calibration

HIGH = 2.0
"""A cell is truly at risk on a day with so many times the city's infections a resident."""
WITHIN_DAYS = 21
"""An outbreak is found if an alarm meets it within so many days: cases are reported late."""
_RISE = 5
_RT_DAYS = 7
_RT_CASES = 20


@dataclass(frozen=True, slots=True)
class RiskScore:
    """How published relative risk ranks and calibrates cells.

    `auc` is the chance that a cell truly at risk (`HIGH`) ranks above one that is not, the
    mean over days; `calibration` groups the stated chance to be above average: mean stated,
    share that truly was, cells and days.
    """

    days: int
    cell_days: int
    auc: float
    calibration: list[tuple[float, float, int]]


def risk_score(true: pl.DataFrame, published: pl.DataFrame) -> RiskScore | None:
    """Score risk; None where no day is in both.

    Parameters
    ----------
    true : day, cell, residents, infections_7d, relative_risk
    published : day, cell, rr, p_above_1
    """
    both = true.filter(pl.col("relative_risk").is_not_nan()).join(published, on=["day", "cell"])
    if not len(both):
        return None
    by_day = [
        auc(frame["rr"].to_numpy(), (frame["relative_risk"] >= HIGH).to_numpy())
        for _, frame in sorted(both.group_by("day"), key=lambda item: item[0])
    ]
    known = [value for value in by_day if not np.isnan(value)]
    above = (both["relative_risk"] > 1.0).to_numpy()
    return RiskScore(
        days=both["day"].n_unique(),
        cell_days=len(both),
        auc=float(np.mean(known)) if known else float("nan"),
        calibration=calibration(both["p_above_1"].to_numpy(), above),
    )


@dataclass(frozen=True, slots=True)
class RtScore:
    """Published reproduction numbers of areas against the true ones, week by week.

    `mean_error` is the mean absolute difference, `bias` published less true, `coverage` the
    share of true values within the stated 90 % interval. `by_day` has the means over areas,
    true and published.
    """

    area_days: int
    mean_error: float
    bias: float
    coverage: float
    by_day: list[tuple[int, float, float]]


def rt_score(true: pl.DataFrame, published: pl.DataFrame) -> RtScore | None:
    """Score Rt; None where no area and day with enough cases is in both.

    The true number is the instantaneous one of the seven days up to the day, by onset, as the
    published one is; of weeks with 20 onsets at least.

    Parameters
    ----------
    true : day, area_id, onsets, onsets_local, pressure
    published : day, area_id, rt, rt_lo, rt_hi
    """
    both = true_rt(true).join(published.drop_nulls(["rt", "rt_lo", "rt_hi"]), on=["day", "area_id"])
    if not len(both):
        return None
    off = both["rt"] - both["known"]
    inside = both["known"].is_between(both["rt_lo"], both["rt_hi"])
    by_day = both.group_by("day").agg(pl.col("known").mean(), pl.col("rt").mean()).sort("day")
    return RtScore(
        area_days=len(both),
        mean_error=float(np.mean(np.abs(off.to_numpy()))),
        bias=float(np.mean(off.to_numpy())),
        coverage=float(np.mean(inside.to_numpy())),
        by_day=list(by_day.select("day", "known", "rt").iter_rows()),
    )


def true_rt(true: pl.DataFrame) -> pl.DataFrame:
    """Give the true number (`known`) of the week up to each day that has enough onsets."""
    columns = ("onsets", "onsets_local", "pressure")
    week = true.sort("area_id", "day").with_columns(
        pl.col(name).rolling_sum(_RT_DAYS).over("area_id") for name in columns
    )
    enough = (pl.col("onsets") >= _RT_CASES) & (pl.col("pressure") > 0)
    return week.filter(enough).select(
        pl.col("day").cast(pl.Int64), "area_id", known=pl.col("onsets_local") / pl.col("pressure")
    )


@dataclass(frozen=True, slots=True)
class Outbreak:
    """An injected outbreak: the cells, or the areas, where those it infected live, from a day."""

    where: frozenset[str]
    day: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Cells or areas that were published as standing out, and the day on which that was said."""

    where: frozenset[str]
    day: int


Truly = frozenset[tuple[str, int]]
"""Cells or areas, and the days on which something truly was there."""


@dataclass(frozen=True, slots=True)
class FoundScore:
    """How hot spots, clusters or unusual areas meet injected outbreaks and the truth.

    `recall` is the share of outbreaks that an alarm meets, `delay_days` the median from their
    begin. `precision` is the share of alarms that meet an outbreak, `right` the share that
    meet one, or where and when something truly was.
    """

    outbreaks: int
    alarms: int
    recall: float
    precision: float
    right: float
    delay_days: float


def found_score(outbreaks: Sequence[Outbreak], alarms: Sequence[Alarm], truly: Truly) -> FoundScore:
    """Match alarms with outbreaks that share a place, within `WITHIN_DAYS` of the begin."""

    def meets(outbreak: Outbreak, alarm: Alarm) -> bool:
        in_time = outbreak.day <= alarm.day <= outbreak.day + WITHIN_DAYS
        return in_time and not outbreak.where.isdisjoint(alarm.where)

    firsts = [min((a.day for a in alarms if meets(o, a)), default=None) for o in outbreaks]
    delays = [
        first - o.day for first, o in zip(firsts, outbreaks, strict=True) if first is not None
    ]
    met = [any(meets(outbreak, alarm) for outbreak in outbreaks) for alarm in alarms]
    true_too = [any((place, alarm.day) in truly for place in alarm.where) for alarm in alarms]
    nothing = float("nan")
    return FoundScore(
        outbreaks=len(outbreaks),
        alarms=len(alarms),
        recall=len(delays) / len(outbreaks) if outbreaks else nothing,
        precision=float(np.mean(met)) if met else nothing,
        right=float(np.mean(np.array(met) | np.array(true_too))) if met else nothing,
        delay_days=float(np.median(delays)) if delays else nothing,
    )


def cells_at_risk(true: pl.DataFrame) -> Truly:
    """Give the cells truly at risk (`HIGH`), by day.

    Parameters
    ----------
    true : day, cell, relative_risk
    """
    high = true.filter(pl.col("relative_risk") >= HIGH)
    return frozenset(zip(high["cell"].to_list(), high["day"].to_list(), strict=True))


def areas_that_rose(infections: pl.DataFrame) -> Truly:
    """Give the areas whose infections truly rose, for as long as that may be reported.

    A rise is `HIGH` times as many infections in 7 days as the 28 days before lead to expect, and
    `_RISE` more; it may be told within `WITHIN_DAYS` of the last of these days. Days before the
    run's first are not known, so nothing rose before its 35th.

    Parameters
    ----------
    infections : infected_day, areas
    """
    found: set[tuple[str, int]] = set()
    days = infections.select(day=pl.col("infected_day").floor().cast(pl.Int64), area="areas")
    known = days.filter(pl.col("day") >= 0).explode("area").drop_nulls()
    for (area,), frame in known.group_by("area"):
        until = np.concatenate([[0], np.cumsum(np.bincount(frame["day"].to_numpy()))])
        week, month = until[35:] - until[28:-7], until[28:-7] - until[:-35]
        rose = week >= np.maximum(HIGH * month / 4, month / 4 + _RISE)
        for end in (np.flatnonzero(rose) + 34).tolist():
            found |= {(str(area), end + later) for later in range(WITHIN_DAYS + 1)}
    return frozenset(found)


def outbreaks_of(
    events: pl.DataFrame, infections: pl.DataFrame, begin_ms: int, where: str = "cell"
) -> list[Outbreak]:
    """Give the events that infected people, and where those live, infected a day at most later.

    Parameters
    ----------
    events : kind, begin_ms, people
    infections : person, infected_day, and `where`: `cell`, or `areas` of every level
    """
    found = []
    for event in events.iter_rows(named=True):
        day = (event["begin_ms"] - begin_ms) // 86_400_000
        hit = infections.filter(
            pl.col("person").is_in(event["people"])
            & pl.col("infected_day").is_between(day - 0.01, day + 1.01)
        )
        if event["kind"] in OUTBREAKS and len(hit):
            places = hit[where].explode() if hit.schema[where] == pl.List else hit[where]
            found.append(Outbreak(frozenset(places.to_list()), int(day)))
    return found


OUTBREAKS = ("super_spreader", "returnees")
