r"""Rates of small areas, shrunk towards the mean where few people are at risk.

With cases O_i among people n_i: the *crude* rate is O_i / n_i; the *expected* number is what the
mean rate would give; an *empirical Bayes* rate lies between the crude rate and a mean, nearer to
the mean the fewer people there are. A row without usable cases or people is left out of every
mean, and its result is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.columns import Flags, Reals, Weights, is_at_risk, is_count, ratio, reals, same_length


@dataclass(frozen=True, slots=True)
class Prior:
    """Mean and variance (0 or more) of the true rates among areas."""

    mean: float
    variance: float


def crude_rates(cases: ArrayLike, people: ArrayLike) -> Reals:
    """Divide cases by people at risk; NaN in rows that cannot be used."""
    count, at_risk, usable = _columns(cases, people)
    return ratio(np.where(usable, count, np.nan), at_risk)


def expected_cases(cases: ArrayLike, people: ArrayLike) -> Reals:
    r"""Give each area's cases at the mean rate, :math:`E_i = n_i \sum O / \sum n`.

    0 where nobody is at risk; NaN where people is missing or negative; 0 everywhere without
    cases.
    """
    count, at_risk, usable = _columns(cases, people)
    total = at_risk[usable].sum()
    rate = count[usable].sum() / total if total > 0 else 0.0
    return np.asarray(np.where(is_count(at_risk), at_risk, np.nan) * rate)


def standardised_expected(people: ArrayLike, stratum_rates: ArrayLike) -> Reals:
    r"""Give expected cases from rates by stratum (age): :math:`E_i = \sum_s n_{is} r_s`.

    Parameters
    ----------
    people : (n, s) float64
        People at risk by area and stratum; a NaN makes the area's result NaN.
    stratum_rates : (s,) float64
        Cases a person in each stratum of the reference population.
    """
    groups, rate = reals("people", people, ndim=2), reals("stratum_rates", stratum_rates)
    same_length(stratum_rates=rate, people=groups.T)
    return np.asarray(groups @ rate, dtype=np.float64)


def excess_risk(cases: ArrayLike, people: ArrayLike) -> Reals:
    """Divide cases by expected cases (SMR); NaN where none can be expected."""
    usable = _columns(cases, people)[2]
    count = np.where(usable, reals("cases", cases), np.nan)
    return ratio(count, expected_cases(cases, people))


def marshall_prior(cases: ArrayLike, people: ArrayLike) -> Prior:
    r"""Estimate mean and variance of the true rates by moments.

    Notes
    -----
    :math:`m = \sum O/\sum n`, :math:`s^2 = \sum n_i (r_i - m)^2 / \sum n`,
    :math:`A = \max(0, s^2 - m/\bar n)` (Marshall 1991, Appl. Statist. 40:283, as documented
    in spdep EBest and PySAL esda; esda does not clip A and can give negative rates). No usable
    row gives (NaN, 0).
    """
    count, at_risk, usable = _columns(cases, people)
    count, at_risk = count[usable], at_risk[usable]
    if not len(count):
        return Prior(float("nan"), 0.0)
    mean = count.sum() / at_risk.sum()
    spread = (at_risk * (count / at_risk - mean) ** 2).sum() / at_risk.sum()
    return Prior(float(mean), float(max(0.0, spread - mean / at_risk.mean())))


def shrunk_rates(cases: ArrayLike, people: ArrayLike, prior: Prior | None = None) -> Reals:
    r"""Give Marshall's global empirical Bayes rates.

    Parameters
    ----------
    cases, people : (n,) float64
        Cases, and people at risk.
    prior : Prior, optional
        Mean and variance to shrink to; estimated from the columns if left out.

    Returns
    -------
    (n,) float64
        Cases a person, between the crude rate and the mean.

    Notes
    -----
    :math:`m + (r_i - m)\,A / (A + m/n_i)` (Marshall 1991).
    """
    count, at_risk, usable = _columns(cases, people)
    prior = prior or marshall_prior(count, at_risk)
    size = np.where(usable, at_risk, np.nan)
    weight = _weight(np.full(len(size), prior.mean), np.full(len(size), prior.variance), size)
    return np.asarray(prior.mean + (count / size - prior.mean) * weight)


def locally_shrunk_rates(cases: ArrayLike, people: ArrayLike, weights: Weights) -> Reals:
    r"""Give Marshall's local empirical Bayes rates, shrunk to the mean of the neighbourhood.

    Parameters
    ----------
    cases, people : (n,) float64
        Cases, and people at risk.
    weights : (n, n) csr_array
        Binary neighbourhood of each area, the area itself included.

    Returns
    -------
    (n,) float64
        Cases a person. An island keeps its crude rate's mean, which is its crude rate.

    Notes
    -----
    As the global one with :math:`m_i, s^2_i, \bar n_i` over the neighbourhood :math:`J_i`.
    The spread is computed as :math:`\sum n r^2/\sum n - m_i^2`, clipped at 0.
    """
    count, at_risk, usable = _columns(cases, people)
    size: Reals = np.where(usable, at_risk, 0.0)
    hits: Reals = np.where(usable, count, 0.0)
    squares = ratio(hits**2, size)
    near = weights @ size
    mean = ratio(weights @ hits, near)
    spread = np.maximum(ratio(weights @ np.nan_to_num(squares), near) - mean**2, 0.0)
    typical = ratio(near, np.asarray(weights @ usable.astype(np.float64)))
    variance = np.maximum(0.0, spread - ratio(mean, typical))
    own = np.where(usable, at_risk, np.nan)
    return np.asarray(mean + (count / own - mean) * _weight(mean, variance, own))


def shrunk_proportions(cases: ArrayLike, people: ArrayLike) -> Reals:
    r"""Give empirical Bayes proportions for positivity or fever share (binomial).

    Notes
    -----
    With :math:`s^2, m, \bar n` as in Marshall's prior,
    :math:`\rho_i = \frac{n_i s^2 - (n_i/\bar n) m(1-m)}
    {(n_i-1) s^2 + ((\bar n - n_i)/\bar n) m(1-m)}` and the estimate
    :math:`\rho_i p_i + (1-\rho_i) m` (Martuzzi & Elliott 1996, Stat. Med. 15:1867, as in spdep
    EBest "binomial"). Here :math:`\rho` is clipped to [0, 1], which spdep does not do.
    """
    count, at_risk, usable = _columns(cases, people)
    usable &= count <= at_risk
    size = np.where(usable, at_risk, np.nan)
    if not usable.any():
        return size
    share, typical = count / size, float(np.nanmean(size))
    mean = float(count[usable].sum() / at_risk[usable].sum())
    spread = float(np.nansum(size * (share - mean) ** 2) / np.nansum(size))
    binomial = mean * (1.0 - mean)
    above = size * spread - size / typical * binomial
    below = (size - 1.0) * spread + (typical - size) / typical * binomial
    weight = np.clip(np.nan_to_num(ratio(above, below)), 0.0, 1.0)
    return np.asarray(weight * share + (1.0 - weight) * mean)


def standardised_rates(cases: ArrayLike, people: ArrayLike, prior: Prior | None = None) -> Reals:
    r"""Give rates as standard deviations from the mean, each by its own reliability.

    Returns
    -------
    (n,) float64
        Dimensionless, mean about 0; this and not the raw count is what hot-spot statistics
        take. 0 where rates cannot differ (no cases at all).

    Notes
    -----
    :math:`(r_i - m)/\sqrt{A + m/n_i}` (Assuncao & Reis 1999, Stat. Med. 18:2147; the transform
    behind spdep EBImoran and esda Moran_Rate, where A below 0 is 0).
    """
    count, at_risk, usable = _columns(cases, people)
    prior = prior or marshall_prior(count, at_risk)
    size = np.where(usable, at_risk, np.nan)
    deviation = np.sqrt(prior.variance + prior.mean / size)
    return np.where(deviation == 0, 0.0, ratio(count / size - prior.mean, deviation))


def _columns(cases: ArrayLike, people: ArrayLike) -> tuple[Reals, Reals, Flags]:
    count, at_risk = reals("cases", cases), reals("people", people)
    same_length(cases=count, people=at_risk)
    return count, at_risk, is_at_risk(count, at_risk)


def _weight(mean: Reals, variance: Reals, people: Reals) -> Reals:
    # Without cases both terms are 0: the crude rate is the mean, so any weight will do.
    return np.nan_to_num(ratio(variance, variance + mean / people))
