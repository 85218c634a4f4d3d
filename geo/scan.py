"""Scan statistics: where and since when there are more cases than expected.

Every statistic is a log likelihood ratio (LLR) of "more inside than outside", 0 where there
are fewer; the larger, the less likely by chance. What chance does is in `scan_null`.

- `poisson_llr`       total given, expected from people at risk (Kulldorff 1997)
- `bernoulli_llr`     cases among tested
- `permutation_llr`   cases only; expected from the cells' and the days' totals (2005)
- `expectation_llr`   expected from a model of the past, total free (Neill 2006)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from geo.columns import Index, Reals, Weights, is_count, reals
from geo.errors import ParameterError

FEWEST_CASES = 2.0


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters in falling order of LLR: zone row, duration in days, cases, expected."""

    zone: Index
    duration: Index
    llr: Reals
    cases: Reals
    expected: Reals


def expectation_llr(cases: ArrayLike, expected: ArrayLike) -> Reals:
    r"""Compare cases with what a model expected.

    Notes
    -----
    :math:`c\ln(c/B) + B - c` if :math:`c > B`, else 0 (Neill 2006). Any shape; where nothing
    was expected (B = 0) there is no verdict and the result is 0.
    """
    c, b = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    more = (c > b) & (b > 0)
    safe = np.where(more, b, 1.0)
    return np.where(more, xlogy(c, c / safe) + safe - c, 0.0)


def poisson_llr(cases: ArrayLike, expected: ArrayLike, total: float) -> Reals:
    r"""Compare a zone with the rest, the total being given.

    Parameters
    ----------
    cases, expected : float64 of any shape
        Cases, and expected cases scaled so that they add to `total` over everything.
    total : float
        All cases.

    Notes
    -----
    :math:`c\ln\frac{c}{E} + (C-c)\ln\frac{C-c}{C-E}` if :math:`c > E`, else 0 (Kulldorff 1997,
    Commun. Statist. 26:1481).
    """
    c, e = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    more = (c > e) & (e > 0) & (e < total)
    inside = np.where(more, e, 1.0)
    outside = np.where(more, total - e, 1.0)
    llr = xlogy(c, c / inside) + xlogy(total - c, (total - c).clip(0.0) / outside)
    return np.where(more, llr, 0.0)


def bernoulli_llr(
    cases: ArrayLike, tested: ArrayLike, total_cases: float, total_tested: float
) -> Reals:
    r"""Compare the share of cases among tested inside and outside.

    Notes
    -----
    :math:`\ln L(c, n) + \ln L(C-c, N-n) - \ln L(C, N)` with
    :math:`\ln L(c, n) = c\ln\frac cn + (n-c)\ln\frac{n-c}{n}` if :math:`c/n > (C-c)/(N-n)`,
    else 0 (Kulldorff 1997). A zone of everybody, or with more cases than tested, gives 0.
    """
    c, n = np.asarray(cases, dtype=np.float64), np.asarray(tested, dtype=np.float64)
    rest_c, rest_n = total_cases - c, total_tested - n
    fair = (n > 0) & (rest_n > 0) & (c <= n) & (rest_c <= rest_n)
    more = fair & (c * rest_n > rest_c * n)
    llr = _binomial(c, n, more) + _binomial(rest_c, rest_n, more)
    whole = _binomial(np.float64(total_cases), np.float64(total_tested), np.True_)
    return np.where(more, llr - whole, 0.0)


def permutation_expected(daily: ArrayLike, zones: Weights, longest: int) -> Reals:
    r"""Give the cases expected in each window if cell and day were independent.

    Parameters
    ----------
    daily : (n, d) float64
        Cases by cell and day of the study period, newest day last.

    Returns
    -------
    (z, longest) float64
        :math:`(\sum_d c_{zd})(\sum_z c_{zd})/C` for windows of 1..`longest` last days; 0
        without cases.

    Notes
    -----
    Needs no people at risk, but sees a rise of the whole city as no cluster, and is fooled
    when people move in or out during the period (Kulldorff et al. 2005, PLoS Med 2:e59).
    """
    table = np.nan_to_num(reals("daily", daily, ndim=2))
    total = table.sum()
    recent = np.cumsum(table.sum(axis=0)[::-1][:longest])
    share = recent / total if total > 0 else np.zeros(longest)
    return np.asarray(np.outer(zones @ table.sum(axis=1), share))


