r"""Mixture: one mean of all components, weights learnt from where cases appear, and a gate.

The *weights* are a share of each component in the city; the *responsibility* is its share in
one case; the *gate* says how far the whole mixture is to be believed over "no difference".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from geo.columns import Reals, fraction, positive, reals, same_length
from geo.errors import ParameterError

PRIOR_WEIGHTS = (0.60, 0.20, 0.10, 0.05, 0.05)
PRIOR_CASES = 50.0
MEMORY = 0.995
GATE_START = -2.0
GATE_MEMORY = 0.98


@dataclass(frozen=True, slots=True)
class MixtureSettings:
    """Prior weights and their strength in cases; memory a day of weights and gate."""

    prior_weights: tuple[float, ...] = PRIOR_WEIGHTS
    prior_cases: float = PRIOR_CASES
    memory: float = MEMORY
    gate_start: float = GATE_START
    gate_memory: float = GATE_MEMORY

    def __post_init__(self) -> None:
        total = sum(self.prior_weights)
        if abs(total - 1.0) > 1e-9 or min(self.prior_weights) < 0:
            raise ParameterError.of("prior_weights", self.prior_weights, "shares that add to 1")
        positive("prior_cases", self.prior_cases)
        fraction("memory", self.memory)
        fraction("gate_memory", self.gate_memory)

    def prior(self) -> Reals:
        """Give the pseudo-cases of each component before any case was seen."""
        return np.asarray(self.prior_cases * np.asarray(self.prior_weights, dtype=np.float64))


def weights_of(pseudo_cases: Reals) -> Reals:
    """Scale pseudo-cases to shares that add to 1."""
    return np.asarray(pseudo_cases / pseudo_cases.sum())


def mixture_mean(components: ArrayLike, weights: ArrayLike) -> Reals:
    r"""Give :math:`m_i = \sum_k \pi_k C_{ik}`; `components` is (n, k), `weights` (k,)."""
    columns, shares = reals("components", components, ndim=2), reals("weights", weights)
    same_length(weights=shares, components=columns.T)
    return np.asarray(columns @ shares)


def gated_mean(full: Reals, gate: float) -> Reals:
    """Mix the mean with 1 by the gate in [0, 1]."""
    return np.asarray(gate * full + (1.0 - gate))


def next_pseudo_cases(
    pseudo_cases: Reals, components: Reals, cases: Reals, settings: MixtureSettings
) -> Reals:
    r"""Attribute each case to components and forget a little (online EM, one day).

    Notes
    -----
    :math:`\alpha_k \leftarrow \rho\alpha_k + (1-\rho)\alpha_{0k} + \sum_i y_i\,
    \pi_k C_{ik}/m_i`, :math:`\rho` = 0.995 a day. Identifiable from about 50 cases on.
    """
    weights = weights_of(pseudo_cases)
    mean = mixture_mean(components, weights)
    known = np.where(np.isfinite(cases), cases, 0.0).clip(0.0)
    credit = (known / mean) @ components * weights
    kept = settings.memory * pseudo_cases + (1.0 - settings.memory) * settings.prior()
    return np.asarray(kept + credit)


def gate_of(log_odds: float) -> float:
    """Give the gate in [0, 1] of its log odds."""
    return float(expit(log_odds))


def next_gate(log_odds: float, advantage: float, settings: MixtureSettings) -> float:
    r"""Carry the gate one day on.

    Notes
    -----
    :math:`l_t = l_0 + \phi(l_{t-1} - l_0) + A_t` with the day's advantage :math:`A_t`, the
    summed log predictive density with components less that without. A gate that was open is
    half forgotten in 34 days.
    """
    start = settings.gate_start
    return start + settings.gate_memory * (log_odds - start) + advantage
