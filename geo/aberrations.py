"""Aberrations: days on which one series of counts is unusual beside its own past.

All take (n, t) counts, oldest day first, and give (n, t) columns; a missing day (NaN) makes
NaN every result whose baseline or test day holds it, and is no alarm. Case series must first
be corrected for what is not reported yet, and every alarm of a tick then goes through
`significance.discoveries` over all series.

Which one: below 0.3 a day none at all (use scan and risk); 0.3 to 10 ESSENCE's EWMA; above 10
with little history C2 and EWMA; weekly series of four years Farrington's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from geo.columns import Flags, Reals, fraction, positive, reals
from geo.errors import ParameterError

BASELINE_DAYS = 7
GUARD_DAYS = 2


class Method(StrEnum):
    """What suits a series."""

    NONE = "none"
    EWMA = "ewma"
    C2_AND_EWMA = "c2+ewma"
    FARRINGTON = "farrington"


@dataclass(frozen=True, slots=True)
class Alarms:
    """Expected count, upper bound, alarm and one-sided p (NaN where a method has none)."""

    expected: Reals
    upper: Reals
    alarm: Flags
    p: Reals


def method_for(mean_per_day: float, years: float, *, weekly: bool = False) -> Method:
    """Choose the method for a series by its mean and the length of its history."""
    if weekly and years >= 4:
        return Method.FARRINGTON
    if mean_per_day < 0.3:
        return Method.NONE
    return Method.EWMA if mean_per_day <= 10 else Method.C2_AND_EWMA


def ears(
    counts: ArrayLike,
    *,
    guard: int = 0,
    alpha: float = 0.001,
    baseline: int = BASELINE_DAYS,
    least_deviation: float = 0.5,
) -> Alarms:
    r"""Compare each day with the days just before it: EARS C1 (guard 0) and C2 (guard 2).

    Parameters
    ----------
    counts : (n, t) float64
        Counts a day.
    guard : int
        Days left out between baseline and test day, so that an outbreak does not raise its own
        baseline.
    alpha : float
        One-sided level.
    baseline : int
        Days compared with, 2 or more.
    least_deviation : float
        Floor of the standard deviation; 0 is the original, under which one case after seven
        zeros is an alarm.

    Returns
    -------
    Alarms
        NaN on the first `baseline + guard` days; alarm is a count above `upper`.

    Notes
    -----
    :math:`U = \bar y + z_{1-\alpha}\max(s, s_{min})`, s with n - 1 (Fricker, Hegler & Dunfee
    2008; surveillance earsC).
    """
    table = reals("counts", counts, ndim=2)
    mean, deviation = _baseline(table, baseline, guard)
    spread = np.maximum(deviation, least_deviation)
    upper = mean + float(ndtri(1.0 - fraction("alpha", alpha))) * spread
    with np.errstate(invalid="ignore", divide="ignore"):
        return Alarms(mean, upper, table > upper, np.asarray(ndtr((mean - table) / spread)))


def ears_c3(
    counts: ArrayLike,
    *,
    alpha: float = 0.025,
    baseline: int = BASELINE_DAYS,
    least_deviation: float = 0.5,
) -> Alarms:
    r"""Compare each day and the excess of the two before with their baselines: EARS C3.

    Notes
    -----
    With :math:`C_2 = (y - \bar y)/s` of `ears` with guard 2, the bound is
    :math:`\bar y_t + s_t\,(z_{1-\alpha} - \sum_{i=t-2}^{t-1}\max(0, C_2(i) - 1))`. Days
    whose own C2 is missing add nothing.
    """
    table = reals("counts", counts, ndim=2)
    mean, deviation = _baseline(table, baseline, GUARD_DAYS)
    spread = np.maximum(deviation, least_deviation)
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.nan_to_num(np.maximum((table - mean) / spread - 1.0, 0.0), posinf=0.0)
    carried = np.zeros_like(table)
    carried[:, 1:] += excess[:, :-1]
    carried[:, 2:] += excess[:, :-2]
    upper = mean + spread * (float(ndtri(1.0 - fraction("alpha", alpha))) - carried)
    return Alarms(mean, upper, table > upper, np.full(table.shape, np.nan))


def cusum(
    counts: ArrayLike, expected: ArrayLike, *, k: float = 1.04, h: float = 2.26, rossi: bool = False
) -> tuple[Reals, Flags]:
    r"""Add up standardised excess and alarm when it passes h.

    Parameters
    ----------
    counts, expected : (n, t) float64
        Counts and their means in control; a day without a mean above 0 adds nothing and keeps
        the sum.
    k, h : float
        Reference value and decision limit, in standard deviations.
    rossi : bool
        Standardise by Rossi's variance-stabilising transform in place of
        :math:`(y-m)/\sqrt m`.

    Returns
    -------
    sums, alarm : (n, t)
        The sum is not reset by an alarm.

    Notes
    -----
    :math:`S_t = \max(0, S_{t-1} + x_t - k)`; Rossi, Lampugnani & Marchi (1999):
    :math:`x = (y - 3m + 2\sqrt{ym})/(2\sqrt m)`. The defaults are those of surveillance
    algo.cusum.
    """
    y, m = reals("counts", counts, ndim=2), reals("expected", expected, ndim=2)
    usable = np.isfinite(y) & (y >= 0) & (m > 0)
    mean, seen = np.where(usable, m, 1.0), np.where(usable, y, 1.0)
    x = (seen - mean) / np.sqrt(mean)
    if rossi:
        x = (seen - 3.0 * mean + 2.0 * np.sqrt(seen * mean)) / (2.0 * np.sqrt(mean))
    steps = np.where(usable, x - k, 0.0)
    sums, level = np.empty_like(steps), np.zeros(len(steps))
    for t in range(steps.shape[1]):
        level = np.maximum(0.0, level + steps[:, t])
        sums[:, t] = level
    return sums, sums >= positive("h", h)


def ewma_chart(
    counts: ArrayLike,
    mean: ArrayLike,
    deviation: ArrayLike,
    *,
    weight: float = 0.3,
    width: float = 3.0,
) -> tuple[Reals, Flags]:
    r"""Smooth each series exponentially and alarm above its control limit.

    Parameters
    ----------
    counts : (n, t) float64
        Counts; a missing day keeps the smoothed value.
    mean, deviation : (n,) float64
        Of a day in control.
    weight, width : float
        Smoothing weight in (0, 1) and limit in standard deviations.

    Notes
    -----
    :math:`z_t = \lambda y_t + (1-\lambda)z_{t-1}`, :math:`z_0` the mean, limit
    :math:`m + L s\sqrt{\lambda/(2-\lambda)}` (Roberts 1959).
    """
    y, m, s = reals("counts", counts, ndim=2), reals("mean", mean), reals("deviation", deviation)
    share = fraction("weight", weight)
    limit = m + positive("width", width) * s * np.sqrt(share / (2.0 - share))
    smooth, level = np.empty_like(y), m.copy()
    for t in range(y.shape[1]):
        level = np.where(np.isfinite(y[:, t]), share * y[:, t] + (1.0 - share) * level, level)
        smooth[:, t] = level
    return smooth, smooth > limit[:, None]


def _baseline(table: Reals, days: int, guard: int) -> tuple[Reals, Reals]:
    """Give mean and deviation (n - 1) of the `days` that end `guard` days before each day."""
    if days < 2 or guard < 0:
        raise ParameterError.of("baseline and guard", (days, guard), "2 days or more, 0 or more")
    mean, deviation = np.full(table.shape, np.nan), np.full(table.shape, np.nan)
    first = days + guard
    if table.shape[1] > first:
        past = np.lib.stride_tricks.sliding_window_view(table, days, axis=1)
        past = past[:, : table.shape[1] - first]
        mean[:, first:] = past.mean(axis=2)
        deviation[:, first:] = past.std(axis=2, ddof=1)
    return mean, deviation
