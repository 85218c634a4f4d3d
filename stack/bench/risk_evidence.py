"""Whether the risk score finds true risk and is calibrated: the printed table, made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo import rates, scan_null
from geo.columns import Flags, Reals
from geo.disks import gaussian_rings, grid_disks
from geo.risk import components, days, health, outputs
from geo.risk.mixture import MixtureSettings
from stack.bench.renewal import Day, Scenario, epidemic
from stack.bench.rows import Row, at_least, at_most, between
from stack.bench.statistics import SERIAL_INTERVAL, disk_of_cells

WARM_UP_DAYS = 60
SCENARIOS = (
    (Scenario("epidemic, seed 1", 134, True, seed=1), 0.969),
    (Scenario("epidemic, seed 2", 38, True, seed=2), 0.947),
    (Scenario("frailty sd 0.6, 20 visits seen", 29, True, 0.6, 20, seed=3), 0.967),
    (Scenario("frailty sd 1.0, 10 visits seen", 107, True, 1.0, 10, seed=4), 0.992),
    (Scenario("infectivity hidden", 38, True, hidden=True, seed=2), 0.947),
    (Scenario("flat risk", 41, False, seed=5), None),
    (Scenario("flat risk, few cases", 4.6, False, seed=6), None),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One evaluated day."""

    auc: tuple[float, float, float]
    covered: float
    flagged: float
    flagged_right: float


def run(options: Mapping[str, str]) -> list[Row]:
    """Run the scenarios on 1,261 cells; `only=TEXT` those whose name holds it."""
    only = options.get("only", "")
    return [
        row for scenario, auc in SCENARIOS if only in scenario.name for row in judge(scenario, auc)
    ]


def judge(scenario: Scenario, published_auc: float | None) -> list[Row]:
    """Run one scenario and compare the score with the truth and with simpler ones."""
    judged, calibrated, gate = follow(scenario)
    name = scenario.name
    score, ratio, marshall = np.nanmean([day.auc for day in judged], axis=0)
    # Under flat risk every interval holds the truth, 1, as it should: no upper end there.
    most = 1.0 if published_auc is None else 0.99
    out = [
        Row(f"{name}: gate", gate, ""),
        at_most(f"{name}: PIT distance", calibrated.distance, 0.05, ""),
        between(f"{name}: 90 % forecast coverage", calibrated.coverage_90, 0.88, most),
        between(
            f"{name}: 90 % interval of risk holds the truth",
            float(np.mean([day.covered for day in judged])), 0.88, most,
        ),
    ]  # fmt: skip
    if published_auc is None:
        flagged = 100 * float(np.mean([day.flagged for day in judged]))
        return [*out, at_most(f"{name}: cells flagged", flagged, 1.0, "%")]
    right = float(np.nanmean([day.flagged_right for day in judged]))
    return [
        *out,
        at_least(f"{name}: AUC of RR > 2, score", float(score), max(ratio, marshall), ""),
        Row(
            f"{name}: AUC of RR > 2, score printed in the specification (another epidemic)",
            published_auc,
            "",
        ),
        Row(f"{name}: AUC of RR > 2, 14-day ratio", float(ratio), ""),
        Row(f"{name}: AUC of RR > 2, Marshall", float(marshall), ""),
        Row(f"{name}: flagged cells that truly have RR > 1", right, ""),
    ]


def follow(scenario: Scenario) -> tuple[list[Judged], health.Calibration, float]:
    """Run the score beside an epidemic and judge every day after the first sixty."""
    cells = disk_of_cells(20)
    n = len(cells)
    kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
    rng = np.random.default_rng(100 + scenario.seed)
    people = rng.lognormal(7.5, 0.8, n).round() + 50
    # Crowding and fever are not simulated: their components stay 1 and have no prior weight.
    settings = days.RiskSettings(SERIAL_INTERVAL, MixtureSettings((0.6, 0.3, 0.1, 0.0, 0.0)))
    state = days.new_state(n, settings)
    cases, foreseen, local = (np.zeros((n, 28)) for _ in range(3))
    minutes = np.zeros((n, 7))
    judged: list[Judged] = []
    placed: list[tuple[Reals, Reals, Reals]] = []
    for t, day in enumerate(epidemic(scenario, people, kernel, SERIAL_INTERVAL)):
        minutes = np.concatenate([minutes[:, 1:], day.minutes[:, None]], axis=1)
        known = known_day(day.cases, cases[:, -14:], minutes.sum(axis=1))
        parts = days.components_of(known, people, kernel, settings)
        seen = days.forecast(state, known, people, parts)
        if t >= WARM_UP_DAYS:
            placed.append(health.transforms(state.factors, seen.foreseen, day.cases, rng.random(n)))
        local = np.concatenate(
            [local[:, 1:], (seen.foreseen * state.factors.mean())[:, None]], axis=1
        )
        state = days.next_state(state, known, seen, settings)
        cases = np.concatenate([cases[:, 1:], day.cases[:, None]], axis=1)
        foreseen = np.concatenate([foreseen[:, 1:], (seen.expected * seen.mean)[:, None]], axis=1)
        if t >= 27 and t % 7 == 6:
            spread = scan_null.overdispersion(cases, local)
            state = days.next_strength(state, cases.sum(axis=1), foreseen.sum(axis=1), spread)
        if t >= WARM_UP_DAYS:
            risk = outputs.relative_risk(seen.mean, state.factors)
            judged.append(_judged(risk, day, cases[:, -14:].sum(axis=1), people))
    columns = (np.concatenate(column) for column in zip(*placed, strict=True))
    return judged, health.calibration(*columns), state.gate


def known_day(cases: Reals, recent: Reals, minutes: Reals) -> days.RiskDay:
    """Give a day of which cases and exposure are known, crowding and fever not."""
    nothing = np.full(len(cases), np.nan)
    return days.RiskDay(
        cases=cases,
        recent_cases=recent,
        city_cases_per_day=components.city_cases_per_day(recent[:, -7:].sum(axis=0), np.ones(7)),
        reported_share=1.0,
        exposure_min=minutes,
        density=nothing,
        feverish=nothing,
        screened=nothing,
    )


def _judged(risk: outputs.RelativeRisk, day: Day, cases_14d: Reals, people: Reals) -> Judged:
    high = day.risk > 2
    flagged = risk.above_1 >= outputs.SURE
    return Judged(
        (
            area_under_curve(risk.mean, high),
            area_under_curve(rates.excess_risk(cases_14d, people), high),
            area_under_curve(rates.shrunk_rates(cases_14d, people), high),
        ),
        float(((risk.lower <= day.risk) & (day.risk <= risk.upper)).mean()),
        float(flagged.mean()),
        float((day.risk[flagged] > 1).mean()) if flagged.any() else float("nan"),
    )


def area_under_curve(score: Reals, positive: Flags) -> float:
    """Give the chance that a positive scores above a negative, ties half; NaN without both."""
    yes, no = score[positive], np.sort(score[~positive])
    if not len(yes) or not len(no):
        return float("nan")
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.mean() / (2 * len(no)))
