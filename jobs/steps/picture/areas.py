"""Statements by area: reproduction number, growth, relative risk, and aberrations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from geo.aberrations import ears
from geo.columns import Reals, ratio
from geo.delays import as_sure_as
from geo.exceedance import (
    BASELINE_DAYS,
    GUARD_DAYS,
    exceedance_p,
    rate_ratio_interval,
    series_overdispersion,
)
from geo.growth import growth
from geo.reproduction import is_followed, reproduction
from geo.risk.components import expected_per_day
from geo.risk.rollup import AreaRisk, area_risk
from geo.significance import discoveries
from jobs.steps.picture.cell_risk import is_small
from jobs.steps.picture.curves import Curves
from jobs.steps.picture.days import text_of
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.risk import WEEK, After, Sums
from jobs.steps.picture.rt_days import rt_days
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Fields, Said, numbers, table, whole

RT_FORMULA = "rt/4"
ABERRATIONS_FORMULA = "aberrations/3"
CITY = "city"
"""Id and level of the whole city, beside the gazetteer's areas."""
HISTORY = BASELINE_DAYS + GUARD_DAYS + WEEK
LEAST_OF_A_DAY = 0.01
"""A day that has just begun counts as a quarter of an hour, for nothing can be divided by 0."""


def area_rt(ground: Ground, curves: Curves, after: After, settings: PictureSettings) -> Said:
    """Say how cases spread in every area, up to the last day that is nearly whole."""
    interval = settings.serial_interval
    days = HISTORY + len(interval)
    end = curves.today - settings.statistics.accrual_days
    local, imported, (share,), (usable,) = (
        curves.up_to(end, days, table)
        for table in (curves.local, curves.imported, curves.share[None], curves.is_one_day[None])
    )
    share = np.where(share > 0, share, 1.0)
    found = reproduction(local * usable, imported * usable, interval, share=share)
    found = replace(found, sure=found.sure & is_followed(usable, interval))
    sure = found.sure[:, -1]
    cases = (local + imported) * usable
    weeks = slice(-WEEK, None), slice(-2 * WEEK, -WEEK)
    this, before = (_of_days((cases / share)[:, week], usable[week]) for week in weeks)
    sure_this, sure_before = (as_sure_as(cases[:, week], share[week]) for week in weeks)
    raw = cases[:, weeks[0]].sum(axis=1)
    compared = np.stack([this, before]) * (1.0 if usable[-2 * WEEK :].all() else np.nan)
    people = np.append(ground.gazetteer.residents, ground.gazetteer.residents[_top(ground)].sum())
    columns: dict[str, list[Any]] = {
        **_names(ground),
        **_reproduction(found, sure),
        "is_sure": sure.tolist(),
        "from_area_id": _stand_ins(ground, sure),
        **_growth(compared[0], compared[1], counted=(sure_this, sure_before)),
        **_risks(ground, after),
        "cases_7d": numbers(this),
        "cases_before": numbers(before),
        "incidence_per_100k": numbers(_per_100k(this / max(1, usable[-WEEK:].sum()), people)),
        "residents": numbers(people),
        "sample_size": numbers(raw),
        "below_k": is_small(raw, settings.smallest_count),
        "recent": rt_days(found, end),
    }
    shared = {"formula": RT_FORMULA, "day": text_of(end), "simulated": curves.simulated}
    return table(columns["area_id"], columns, shared)


def _of_days(cases: Reals, usable: NDArray[np.bool_]) -> Reals:
    """Add up the cases (a, d) of usable days; NaN where there is none."""
    return np.asarray(cases.sum(axis=1) if usable.any() else np.full(len(cases), np.nan))


def _top(ground: Ground) -> NDArray[np.intp]:
    return np.flatnonzero(ground.gazetteer.level == 0)


def _names(ground: Ground) -> dict[str, list[Any]]:
    gazetteer = ground.gazetteer
    levels = [gazetteer.levels[level] for level in gazetteer.level.tolist()]
    return {"area_id": [*gazetteer.area_id.tolist(), CITY], "level": [*levels, CITY]}


def _reproduction(found: Any, sure: NDArray[np.bool_]) -> dict[str, list[float | None]]:
    def shown(column: Reals) -> list[float | None]:
        return numbers(np.where(sure, column[:, -1], np.nan))

    return {
        "rt": shown(found.mean()),
        "rt_lo": shown(found.quantile(0.05)),
        "rt_hi": shown(found.quantile(0.95)),
        "p_above_1": shown(found.above_one()),
    }


def _stand_ins(ground: Ground, sure: NDArray[np.bool_]) -> list[str | None]:
    """Give the nearest area up the chain with enough cases; the city is above all."""
    names = ground.gazetteer.area_id
    at_last = CITY if sure[-1] else None
    found: list[str | None] = []
    for chain in ground.gazetteer.lineage.tolist():
        able = [row for row in chain if row >= 0 and sure[row]]
        found.append(str(names[able[-1]]) if able else at_last)
    return [*found, at_last]


def _growth(last: Reals, before: Reals, counted: tuple[Reals, Reals]) -> dict[str, list[Any]]:
    found = growth(last, before, counted=counted)
    fast, middle, slow = found.doubling_days()
    return {
        "growth": numbers(found.rate),
        "growth_lo": numbers(found.lower),
        "growth_hi": numbers(found.upper),
        "is_trend": found.is_trend.tolist(),
        "doubling_days": numbers(middle),
        "doubling_days_lo": numbers(fast),
        "doubling_days_hi": numbers(slow),
    }