def trailing_baseline(city_daily: ArrayLike, people: ArrayLike, days: int) -> Reals:
    r"""Give the cases expected of each cell in the days after a trailing period.

    Parameters
    ----------
    city_daily : (d,) float64
        City cases a day, oldest first, whole weeks (28 as a rule); missing days, and days of a
        negative count, are left out.
    people : (n,) float64
        People at risk; a cell without usable people expects none.
    days : int
        Days to expect, the first one after the period.

    Returns
    -------
    (n, days) float64

    Notes
    -----
    Share of people times the period's mean times the weekday's factor: its mean over the
    period's mean, drawn half-way to 1 because four Mondays are few. The halving is this
    project's own.
    """
    daily, residents = reals("city_daily", city_daily), reals("people", people)
    if len(daily) == 0 or len(daily) % 7:
        raise ParameterError.of("city_daily", len(daily), "whole weeks of days")
    known = is_count(daily)
    mean = daily[known].mean() if known.any() else 0.0
    weeks = np.where(known, daily, mean).reshape(-1, 7).mean(axis=0)
    factor = 0.5 + 0.5 * weeks / mean if mean > 0 else np.ones(7)
    at_risk = np.where(np.isfinite(residents) & (residents > 0), residents, 0.0)
    share = at_risk / at_risk.sum() if at_risk.any() else at_risk
    return np.asarray(np.outer(share, mean * factor[np.arange(days) % 7]))


def clusters(
    llr: Reals,
    cases: Reals,
    expected: Reals,
    zones: Weights,
    *,
    most: int = 10,
    fewest_cases: float = FEWEST_CASES,
) -> Clusters:
    """Choose the clusters that tell different stories.

    Parameters
    ----------
    llr, cases, expected : (z, t) float64
        Statistic, cases and expected of each zone and duration.
    zones : (z, n) csr_array
        Zones.
    most : int
        Most clusters to give.
    fewest_cases : float
        Windows with fewer cases are no cluster.

    Returns
    -------
    Clusters
        In falling order of LLR, no two sharing a cell, LLR above 0; none without any. Of equal
        ones the zone of fewest cells comes first.
    """
    usable = np.where(cases >= fewest_cases, llr, 0.0)
    best = np.argmax(usable, axis=1)
    top = usable[np.arange(len(best)), best]
    taken = np.zeros(zones.shape[1], dtype=bool)
    chosen: list[int] = []
    for row in np.lexsort((np.diff(zones.indptr), -np.round(top, 9))):
        if top[row] <= 0 or len(chosen) == most:
            break
        members = zones.indices[zones.indptr[row] : zones.indptr[row + 1]]
        if not taken[members].any():
            taken[members] = True
            chosen.append(int(row))
    rows = np.array(chosen, dtype=np.intp)
    at = (rows, best[rows])
    return Clusters(rows, best[rows] + 1, llr[at], cases[at], expected[at])


def least_expected(threshold: float, risk: ArrayLike) -> Reals:
    r"""Say how many expected cases a zone needs before an excess of this size can be seen.

    Notes
    -----
    :math:`E = T/(RR\ln RR - RR + 1)` for a threshold T of the LLR (about 12.4 at 1 % on a map
    of 1,951 cells: 32 expected cases for RR 2, 9.6 for 3, 3.1 for 5, 0.9 for 10).
    """
    rr = reals("risk", risk)
    gain = xlogy(rr, rr) - rr + 1.0
    return np.where(rr > 1, threshold / np.where(rr > 1, gain, 1.0), np.inf)


def _binomial(c: ArrayLike, n: ArrayLike, where: ArrayLike) -> Reals:
    hits = np.where(where, c, 0.0)
    all_of = np.where(where, n, 0.0)
    misses = all_of - hits
    all_of = np.where(all_of > 0, all_of, 1.0)  # of none nothing is wrong
    return np.asarray(xlogy(hits, hits / all_of) + xlogy(misses, misses / all_of))
