"""Days: the score as a recursion over closed days, each a pure function of the one before.

The state after a day depends on that day's numbers alone, so a late case is answered by
recomputing from the last day it does not touch; nothing is ever stepped "per tick".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from geo.columns import Reals, Weights
from geo.risk import components as part
from geo.risk.filtering import (
    ANCHOR,
    DISCOUNT,
    LASTING_DISCOUNT,
    LocalFactors,
    blended,
    log_predictive,
    new_factors,
    next_factors,
    prior_strength,
)
from geo.risk.mixture import (
    MixtureSettings,
    gate_of,
    gated_mean,
    mixture_mean,
    next_gate,
    next_pseudo_cases,
    weights_of,
)


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """What the score assumes; every number is a setting of the city pack."""

    serial_interval: Reals
    mixture: MixtureSettings = field(default_factory=MixtureSettings)
    discount: float = DISCOUNT
    lasting_discount: float = LASTING_DISCOUNT
    neighbour_strength: float = part.NEIGHBOUR_STRENGTH
    inflow_strength_min: float = part.INFLOW_STRENGTH_MIN
    fever_strength: float = part.FEVER_STRENGTH


@dataclass(frozen=True, slots=True)
class RiskDay:
    """What is known of one onset day; (n,) columns, (n, d) of recent cases, yesterday last."""

    cases: Reals
    recent_cases: Reals
    city_cases_per_day: float
    reported_share: float
    exposure_min: Reals
    density: Reals
    feverish: Reals
    screened: Reals


@dataclass(frozen=True, slots=True)
class RiskState:
    """What one day hands to the next: four filters, pseudo-cases, gate, strength of prior.

    `brief` and `lasting` run on the gated mean and forget in two and in six weeks; `factors`,
    which is published, mixes them by `lasting_log_odds`. `with_components` and `without` run
    beside them only to judge the gate.
    """

    brief: LocalFactors
    lasting: LocalFactors
    with_components: LocalFactors
    without: LocalFactors
    pseudo_cases: Reals
    gate_log_odds: float
    lasting_log_odds: float
    strength: float = ANCHOR
    overdispersion: float = 1.0

    @property
    def factors(self) -> LocalFactors:
        """Give the local factors that are published."""
        return blended(self.brief, self.lasting, gate_of(self.lasting_log_odds))

    @property
    def weights(self) -> Reals:
        """Give the share of each component in the city."""
        return weights_of(self.pseudo_cases)

    @property
    def gate(self) -> float:
        """Give how far the components are believed, 0..1."""
        return gate_of(self.gate_log_odds)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the state foresees for a day, before its cases: all (n,) but `components` (n, k)."""

    components: Reals
    full: Reals
    mean: Reals
    expected: Reals
    foreseen: Reals


def new_state(cells: int, settings: RiskSettings) -> RiskState:
    """Start without any case seen."""
    start = new_factors(cells)
    mixture = settings.mixture
    odds = mixture.gate_start
    return RiskState(start, start, start, start, mixture.prior(), odds, odds)


def components_of(day: RiskDay, people: Reals, kernel: Weights, settings: RiskSettings) -> Reals:
    """Give the (n, 5) components of a day, in the order of `components.NAMES`."""
    pressure = part.infectious_pressure(day.recent_cases, settings.serial_interval)
    near = part.neighbourhood(pressure, people, kernel, settings.neighbour_strength)
    return np.column_stack(
        [
            np.ones(len(people)),
            near,
            part.inflow(day.exposure_min, people, settings.inflow_strength_min),
            part.crowded_infection(day.density, near, people),
            part.fever(day.feverish, day.screened, people, settings.fever_strength),
        ]
    )


def forecast(state: RiskState, day: RiskDay, people: Reals, components: Reals) -> Forecast:
    """Foresee a day: expected at the city's rate, and at the cell's own mean."""
    full = mixture_mean(components, state.weights)
    mean = gated_mean(full, state.gate)
    expected = part.expected_per_day(people, day.city_cases_per_day)
    return Forecast(components, full, mean, expected, expected * mean * day.reported_share)


def next_state(state: RiskState, day: RiskDay, seen: Forecast, settings: RiskSettings) -> RiskState:
    """Learn from a day's cases: weights, gate, how long local factors last, and the factors."""
    reported = seen.expected * day.reported_share
    with_full = reported * seen.full
    known = np.where(seen.expected > 0, day.cases, 0.0)
    brief, lasting = settings.discount, settings.lasting_discount

    def told(factors: LocalFactors, mean: Reals) -> float:
        return float(log_predictive(factors, day.cases, mean).sum() / state.overdispersion)

    def step(factors: LocalFactors, mean: Reals, discount: float) -> LocalFactors:
        return next_factors(
            factors,
            day.cases,
            mean,
            strength=state.strength,
            discount=discount,
            overdispersion=state.overdispersion,
        )

    mixture = settings.mixture
    components = told(state.with_components, with_full) - told(state.without, reported)
    memory = told(state.lasting, seen.foreseen) - told(state.brief, seen.foreseen)
    return replace(
        state,
        brief=step(state.brief, seen.foreseen, brief),
        lasting=step(state.lasting, seen.foreseen, lasting),
        with_components=step(state.with_components, with_full, brief),
        without=step(state.without, reported, brief),
        pseudo_cases=next_pseudo_cases(state.pseudo_cases, seen.components, known, mixture),
        gate_log_odds=next_gate(state.gate_log_odds, components, mixture),
        lasting_log_odds=next_gate(state.lasting_log_odds, memory, mixture),
    )


def next_strength(
    state: RiskState, cases_28d: Reals, expected_28d: Reals, overdispersion: float = 1.0
) -> RiskState:
    """Estimate anew, once a week, how alike cells are and how bursty their cases.

    Parameters
    ----------
    cases_28d, expected_28d : (n,) float64
        Sums over 28 days of cases, and of what was foreseen without the local factor.
    overdispersion : float
        `scan_null.overdispersion` of the last 28 to 56 days' cells and days against what was
        foreseen with the local factor.

    Notes
    -----
    Without this step the prior stays at 2 cases and flat risk is flagged in 1-3 % of cells;
    without overdispersion, counts of variance twice their mean are flagged in 3 %.
    """
    strength = prior_strength(cases_28d, expected_28d, state.strength, overdispersion)
    return replace(state, strength=strength, overdispersion=overdispersion)
