"""Farrington's flexible method: a weekly count beside the same season of the years before.

    year -4      year -3      year -2      year -1         now
    ..[-w  +w]....[-w  +w]....[-w  +w]....[-w  +w]..............x
      window        window      window      window   |left out|
       (reference group)   the weeks between share the other groups

After Farrington et al. (1996) and Noufaily et al. (2013), as documented with surveillance.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr
from scipy.stats import nbinom, poisson

from geo.aberrations import Alarms
from geo.columns import Reals, reals, same_length
from geo.quasi_poisson import QuasiPoisson, fit_quasi_poisson


@dataclass(frozen=True, slots=True)
class FarringtonSettings:
    """Noufaily's improved settings; `few_cases` in `few_weeks` weeks are never an alarm."""

    years: int = 4
    half_window: int = 3
    groups: int = 10
    weeks_left_out: int = 26
    outlier: float = 2.58
    alpha: float = 0.05
    trend_p: float = 1.0
    few_cases: float = 5.0
    few_weeks: int = 4


def farrington(
    counts: ArrayLike,
    week: NDArray[np.datetime64],
    first: int,
    settings: FarringtonSettings | None = None,
) -> Alarms:
    r"""Test the weeks from `first` on.

    Parameters
    ----------
    counts : (t,) float64
        Cases a week, oldest first; missing weeks are left out of the fit.
    week : (t,) datetime64[D]
        First day of each week, seven days apart.
    first : int
        First week to test.
    settings : FarringtonSettings, optional
        Improved settings by default.

    Returns
    -------
    Alarms
        (t,) columns. NaN before `first`, where the history is too short, has no case or the
        fit does not converge, and where the last weeks hold too few cases.

    Notes
    -----
    Quasi-Poisson regression on trend and group; refitted with weight
    :math:`\gamma a^{-2}` for standardised Anscombe residuals
    :math:`a = \frac{3}{2}(y^{2/3}\mu^{-1/6}-\mu^{1/2})/\sqrt{\phi(1-h)}` above 2.58;
    :math:`\phi \ge 1`. The trend is kept if p is below `trend_p` and the forecast does not
    pass the largest count seen. Bound: negative binomial quantile of size
    :math:`\mu/(\phi-1)`, probability :math:`1/\phi` (Poisson at :math:`\phi = 1`).
    """
    series, rule = reals("counts", counts), settings or FarringtonSettings()
    same_length(counts=series, week=week)
    expected, upper, p = (np.full(len(series), np.nan) for _ in range(3))
    for now in range(first, len(series)):
        recent = series[max(0, now - rule.few_weeks + 1) : now + 1]
        group = season_groups(week, now, rule)
        if group is None or not np.nansum(recent) >= rule.few_cases:
            continue
        found = _fit(series, group, now, rule)
        if found is not None:
            expected[now], phi = found
            upper[now], p[now] = _bound(expected[now], phi, series[now], rule.alpha)
    return Alarms(expected, upper, (series > upper) & (series > 0), p)


def season_groups(
    week: NDArray[np.datetime64], now: int, rule: FarringtonSettings
) -> NDArray[np.int8] | None:
    """Group the weeks a forecast of week `now` is fitted on.

    Returns
    -------
    (t,) int8, or None if the history does not reach back
        0 for the windows around the same date of each year, 1.. for the parts of the year
        between, -1 for weeks that are not used.
    """
    month = week[now].astype("datetime64[M]")
    into = week[now] - month.astype("datetime64[D]")
    same_day = [month - 12 * back for back in range(rule.years + 1)]
    day = np.array([m.astype("datetime64[D]") + into for m in same_day])
    away = (day - week[0]).astype(np.int64)
    rows = np.floor_divide(away + 3, 7)  # the nearest week
    if rows[-1] < 0:
        return None
    group = np.full(len(week), -1, dtype=np.int8)
    for later, earlier in pairwise(rows):
        group[max(0, earlier - rule.half_window) : earlier + rule.half_window + 1] = 0
        between = np.arange(earlier + rule.half_window + 1, later - rule.half_window)
        if rule.groups > 1:
            parts = np.array_split(between, rule.groups - 1)
            for number, part in enumerate(parts, 1):
                group[part] = number
    group[now - rule.half_window : now] = 0
    group[max(0, now - rule.weeks_left_out) :] = -1
    return group


def _fit(
    series: Reals, group: NDArray[np.int8], now: int, rule: FarringtonSettings
) -> tuple[float, float] | None:
    """Give the forecast and its dispersion, or None without one."""
    rows = np.flatnonzero((group >= 0) & np.isfinite(series))
    if len(rows) == 0 or not series[rows].any():
        return None
    names = np.unique(group[rows])
    season = (group[rows, None] == names[names > 0]).astype(np.float64)
    time = (rows - rows[0])[:, None].astype(np.float64)
    ones = np.ones((len(rows), 1))
    if len(rows) <= season.shape[1] + 2 or 0 not in names:
        return None
    at = np.concatenate([[1.0, now - rows[0]], np.zeros(season.shape[1])])
    model = _reweighted(np.hstack([ones, time, season]), series[rows], rule.outlier)
    if rule.years < 3 or not _keeps_trend(model, at, series[rows].max(), rule.trend_p):
        model = _reweighted(np.hstack([ones, season]), series[rows], rule.outlier)
        at = np.delete(at, 1)
    return (model.predict(at), max(model.dispersion, 1.0)) if model.converged else None


def _reweighted(design: Reals, counts: Reals, outlier: float) -> QuasiPoisson:
    first = fit_quasi_poisson(design, counts, np.ones(len(counts)))
    if not first.converged:
        return first
    phi = max(first.dispersion, 1.0)
    residual = 1.5 * (counts ** (2 / 3) * first.mean ** (-1 / 6) - np.sqrt(first.mean))
    residual /= np.sqrt(phi * (1.0 - first.leverage).clip(1e-12))
    weights = np.where(residual > outlier, np.maximum(residual, 1e-12) ** -2.0, 1.0)
    return fit_quasi_poisson(design, counts, weights * len(counts) / weights.sum())


def _keeps_trend(model: QuasiPoisson, at: Reals, largest: float, trend_p: float) -> bool:
    if not model.converged:
        return False
    error = np.sqrt(model.covariance[1, 1] * model.dispersion)
    p = 2.0 * float(stdtr(model.freedom, -abs(model.coefficients[1]) / max(error, 1e-300)))
    return p < trend_p and model.predict(at) <= largest


def _bound(mean: float, phi: float, count: float, alpha: float) -> tuple[float, float]:
    law = poisson(mean) if phi == 1 else nbinom(mean / (phi - 1.0), 1.0 / phi)
    return float(law.ppf(1.0 - alpha)), float(law.sf(count - 1.0))
