"""A small epidemic with known truth on H3 cells, to judge the risk score by.

Each day a set number of cases falls on cells in proportion to a known rate: some by where
people live, some near yesterday's cases, some among people who visit the same hubs. A case
infects as many people wherever it lives; whom, depends on who is near. Cases differ in how many
they infect. What the score is shown of the hubs is a sample of visits.
This is a simulation of the mechanisms the score assumes: it shows calibration under them, not
that a real city follows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geo.columns import Counts, Reals, Weights

SPREADING = 0.3  # dispersion of infectivity: a few cases cause most others
BURSTS = 1.5  # variance over mean of a cell's cases where spreading comes in bursts
MIXED = (0.2, 0.5, 0.3)  # share of background, neighbours, hubs in the true rate
LOCAL = (0.1, 0.7, 0.2)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Cases a day, whether they spread, spread of cells' own risk, visits seen of each cell.

    `hidden` puts superspreading into cases whose infectivity nobody can see, so that the true
    rate itself cannot be known from cases; else it comes in bursts around a rate that follows
    from them. `mix` are the shares of background, neighbours and hubs in the true rate.
    """

    name: str
    cases_per_day: float
    spreads: bool
    frailty: float = 0.0
    visits_seen: int | None = None
    hidden: bool = False
    days: int = 150
    hubs: int = 30
    seed: int = 1
    mix: tuple[float, float, float] = MIXED


@dataclass(frozen=True, slots=True)
class Day:
    """Cases of a day, true relative risk behind them, exposure minutes as they were seen.

    `due` are the cases that the mechanisms alone make likely, the cells' own risk left out.
    """

    cases: Reals
    risk: Reals
    minutes: Reals
    due: Reals


def epidemic(scenario: Scenario, people: Reals, kernel: Weights, interval: Reals) -> Iterator[Day]:
    """Give the days of a scenario."""
    rng = np.random.default_rng(scenario.seed)
    n = len(people)
    visits = rng.dirichlet(np.full(scenario.hubs, 0.15), n)  # most cells use a few hubs
    seen = _sampled(visits, scenario.visits_seen, rng)
    frailty = rng.lognormal(-(scenario.frailty**2) / 2, scenario.frailty, n)
    infectivity = np.zeros((n, len(interval)))
    home = people / people.sum()
    for t in range(scenario.days):
        force = infectivity @ interval
        total = scenario.cases_per_day * (1.0 + 0.5 * np.sin(2 * np.pi * t / 75.0))
        rate = spread = home
        scale = 1.0
        if scenario.spreads and force.sum() > 0:
            near = people * (kernel @ (force / (kernel @ people)))
            mixed = people * (visits @ (visits.T @ force / (visits.T @ people)))
            parts = [home, near / near.sum(), mixed / mixed.sum()]
            spread = np.sum([w * part for w, part in zip(scenario.mix, parts, strict=True)], axis=0)
            scale = float((spread * frailty).sum())
            rate = spread * frailty / scale
        cases = _cases(total * rate, scenario, rng)
        minutes = 60.0 * people * (seen @ (visits.T @ force / (visits.T @ people)))
        yield Day(cases.astype(np.float64), rate / home, minutes, total * spread / scale)
        newest = _infectivity(cases, rng) if scenario.hidden else cases.astype(np.float64)
        infectivity = np.concatenate([newest[:, None], infectivity[:, :-1]], axis=1)


def _sampled(visits: Reals, seen: int | None, rng: np.random.Generator) -> Reals:
    if seen is None:
        return visits
    return np.array([rng.multinomial(seen, row) / seen for row in visits])


def _infectivity(cases: Counts, rng: np.random.Generator) -> Reals:
    """Draw how infectious each cell's cases of a day are together: mean 1 a case."""
    return np.where(cases > 0, rng.gamma(np.maximum(cases * SPREADING, 1e-9), 1 / SPREADING), 0.0)


def _cases(mean: Reals, scenario: Scenario, rng: np.random.Generator) -> Counts:
    if scenario.hidden or not scenario.spreads:
        return rng.poisson(mean)
    return rng.negative_binomial(np.maximum(mean, 1e-12) / (BURSTS - 1.0), 1.0 / BURSTS)