def _risks(ground: Ground, after: After) -> dict[str, list[float | None]]:
    areas = len(ground.gazetteer.area_id)
    # areas weigh their cells by what these expect, whatever the city's rate
    expected = expected_per_day(ground.people, 1.0)
    parts = np.full((4, areas + 1), np.nan)
    for level, home in enumerate(ground.home):
        lived = np.flatnonzero(home >= 0)
        factors = after.state.factors
        kept = type(factors)(factors.shape[lived], factors.rate[lived], factors.anchor)
        risk = area_risk(home[lived], areas, expected[lived], after.seen.mean[lived], kept)
        rows = np.flatnonzero(ground.gazetteer.level == level)
        parts[:, rows] = np.stack(_law(risk))[:, rows]
    return dict(zip(("rr", "rr_lo", "rr_hi", "rr_above_1"), map(numbers, parts), strict=True))


def _law(risk: AreaRisk) -> list[Reals]:
    return [risk.mean(), risk.quantile(0.05), risk.quantile(0.95), risk.exceedance(1.0)]


def _per_100k(per_day: Reals, people: Reals) -> Reals:
    lived = people > 0
    return np.where(lived, 1e5 * per_day / np.where(lived, people, 1.0), np.nan)


def aberrations(ground: Ground, curves: Curves, sums: Sums, settings: PictureSettings) -> Said:
    """Say which areas' cases and fever readings are unusual beside their own past."""
    accrual = settings.statistics.accrual_days
    end = curves.today - accrual
    cases, (share,), (usable,) = (
        curves.up_to(end, HISTORY, table)
        for table in (
            curves.local[:-1] + curves.imported[:-1],
            curves.share[None],
            curves.is_one_day[None],
        )
    )
    cases = np.where(usable, cases, np.nan)
    share = np.where(share > 0, share, 1.0)
    fever = _fever(ground, sums, curves.today)
    passed = np.append(np.ones(HISTORY - 1), max(curves.elapsed, LEAST_OF_A_DAY))
    said = (
        _series(name, day, counts, known, ground=ground, settings=settings)
        for name, day, counts, known in (
            ("cases", end, cases, share),
            ("fever", curves.today, fever, passed),
        )
    )
    return {
        key: fields | {"simulated": curves.simulated}
        for part in said
        for key, fields in part.items()
    }


def _fever(ground: Ground, sums: Sums, end: int) -> Reals:
    """Give feverish by area and day, up to today; NaN on days without slices."""
    gazetteer = ground.gazetteer
    daily = np.full((len(gazetteer.area_id), HISTORY), np.nan)
    smallest = gazetteer.smallest
    for at, day in enumerate(range(end - HISTORY + 1, end + 1)):
        if day in sums:
            column = np.zeros(len(daily))
            for above in gazetteer.lineage[smallest].T:
                np.add.at(column, above, sums[day].fever[smallest])
            daily[:, at] = column
    return daily


def _series(
    name: str,
    end: int,
    counts: Reals,
    share: Reals,
    *,
    ground: Ground,
    settings: PictureSettings,
) -> Said:
    """Say which of one series are unusual; `share` (d,) of the `counts` (a, d) is known by now."""
    gazetteer = ground.gazetteer
    whole_days = counts / share
    dispersion = series_overdispersion(whole_days[:, :BASELINE_DAYS])
    p = exceedance_p(counts, dispersion=dispersion, days=WEEK, share=share)
    adjusted, level = np.full(len(p), np.nan), np.zeros(len(p), dtype=np.int8)
    for at in range(len(gazetteer.levels)):
        rows = np.flatnonzero(gazetteer.level == at)
        found = discoveries(p[rows], settings.statistics.false_discovery_rate)
        adjusted[rows] = found.adjusted
        level[rows] = found.discovered.astype(np.int8) + found.bonferroni.astype(np.int8)
    now = np.nan_to_num(counts[:, -WEEK:]).sum(axis=1)
    past = counts[:, :BASELINE_DAYS].sum(axis=1)
    lengths = float(share[-WEEK:].sum()), float(share[:BASELINE_DAYS].sum())
    due = past * lengths[0] / lengths[1]
    judged = np.where(np.isnan(p), np.nan, now)
    lower, upper = rate_ratio_interval(judged, past, lengths, dispersion=dispersion)
    tail = ears(whole_days, guard=GUARD_DAYS).p[:, -1]
    columns: dict[str, list[Any]] = {
        "area_id": gazetteer.area_id.tolist(),
        "level": [gazetteer.levels[each] for each in gazetteer.level.tolist()],
        "count": numbers(now),
        "expected": numbers(due),
        "ratio": numbers(ratio(judged, due)),
        "ratio_lo": numbers(lower),
        "ratio_hi": numbers(upper),
        "z": numbers(0.0 - ndtri(tail), 4),
        "p": numbers(p),
        "p_adjusted": numbers(adjusted),
        "level_found": whole(level),
        "sample_size": numbers(now + np.nan_to_num(past)),
        "below_k": is_small(now, settings.smallest_count),
    }
    shared: Fields = {
        "formula": ABERRATIONS_FORMULA,
        "series": name,
        "day": text_of(end),
        "days": WEEK,
    }
    return table((f"{area}|{name}" for area in columns["area_id"]), columns, shared)
