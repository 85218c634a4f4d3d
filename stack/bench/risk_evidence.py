"""Whether the risk score finds true risk and is calibrated: the printed table, made anew.

Coverages are judged in the two digits in which they are printed there. An epidemic whose
infectivity is hidden is not in that table: its true risk cannot be known from cases, and how far
the interval falls short of it is told, not judged.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geo import rates, scan_null
from geo.columns import Flags, Reals
from geo.disks import gaussian_rings, grid_disks
from geo.risk import components, days, health, outputs
from geo.risk.mixture import MixtureSettings
from stack.bench.observer import Observer
from stack.bench.renewal import LOCAL, MIXED, Day, Scenario, epidemic
from stack.bench.rows import Row, at_least, at_most, between
from stack.bench.statistics import SERIAL_INTERVAL, disk_of_cells

WARM_UP_DAYS = 60
SEEDS = 3
AS_HARD = 0.03  # difference of AUC of simple methods below which two epidemics are as hard
FLAT = (
    Scenario("flat risk", 41, False, seed=5),
    Scenario("flat risk, few cases", 4.6, False, seed=6),
)
HIDDEN = Scenario("infectivity hidden", 38, True, hidden=True, seed=2)


@dataclass(frozen=True, slots=True)
class Printed:
    """An epidemic with the AUC that was printed for it: score, ratio, Marshall."""

    scenario: Scenario
    auc: tuple[float, float, float]


PRINTED = (
    Printed(Scenario("epidemic 1", 134, True, seed=1), (0.969, 0.809, 0.842)),
    Printed(Scenario("epidemic 2", 38, True, seed=2), (0.947, 0.716, 0.752)),
    Printed(
        Scenario("frailty sd 0.6, 20 visits seen", 29, True, 0.6, 20, seed=3),
        (0.967, 0.754, 0.806),
    ),
    Printed(
        Scenario("frailty sd 1.0, 10 visits seen", 107, True, 1.0, 10, seed=4),
        (0.992, 0.893, 0.930),
    ),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One evaluated day; AUC of the score, the 14-day ratio, Marshall, and the observer."""

    auc: tuple[float, float, float, float]
    covered: float
    flagged: float
    flagged_right: float


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of one run: means over its days."""

    auc: Reals
    covered: float
    flagged: float
    flagged_right: float
    calibrated: health.Calibration
    gate: float


def run(options: Mapping[str, str]) -> list[Row]:
    """Run the scenarios on 1,261 cells; `only=TEXT` those whose name holds it, `seeds=N` (3)."""
    only, seeds = options.get("only", ""), int(options.get("seeds", str(SEEDS)))
    out: list[Row] = []
    for printed in PRINTED:
        if only in printed.scenario.name:
            out += epidemic_rows(printed, seeds)
    for scenario in (HIDDEN, *FLAT):
        if only in scenario.name:
            rows = calibration_rows(scenario.name, [follow(scenario)], flat=not scenario.spreads)
            out += map(told, rows) if scenario.hidden else rows
    return out


def told(row: Row) -> Row:
    """Give a row that nothing is asked of."""
    return Row(row.name, row.value, row.unit)


def epidemic_rows(printed: Printed, seeds: int) -> list[Row]:
    """Run one such epidemic at two mixes of ways to spread, some seeds each.

    What was printed does not name its mix, and that moves every AUC. Runs in which both simple
    methods do as it prints for them are as hard as its own, and of these the score is asked to
    do as well: the printed figure is of one run, so it must not lie above all of ours.
    """
    out, everything = [], []
    for word, mix in (("mixed", MIXED), ("local", LOCAL)):
        first = printed.scenario
        runs = [
            follow(replace(first, mix=mix, seed=first.seed + 10 * number))
            for number in range(seeds)
        ]
        out += calibration_rows(f"{first.name}, {word}", runs, flat=False)
        everything += runs
    wanted, found = np.array(printed.auc), np.array([each.auc[:3] for each in everything])
    alike = found[(np.abs(found[:, 1:] - wanted[1:]) <= AS_HARD).all(axis=1), 0]
    name = f"{printed.scenario.name}, runs as hard as the printed one"
    out.append(Row(f"{name}: how many", len(alike), ""))
    if len(alike):
        out += [
            Row(f"{name}: AUC, lowest", float(alike.min()), ""),
            Row(f"{name}: AUC, mean", float(alike.mean()), ""),
            at_least(f"{name}: AUC, highest", float(alike.max()), printed.auc[0], ""),
        ]
    return out


def calibration_rows(name: str, runs: list[Followed], *, flat: bool) -> list[Row]:
    """Compare the score with the truth and with simpler ones, means over runs."""
    # Under flat risk every interval holds the truth, 1, as it should: no upper end there.
    most = 1.0 if flat else 0.99
    out = [
        Row(f"{name}: gate", min(each.gate for each in runs), ""),
        at_most(f"{name}: PIT distance", max(each.calibrated.distance for each in runs), 0.05, ""),
        between(
            f"{name}: 90 % forecast coverage",
            round(float(np.mean([each.calibrated.coverage_90 for each in runs])), 2), 0.88, most,
        ),
        between(
            f"{name}: 90 % interval of risk holds the truth",
            round(float(np.mean([each.covered for each in runs])), 2), 0.88, most,
        ),
    ]  # fmt: skip
    if flat:
        flagged = 100 * float(np.mean([each.flagged for each in runs]))
        return [*out, at_most(f"{name}: cells flagged", flagged, 1.0, "%")]
    score, ratio, marshall, observer = np.mean([each.auc for each in runs], axis=0).tolist()
    right = float(np.mean([each.flagged_right for each in runs]))
    return [
        *out,
        at_least(f"{name}: AUC of RR > 2, score", score, max(ratio, marshall), ""),
        Row(f"{name}: AUC of RR > 2, 14-day ratio", ratio, ""),
        Row(f"{name}: AUC of RR > 2, Marshall", marshall, ""),
        Row(f"{name}: AUC of RR > 2, who knows all but the cells' own risk", observer, ""),
        Row(f"{name}: flagged cells that truly have RR > 1", right, ""),
    ]


def follow(scenario: Scenario) -> Followed:
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
    observer = Observer(n, scenario.frailty)
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
        observer.see(day.cases, day.due)
        cases = np.concatenate([cases[:, 1:], day.cases[:, None]], axis=1)
        foreseen = np.concatenate([foreseen[:, 1:], (seen.expected * seen.mean)[:, None]], axis=1)
        if t >= 27 and t % 7 == 6:
            spread = scan_null.overdispersion(cases, local)
            state = days.next_strength(state, cases.sum(axis=1), foreseen.sum(axis=1), spread)
        if t >= WARM_UP_DAYS:
            risk = outputs.relative_risk(seen.mean, state.factors)
            best = day.due / people * observer.own_risk()
            judged.append(_judged(risk, day, cases[:, -14:].sum(axis=1), people, best))
    columns = (np.concatenate(column) for column in zip(*placed, strict=True))
    return _followed(judged, health.calibration(*columns), state.gate)


def _followed(judged: list[Judged], calibrated: health.Calibration, gate: float) -> Followed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no cell at risk on any day: NaN
        return Followed(
            auc=np.nanmean([day.auc for day in judged], axis=0),
            covered=float(np.mean([day.covered for day in judged])),
            flagged=float(np.mean([day.flagged for day in judged])),
            flagged_right=float(np.nanmean([day.flagged_right for day in judged])),
            calibrated=calibrated,
            gate=gate,
        )


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


def _judged(
    risk: outputs.RelativeRisk, day: Day, cases_14d: Reals, people: Reals, best: Reals
) -> Judged:
    high = day.risk > 2
    flagged = risk.above_1 >= outputs.SURE
    return Judged(
        (
            area_under_curve(risk.mean, high),
            area_under_curve(rates.excess_risk(cases_14d, people), high),
            area_under_curve(rates.shrunk_rates(cases_14d, people), high),
            area_under_curve(best, high),
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
