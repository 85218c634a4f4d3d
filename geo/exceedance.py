r"""Exceedance: p-values of counts beside their own past that bear being compared.

EARS and ESSENCE's EWMA have p-values of normal and t laws. On quiet small counts these are too
small (p below 0.001 on 0.2 to 2 % of days), so that among 300 quiet series a false discovery is
made on 17 to 100 % of days at a nominal 5 %. Alarms over many series need the p-values here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, betaln, gammaln

from geo.columns import Flags, Reals, fraction, reals, same_length
from geo.errors import ParameterError

BASELINE_DAYS = 28
GUARD_DAYS = 2
TERMS = 2_000


def series_overdispersion(counts: ArrayLike) -> float:
    r"""Estimate variance over mean of a day's count, alike for all series.

    Notes
    -----
    :math:`\phi = \max(1, \sum_i s_i^2/\sum_i\bar y_i)` over series of (n, t) counts; missing
    days are left out. 1 without any count.
    """
    table = reals("counts", counts, ndim=2)
    known = np.isfinite(table)
    number = known.sum(axis=1)
    rows = number > 1
    total = np.where(known, table, 0.0).sum(axis=1)[rows]
    mean = total / number[rows]
    away = np.where(known[rows], table[rows] - mean[:, None], 0.0)
    spread = (away**2).sum(axis=1) / (number[rows] - 1)
    return max(1.0, float(spread.sum() / mean.sum())) if mean.sum() > 0 else 1.0


def exceedance_p(
    counts: ArrayLike,
    *,
    dispersion: float = 1.0,
    days: int = 1,
    baseline: int = BASELINE_DAYS,
    guard: int = GUARD_DAYS,
    share: ArrayLike = 1.0,
) -> Reals:
    r"""Give the chance of the last days' count or more, given the days before.

    Parameters
    ----------
    counts : (n, t) float64
        Counts a day as known by now, oldest first, not negative.
    dispersion : float
        Variance over mean of a day's count, 1 or more.
    days : int
        Days tested together: 1 sees jumps, 7 sees rises and no weekday.
    baseline, guard : int
        Days compared with, and days left out between.
    share : float or (t,) float64
        Share of each day's count that is known by now, in (0, 1].

    Returns
    -------
    (n,) float64
        For the newest days; NaN where a day in use is missing or the series is too short; 1
        where the last days are empty.

    Notes
    -----
    Given the sum N of all days in use, the tested part is beta-binomial with
    :math:`a = d r, b = B r`, :math:`r = \bar y/(\phi-1)`, for days that are negative binomial
    with one variance over mean; at :math:`\phi = 1` it is the exact binomial test of two
    Poisson rates (Przyborowski & Wilenski 1940). The unknown mean cancels. A day of which the
    share F is known counts as F days in d and B: dividing its count by F instead would make a
    few early reports look like many (p below 0.001 on 0.4 % of quiet days at F(3) = 0.35).
    """
    table = reals("counts", counts, ndim=2)
    if min(days, baseline) < 1 or guard < 0 or not dispersion >= 1:
        chosen = (days, baseline, guard, dispersion)
        raise ParameterError.of("days, baseline, guard, dispersion", chosen, ">= 1, 1, 0, 1")
    known = np.broadcast_to(np.asarray(share, dtype=np.float64), table.shape[1:])
    if not ((known > 0) & (known <= 1)).all():
        raise ParameterError.of("share", share, "shares in (0, 1]")
    p = np.full(len(table), np.nan)
    first = table.shape[1] - days - guard - baseline
    if first < 0:
        return p
    in_past, tested = slice(first, first + baseline), slice(-days, None)
    past, now = table[:, in_past].sum(axis=1), table[:, tested].sum(axis=1)
    usable = np.isfinite(past) & np.isfinite(now) & (past >= 0) & (now >= 0)
    length = float(known[tested].sum()), float(known[in_past].sum())
    p[usable] = _tail(np.round(now[usable]), np.round(past[usable]), *length, dispersion)
    return p


def rate_ratio_interval(
    now: ArrayLike,
    past: ArrayLike,
    lengths: tuple[float, float],
    *,
    dispersion: float = 1.0,
    level: float = 0.90,
) -> tuple[Reals, Reals]:
    r"""Give the interval of how many times its own past a series is now.

    Parameters
    ----------
    now, past : (n,) float64
        Counts of the two times.
    lengths : pair of float
        How long they are, in days (a day of which the share F is known as F days).
    dispersion : float
        Variance over mean of a day's count, 1 or more.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    lower, upper : (n,) float64
        Lower end 0 without a count now, upper end infinite without one before; NaN where a count
        is missing or negative.

    Notes
    -----
    Clopper and Pearson's ends of the share q of all counts that are of now, each count worth
    :math:`1/\phi`; the ratio is :math:`q/(1-q)` times past over present length.
    """
    tail = (1.0 - fraction("level", level)) / 2.0
    recent, before = reals("now", now), reals("past", past)
    same_length(now=recent, past=before)
    if not (min(lengths) > 0 and dispersion >= 1):
        raise ParameterError.of("lengths, dispersion", (lengths, dispersion), "> 0, 1 or more")
    usable = (recent >= 0) & (before >= 0)
    a, b = (np.where(usable, count, np.nan) / dispersion for count in (recent, before))
    low = np.where(a == 0, 0.0 * b, betaincinv(np.where(a > 0, a, 1.0), b + 1.0, tail))
    high = np.where(b == 0, 1.0 + 0.0 * a, betaincinv(a + 1.0, np.where(b > 0, b, 1.0), 1 - tail))
    with np.errstate(divide="ignore"):
        lower, upper = (q / (1.0 - q) * lengths[1] / lengths[0] for q in (low, high))
    return np.where(usable, lower, np.nan), np.where(usable, upper, np.nan)


def _tail(now: Reals, past: Reals, days: float, baseline: float, dispersion: float) -> Reals:
    total = now + past
    out = np.ones(len(now))
    some = now > 0
    if dispersion - 1 < 1e-6:
        share = days / (days + baseline)
        out[some] = betainc(now[some], past[some] + 1.0, share)
        return out
    size = total[some] / (days + baseline) / (dispersion - 1.0)
    out[some] = _beta_binomial_tail(now[some], total[some], days * size, baseline * size)
    return out


def _beta_binomial_tail(y: Reals, total: Reals, a: Reals, b: Reals) -> Reals:
    """Give P(Y >= y), summing whichever side of y has the smaller terms."""
    upper = y > total * a / (a + b)
    k = np.where(upper, y, y - 1.0)  # first term of either side
    choose = gammaln(total + 1.0) - gammaln(k + 1.0) - gammaln(total - k + 1.0)
    term = np.exp(choose + betaln(k + a, total - k + b) - betaln(a, b))
    sums = np.zeros(len(y))
    for _ in range(TERMS):
        sums += term
        if not (term > 1e-12 * sums).any():
            break
        step, ended = _ratio(k, total, (a, b), upper)
        term = np.where(ended, 0.0, term * step)
        k = np.where(ended, k, np.where(upper, k + 1.0, k - 1.0))
    return np.clip(np.where(upper, sums, 1.0 - sums), 0.0, 1.0)


def _ratio(k: Reals, total: Reals, shape: tuple[Reals, Reals], upper: Flags) -> tuple[Reals, Flags]:
    """Give the next term over this one, going up or down from k, and whether there is none."""
    a, b = shape
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (total - k) * (a + k) / ((k + 1.0) * (b + total - k - 1.0))
        down = k * (b + total - k) / ((total - k + 1.0) * (a + k - 1.0))
    return np.where(upper, up, down), np.where(upper, k >= total, k <= 0)
