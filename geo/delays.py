"""Delays: how much of a day is reported by now, and what the day will come to.

- the *delay* of a case is report date less onset date, in whole days, 0 or more
- the *reported share* F(a) is the chance that a delay is at most a days
- a *nowcast* divides the cases known of a day by F of its age, with an interval
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from geo.columns import Reals, ratio, reals, same_length
from geo.errors import ParameterError

FLOOR = 0.05
LOOK_BACK_DAYS = 28


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Cases of each day when all are reported, with a 90 % interval; NaN where unknown."""

    cases: Reals
    lower: Reals
    upper: Reals


def reported_share(
    delay_days: ArrayLike, age_days: ArrayLike, weight: ArrayLike, longest: int = 30
) -> Reals:
    r"""Estimate the share reported by age, from cases whose onset may be too recent to be whole.

    Parameters
    ----------
    delay_days : (n,) float64
        Delay of each case reported so far. Negative (report before onset) counts as 0; NaN
        leaves the case out.
    age_days : (n,) float64
        Days from the case's onset until now: the longest delay that could have been seen.
    weight : (n,) float64
        Weight of each case.
    longest : int
        Longest delay kept, 1 or more; all is reported after it.

    Returns
    -------
    (longest + 1,) float64
        :math:`F(0), ..., F(longest) = 1`, rising, at least 0.05. All 1 without any case.

    Notes
    -----
    A case of yesterday can only have been seen with a delay of 0 or 1, so counting delays
    alone makes reporting look fast. The reverse hazard uses, for each delay d, only cases old
    enough to show it: :math:`F(d-1) = F(d)(1 - h_d)`, :math:`h_d` the share with delay d among
    those with delay at most d and age at least d (Lagakos, Barraj & De Gruttola 1988).
    """
    if longest < 1:
        raise ParameterError.of("longest", longest, "1 day or more")
    delay, age, mass = (
        reals(name, column)
        for name, column in (("delay_days", delay_days), ("age_days", age_days), ("weight", weight))
    )
    same_length(delay_days=delay, age_days=age, weight=mass)
    known = np.isfinite(delay) & np.isfinite(age) & (mass > 0) & (delay <= longest)
    late = np.maximum(np.floor(delay[known]), 0).astype(np.intp)
    old = np.maximum(np.floor(age[known]), late)
    share = np.ones(longest + 1)
    for d in range(longest, 0, -1):
        seen = (late <= d) & (old >= d)
        at_most = mass[known][seen].sum()
        exactly = mass[known][seen & (late == d)].sum()
        share[d - 1] = share[d] * (1.0 - exactly / at_most if at_most > 0 else 1.0)
    return share.clip(FLOOR, 1.0)


def share_at(age_days: ArrayLike, share: ArrayLike) -> Reals:
    """Read the reported share at whole ages; 0 days counts as the first, old ages as all."""
    table = reals("share", share)
    age = np.nan_to_num(reals("age_days", age_days)).astype(np.intp).clip(0, len(table) - 1)
    return np.asarray(table[age])


def nowcast(cases: ArrayLike, share: ArrayLike) -> Nowcast:
    r"""Foresee what each day comes to when all its cases are reported.

    Parameters
    ----------
    cases : (d,) float64
        Cases of each onset day known by now; negative or missing gives NaN.
    share : (d,) float64
        Reported share of each day, in (0, 1].

    Notes
    -----
    The estimate is :math:`y/F`. The ends come from the binomial law of y among N cases as
    Clopper and Pearson's do: what is still unreported is at least the 5 % point of a negative
    binomial of size y and at most the 95 % point of one of size y + 1, both with probability
    F; so the interval covers at least 90 %, and a day without a case so far has an upper end.
    """
    known, done = reals("cases", cases), reals("share", share)
    same_length(cases=known, share=done)
    usable = np.isfinite(known) & (known >= 0) & (done > 0)
    y = np.where(usable, known, np.nan)
    f = np.where(usable, done.clip(FLOOR, 1.0), np.nan)
    least = np.where(y > 0, _unreported(np.maximum(y, 1.0), f, 0.05), y)
    return Nowcast(y / f, y + least, y + _unreported(y + 1.0, f, 0.95))


def as_sure_as(cases: ArrayLike, share: ArrayLike) -> Reals:
    r"""Give how many cases, all reported, are as sure a number as a sum of corrected days.

    Parameters
    ----------
    cases : (n, d) float64
        Cases of each day known by now, 0 or more.
    share : (d,) float64
        Reported share of each day, in (0, 1].

    Returns
    -------
    (n,) float64
        At most the cases known; 0 without any.

    Notes
    -----
    :math:`(\sum y/F)^2 / \sum y/F^2`: with y Poisson, the variance of
    :math:`\ln\sum y/F` is one over it, as that of the logarithm of a count is one over the count.
    """
    known, done = reals("cases", cases, ndim=2), reals("share", share)
    same_length(share=done, cases=known.T)
    return np.nan_to_num(ratio((known / done).sum(axis=1) ** 2, (known / done**2).sum(axis=1)))


def _unreported(size: Reals, share: Reals, probability: float) -> Reals:
    """Give the quantile of a negative binomial: the least whole k with P(K <= k) enough."""
    low, high = np.full(len(share), -1.0), np.ceil((size + 20.0) * 40.0 / share)
    while (wide := high - low > 1).any():  # halving whole numbers: some 25 rounds
        middle = np.floor((low + high) / 2.0)
        enough = betainc(size, middle + 1.0, share) >= probability
        low = np.where(wide & ~enough, middle, low)
        high = np.where(wide & enough, middle, high)
    return np.asarray(high, dtype=np.float64)
