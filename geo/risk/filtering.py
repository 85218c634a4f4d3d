r"""Filtering: what the components do not explain, a local factor that is forgotten in weeks.

.. math:: y_i \sim \mathrm{Poisson}(\mu_i\theta_i),\quad \theta_i \sim \mathrm{Gamma}(a_i, b_i)

A day forgets towards the anchor (mean 1) and then adds what was seen:
:math:`a \leftarrow \delta a + (1-\delta)\nu + y`, :math:`b \leftarrow \delta b + (1-\delta)\nu
+ \mu`. With :math:`\delta = 1` it is the Poisson-gamma model of Clayton & Kaldor (1987) with
prior mean 1. The discounted conjugate filter is in the Handbook of Discrete-Valued Time Series
(2016); anchoring it is this project's own.

How long a cell's own risk lasts is not known beforehand: some come and go with an outbreak, some
are the cell's for good. Two filters run side by side, one forgets in two weeks, one in six;
how well each forecasts says how far it is believed (as the gate does for components).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from geo.columns import Reals, positive, reals, same_length

DISCOUNT = float(np.exp(-1.0 / 14.0))
LASTING_DISCOUNT = float(np.exp(-1.0 / 42.0))
ANCHOR = 2.0
FEWEST_CITY_CASES = 20.0


@dataclass(frozen=True, slots=True)
class LocalFactors:
    """Gamma law of each cell's local factor, and the part of it that is prior alone."""

    shape: Reals
    rate: Reals
    anchor: float

    def mean(self) -> Reals:
        """Give the local factor a / b; 1 where nothing was seen."""
        return np.asarray(self.shape / self.rate)

    def seen_cases(self) -> Reals:
        """Give discounted cases, the prior taken off."""
        return np.asarray((self.shape - self.anchor).clip(0.0))

    def seen_expected(self) -> Reals:
        """Give discounted expected cases, the prior taken off."""
        return np.asarray((self.rate - self.anchor).clip(0.0))


def new_factors(cells: int, anchor: float = ANCHOR) -> LocalFactors:
    """Start `cells` local factors at mean 1, shape and rate `anchor`."""
    start = np.full(cells, positive("anchor", anchor))
    return LocalFactors(start, start.copy(), anchor)


def blended(one: LocalFactors, other: LocalFactors, share: float) -> LocalFactors:
    """Mix the evidence of two filters, `share` in [0, 1] of the other; their means bound its."""

    def mix(mine: Reals, theirs: Reals) -> Reals:
        return np.asarray((1.0 - share) * mine + share * theirs)

    anchor = (1.0 - share) * one.anchor + share * other.anchor
    return LocalFactors(mix(one.shape, other.shape), mix(one.rate, other.rate), anchor)


def log_predictive(factors: LocalFactors, cases: ArrayLike, expected: ArrayLike) -> Reals:
    r"""Give the log density of each cell's cases before they are used.

    Notes
    -----
    Negative binomial of size a and probability :math:`b/(b+\mu)`; for weighted cases its
    continuous extension. 0 where cases or expectation are missing: they say nothing.
    """
    count, mean = reals("cases", cases), reals("expected", expected)
    same_length(cases=count, expected=mean, factors=factors.shape)
    usable = np.isfinite(count) & (mean > 0)
    a, b, mu = factors.shape, factors.rate, np.where(usable, mean, 0.0)
    out = -a * np.log1p(mu / b)
    rows = np.flatnonzero(usable & (count > 0))
    y, shape = count[rows], a[rows]
    odds = np.log(mu[rows] / (b[rows] + mu[rows]))
    out[rows] += gammaln(y + shape) - gammaln(shape) - gammaln(y + 1.0) + y * odds
    return np.asarray(out)


def next_factors(
    factors: LocalFactors,
    cases: ArrayLike,
    expected: ArrayLike,
    *,
    strength: float,
    discount: float = DISCOUNT,
    overdispersion: float = 1.0,
) -> LocalFactors:
    r"""Forget one day and add its cases.

    Parameters
    ----------
    cases, expected : (n,) float64
        Weighted cases with this onset day, and how many the mean foresaw among those reported
        by now. A row where either is missing forgets and learns nothing; more retractions
        than cases cannot take a cell below its prior.
    strength : float
        Cases the prior is worth now; the anchor moves towards it.
    discount : float
        Share kept a day, in (0, 1]; 1 forgets nothing.
    overdispersion : float
        Variance over mean :math:`\phi` of a cell's daily cases, 1 or more. Cases and
        expectation count :math:`1/\phi` each (quasi-likelihood), for cases that come in bursts
        say less than as many that come alone. At 1 it is the plain Poisson model.
    """
    count, mean = reals("cases", cases), reals("expected", expected)
    same_length(cases=count, expected=mean, factors=factors.shape)
    usable = np.isfinite(count) & np.isfinite(mean) & (mean > 0)
    anchor = discount * factors.anchor + (1.0 - discount) * positive("strength", strength)
    prior = (1.0 - discount) * strength
    worth = 1.0 / positive("overdispersion", overdispersion)
    shape = discount * factors.shape + prior + worth * np.where(usable, count, 0.0)
    rate = discount * factors.rate + prior + worth * np.where(usable, mean, 0.0)
    return LocalFactors(np.maximum(shape, anchor), np.maximum(rate, anchor), anchor)


def restated(
    factors: LocalFactors,
    case_changes: ArrayLike,
    expected_changes: ArrayLike,
    *,
    days_ago: float,
    discount: float = DISCOUNT,
    overdispersion: float = 1.0,
) -> LocalFactors:
    r"""Correct for cases of a past day that came late, moved or were withdrawn.

    Notes
    -----
    :math:`a \mathrel{+}= \delta^{age} w`, :math:`b \mathrel{+}= \delta^{age} E m\,\Delta F`:
    exactly what the filter would hold had they been there on their day (at the mean foreseen
    then). A negative age counts as today.
    """
    faded = discount ** max(days_ago, 0.0) / positive("overdispersion", overdispersion)
    changes = np.nan_to_num(reals("case_changes", case_changes))
    growth = np.nan_to_num(reals("expected_changes", expected_changes))
    same_length(case_changes=changes, expected_changes=growth, factors=factors.shape)
    shape = np.maximum(factors.shape + faded * changes, factors.anchor)
    rate = np.maximum(factors.rate + faded * growth, factors.anchor)
    return LocalFactors(shape, rate, factors.anchor)


def prior_strength(
    cases_28d: ArrayLike,
    expected_28d: ArrayLike,
    before: float = ANCHOR,
    overdispersion: float = 1.0,
) -> float:
    r"""Estimate how alike cells are, from sums of 28 days (weekly).

    Notes
    -----
    :math:`\nu = \sum m^2/\sum((y-m)^2-\phi m)`, clipped to 0.5..50: moments of the negative
    binomial, :math:`\phi` the overdispersion that is no difference between cells. Fewer than
    20 city cases keep the value before; cells that vary less than chance give 50.
    """
    count, mean = reals("cases_28d", cases_28d), reals("expected_28d", expected_28d)
    same_length(cases_28d=count, expected_28d=mean)
    usable = np.isfinite(count) & np.isfinite(mean)
    count, mean = count[usable], mean[usable]
    if count.sum() < FEWEST_CITY_CASES:
        return before
    excess = max(1e-12, float(((count - mean) ** 2 - overdispersion * mean).sum()))
    return float(np.clip((mean**2).sum() / excess, 0.5, 50.0))
