"""Statements of risk and hot spots by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.columns import Reals, ratio
from geo.density import poisson_interval
from geo.hotspots import FEWEST_PEOPLE, hotspots
from geo.rates import expected_cases
from geo.risk import components, outputs
from jobs.steps.picture.chance import generator
from jobs.steps.picture.curves import Curves
from jobs.steps.picture.days import text_of
from jobs.steps.picture.ground import COARSE, Ground
from jobs.steps.picture.risk import WEEK, After
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Fields, Said, numbers, table, whole

RISK_FORMULA = "risk/4"
HOTSPOTS_FORMULA = "hotspots/4"
FORTNIGHT = 14


def is_small(counts: Reals, smallest: int) -> list[bool]:
    """Mark counts of more than none and fewer than the smallest that may be shown."""
    return [bool(flag) for flag in ((counts > 0) & (counts < smallest)).tolist()]


@dataclass(frozen=True)
class CityNow:
    """City terms of a day: expected cases by cell, and the rate a day per 100,000.

    All NaN until a day's worth of cases is measured.
    """

    expected: Reals
    per_100k: float


def city_now(ground: Ground, curves: Curves) -> CityNow:
    """Give the city's present rate: the mean of the last 7 days, corrected for delays."""
    recent = slice(-WEEK, None)
    rate = components.city_cases_per_day(
        curves.city[recent], curves.share[recent], curves.measured[recent]
    )
    people = float(ground.people.sum())
    expected = components.expected_per_day(ground.people, rate)
    return CityNow(expected, 1e5 * rate / people if people > 0 else float("nan"))


def cell_risk(ground: Ground, curves: Curves, after: After, settings: PictureSettings) -> Said:
    """Say the relative risk of every cell where somebody lives."""
    state, seen, now = after.state, after.seen, city_now(ground, curves)
    rows = np.flatnonzero(components.is_inhabited(ground.people))
    risk = outputs.relative_risk(seen.mean, state.factors)
    fortnight = _recent(curves.cells, curves, FORTNIGHT)
    spread = np.nan_to_num(_recent(curves.spread, curves, FORTNIGHT) / np.maximum(fortnight, 1e-9))
    ahead = outputs.expected_ahead(now.expected, seen.mean, state.factors)
    mixed = outputs.shares(seen.components, after.weights, after.gate, seen.mean)
    columns: dict[str, list[Any]] = {
        "cell": ground.names[rows].tolist(),
        **_ratios(risk, rows),
        "class": whole(outputs.classes(risk, state.factors, fortnight)[rows]),
        "expected_7d": numbers(ahead[0][rows]),
        "expected_7d_lo": numbers(ahead[1][rows]),
        "expected_7d_hi": numbers(ahead[2][rows]),
        "incidence_per_100k": numbers(risk.mean[rows] * now.per_100k),
        "shares": _shares(mixed[rows]),
        "component_mean": numbers(seen.mean[rows]),
        "local_factor": numbers(state.factors.mean()[rows]),
        "residents": numbers(ground.people[rows]),
        "cases_14d": numbers(fortnight[rows]),
        "spread": numbers(spread[rows].clip(0.0, 1.0), 4),
        "sample_size": numbers(state.factors.seen_cases()[rows]),
        "below_k": is_small(fortnight[rows], settings.smallest_count),
    }
    shared: Fields = {
        "formula": RISK_FORMULA,
        "res": COARSE,
        "day": text_of(curves.today),
        "city_per_100k": numbers([now.per_100k])[0],
        "gate": numbers([after.gate])[0],
        "simulated": curves.simulated,
    }
    return table(columns["cell"], columns, shared)


def _recent(table: Reals, curves: Curves, days: int) -> Reals:
    """Add up the last days of a table (n, d), but for what is no measure of a day."""
    last = slice(-days, None)
    return np.asarray(table[:, last][:, curves.is_one_day[last]].sum(axis=1))


def _ratios(risk: outputs.RelativeRisk, rows: Any) -> dict[str, list[float | None]]:
    return {
        "rr": numbers(risk.mean[rows]),
        "rr_lo": numbers(risk.lower[rows]),
        "rr_hi": numbers(risk.upper[rows]),
        "p_above_1": numbers(risk.above_1[rows]),
        "p_above_1_5": numbers(risk.above_1_5[rows]),
        "p_above_2": numbers(risk.above_2[rows]),
    }


def _shares(mixed: Reals) -> list[dict[str, float | None]]:
    columns = [numbers(mixed[:, at].clip(0.0, 1.0)) for at in range(mixed.shape[1])]
    return [dict(zip(components.NAMES, row, strict=True)) for row in zip(*columns, strict=True)]


def hot_cells(ground: Ground, curves: Curves, settings: PictureSettings) -> Said:
    """Say how far every cell with enough residents and its ring stand out, to either side."""
    statistics = settings.statistics
    cases = _recent(curves.cells, curves, statistics.hotspot_days)
    judged = np.where(ground.people >= FEWEST_PEOPLE, ground.people, np.nan)
    found = hotspots(
        cases, ground.people, ground.ring, generator(HOTSPOTS_FORMULA, curves.today),
        false_discovery_rate=statistics.false_discovery_rate,
    )  # fmt: skip
    rows = np.flatnonzero(np.isfinite(judged))
    around = ground.ring @ np.where(np.isfinite(judged), cases, 0.0)
    due = ground.ring @ np.nan_to_num(expected_cases(cases, judged))
    lower, upper = poisson_interval(around)
    columns: dict[str, list[Any]] = {
        "cell": ground.names[rows].tolist(),
        "z": numbers(found.z[rows]),
        "p": numbers(found.p[rows]),
        "p_adjusted": numbers(found.adjusted[rows]),
        "level": whole(found.level[rows]),
        "by_permutation": found.by_permutation[rows].tolist(),
        "p_cold": numbers(found.p_cold[rows]),
        "p_cold_adjusted": numbers(found.adjusted_cold[rows]),
        "level_cold": whole(found.level_cold[rows]),
        "cases": numbers(around[rows]),
        "expected": numbers(due[rows]),
        "ratio": numbers(ratio(around, due)[rows]),
        "ratio_lo": numbers(ratio(lower, due)[rows]),
        "ratio_hi": numbers(ratio(upper, due)[rows]),
        "sample_size": numbers(around[rows]),
        "below_k": is_small(around[rows], settings.smallest_count),
    }
    shared: Fields = {
        "formula": HOTSPOTS_FORMULA,
        "res": COARSE,
        "day": text_of(curves.today),
        "days": statistics.hotspot_days,
        "simulated": curves.simulated,
    }
    return table(columns["cell"], columns, shared)
