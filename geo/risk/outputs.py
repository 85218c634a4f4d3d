"""Outputs: what is shown of a cell's risk, how sure it is, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaincinv, nbdtrik

from geo.columns import Flags, Reals, fraction, reals, same_length
from geo.risk.filtering import LocalFactors

SURE = 0.8
LISTED_FALSE = 0.10


class RiskClass(IntEnum):
    """Classes of a map; INSUFFICIENT is drawn as such, never as low risk."""

    INSUFFICIENT = -1
    ORDINARY = 0
    ELEVATED = 1
    HIGH = 2
    VERY_HIGH = 3


@dataclass(frozen=True, slots=True)
class RelativeRisk:
    """Columns of the published score: mean, 90 % interval, exceedance probabilities."""

    mean: Reals
    lower: Reals
    upper: Reals
    above_1: Reals
    above_1_5: Reals
    above_2: Reals


def relative_risk(mean: ArrayLike, factors: LocalFactors) -> RelativeRisk:
    r"""Read the score of each cell off its law.

    Parameters
    ----------
    mean : (n,) float64
        Gated mean m of the components; NaN where nobody lives, and so are the results there.
    factors : LocalFactors
        Gamma law of the local factor.

    Notes
    -----
    :math:`RR = m\theta`: mean :math:`m a/b`, interval between the 5 and 95 % points of
    Gamma(a, scale m/b), :math:`P(RR>c) = Q(a, cb/m)`.
    """
    centre, a = reals("mean", mean), factors.shape
    same_length(mean=centre, factors=a)
    centre = np.where(centre > 0, centre, np.nan)
    scale = centre / factors.rate
    return RelativeRisk(
        a * scale,
        scale * gammaincinv(a, 0.05),
        scale * gammaincinv(a, 0.95),
        *(np.asarray(gammaincc(a, c / scale)) for c in (1.0, 1.5, 2.0)),
    )


def shares(components: ArrayLike, weights: ArrayLike, gate: float, mean: ArrayLike) -> Reals:
    r"""Split each cell's mean into shares of the components, (n, k), rows add to 1.

    Notes
    -----
    :math:`g\pi_kC_{ik}/m_i`; the background also gets :math:`(1-g)/m_i`. Attribution, not
    causation: components are correlated. The local factor multiplies on top:
    :math:`\log RR = \log m + \log(a/b)`.
    """
    columns, m = reals("components", components, ndim=2), reals("mean", mean)
    part = gate * columns * reals("weights", weights) / m[:, None]
    part[:, 0] += (1.0 - gate) / m
    return np.asarray(part)


def classes(risk: RelativeRisk, factors: LocalFactors, cases_14d: ArrayLike) -> NDArray[np.int8]:
    """Class each cell.

    Returns
    -------
    (n,) int8
        `RiskClass`: elevated from P(RR > 1) >= 0.8, high from P(RR > 1.5) >= 0.8, very high
        from P(RR > 2) >= 0.8 with at least 3 weighted cases in 14 days; insufficient where
        fewer than 1 discounted case was seen and fewer than 0.5 were expected, or nobody lives.
        Richardson et al. (2004) inspired 0.8; the classes are this project's own.
    """
    recent = reals("cases_14d", cases_14d)
    same_length(cases_14d=recent, factors=factors.shape)
    out = (risk.above_1 >= SURE).astype(np.int8)
    out[risk.above_1_5 >= SURE] = RiskClass.HIGH
    out[(risk.above_2 >= SURE) & (recent >= 3)] = RiskClass.VERY_HIGH
    unknown = (factors.seen_cases() < 1.0) & (factors.seen_expected() < 0.5)
    out[unknown | ~np.isfinite(risk.mean)] = RiskClass.INSUFFICIENT
    return out


def listed(above: ArrayLike, most_false: float = LISTED_FALSE) -> Flags:
    r"""Choose the cells for a list so that few of them are expected to be wrong.

    Notes
    -----
    The largest set, by falling :math:`P`, whose mean of :math:`1-P` is at most `most_false`
    (Bayesian false discovery rate, Newton et al. 2004).
    """
    sure = reals("above", above)
    known = np.flatnonzero(np.isfinite(sure))
    order = known[np.argsort(-sure[known], kind="stable")]
    wrong = np.cumsum(1.0 - sure[order]) / np.arange(1, len(order) + 1)
    keep = int((wrong <= fraction("most_false", most_false)).sum())
    chosen = np.zeros(len(sure), dtype=bool)
    chosen[order[:keep]] = True
    return chosen


def expected_ahead(
    expected: ArrayLike, mean: ArrayLike, factors: LocalFactors, days: float = 7.0
) -> tuple[Reals, Reals, Reals]:
    r"""Foresee the cases of the next days with a 90 % interval, if nothing changes.

    Notes
    -----
    Mean :math:`d E m a/b`; the interval of the negative binomial of size a and probability
    :math:`b/(b+dEm)`, its ends whole numbers with at least 5 % at or below, 95 % at or below.
    """
    mu = days * reals("expected", expected) * reals("mean", mean)
    p = factors.rate / (factors.rate + mu)
    ends = [np.ceil(_nb_point(q, factors.shape, p)) for q in (0.05, 0.95)]
    return np.asarray(mu * factors.mean()), ends[0], ends[1]


def _nb_point(probability: float, size: Reals, p: Reals) -> Reals:
    # nbdtrik gives the real-valued inverse; below the mass at 0 it has none, and 0 is meant.
    nothing = p**size >= probability
    point = nbdtrik(probability, np.where(nothing, 1.0, size), np.where(nothing, 0.5, p))
    return np.where(np.isnan(p), np.nan, np.where(nothing, 0.0, np.maximum(point - 1e-9, 0.0)))


def incidence_per_100k(mean_risk: ArrayLike, cases_per_day: float, people: float) -> Reals:
    """Give daily cases per 100,000: relative risk times the city's rate; NaN in an empty city."""
    rate = 1e5 * cases_per_day / people if people > 0 else float("nan")
    return np.asarray(reals("mean_risk", mean_risk) * rate)


def colour(risk: RelativeRisk) -> tuple[Reals, Reals]:
    """Give log2 of relative risk clipped to -2..3, and opacity |2 P(RR > 1) - 1|."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log2(risk.mean), -2.0, 3.0), np.abs(2.0 * risk.above_1 - 1.0)
