"""ESSENCE's EWMA: two smoothed series, a slow one for rises and a fast one for jumps.

For daily means below 10 and small areas. After CDC's Rnssp (Apache-2.0), `alert_ewma`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from geo.columns import Reals, reals
from geo.errors import ParameterError

SLOW, FAST = 0.4, 0.9
ALERT, WARNING = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class EwmaSettings:
    """Baseline days (shortest to longest), guard days, and the terms of the least deviation."""

    shortest: int = 7
    longest: int = 28
    guard: int = 2
    least: tuple[float, float] = (1.0, 0.5)

    def __post_init__(self) -> None:
        if not 3 <= self.shortest <= self.longest or self.guard < 0:
            raise ParameterError.of("settings", self, "3 <= shortest <= longest, guard >= 0")


@dataclass(frozen=True, slots=True)
class EwmaAlarms:
    """(n, t): baseline mean, statistic of the smaller p, that p, and 0 none 1 yellow 2 red."""

    expected: Reals
    statistic: Reals
    p: Reals
    level: NDArray[np.int8]


def essence_ewma(counts: ArrayLike, settings: EwmaSettings | None = None) -> EwmaAlarms:
    r"""Test each day's smoothed count against the weeks before.

    Parameters
    ----------
    counts : (n, t) float64
        Counts a day, oldest first. A missing day counts as its baseline's mean (0 before
        there is one), so that smoothing goes on, and gives no result itself.
    settings : EwmaSettings, optional
        ESSENCE's by default.

    Returns
    -------
    EwmaAlarms
        NaN and level 0 until `shortest + guard` days have passed.

    Notes
    -----
    With weight w, n baseline days of mean and deviation :math:`\bar y, s`, guard g:
    :math:`\sigma = \max(\sigma_{min},\ s\sqrt{\frac{w}{2-w}+\frac1n-2(1-w)^{g+1}
    \frac{1-(1-w)^n}{n}} + c)`, :math:`\sigma_{min} = \frac{w}{t_{.95}}(1+0.5(1-w)^2)`,
    :math:`c = \frac{w}{t_{.95}}(.1289-(.2414-.1826(1-w)^4)\ln 0.5)`; statistic
    :math:`(z-\bar y)/\sigma` on n - 1 degrees of freedom; an alarming z is pulled back to the
    limit, so that one outbreak does not hide the next. An earlier version of Rnssp has 0.01
    and 0.05 in :math:`\sigma_{min}`: then one case after four empty weeks is a red alert.
    """
    table, rule = reals("counts", counts, ndim=2), settings or EwmaSettings()
    shape = table.shape
    expected, statistic, p = (np.full(shape, np.nan) for _ in range(3))
    filled = table.copy()
    smooth = {w: np.zeros(shape[0]) for w in (SLOW, FAST)}
    for t in range(shape[1]):
        last = t - rule.guard
        past = filled[:, max(0, last - rule.longest) : max(0, last)]
        tested = past.shape[1] >= rule.shortest
        mean = past.mean(axis=1) if tested else np.zeros(shape[0])
        missing = ~np.isfinite(table[:, t])
        filled[missing, t] = mean[missing]
        best = np.full(shape[0], 2.0)
        for weight, before in smooth.items():
            step = weight * filled[:, t] + (1.0 - weight) * before
            smooth[weight] = filled[:, t] if t == 0 else step
            if not tested:
                continue
            score, chance, smooth[weight] = _test(smooth[weight], past, weight, rule)
            better = chance < best
            best = np.where(better, chance, best)
            statistic[:, t] = np.where(better, score, statistic[:, t])
        if tested:
            expected[:, t], p[:, t] = mean, best
            statistic[missing, t] = p[missing, t] = np.nan
    level = (p < WARNING).astype(np.int8) + (p < ALERT).astype(np.int8)
    return EwmaAlarms(expected, statistic, p, level)


def _test(z: Reals, past: Reals, weight: float, rule: EwmaSettings) -> tuple[Reals, Reals, Reals]:
    """Give statistic, p, and the smoothed value pulled back to the limit of an alert."""
    n = past.shape[1]
    freedom, kept = n - 1, 1.0 - weight
    limit, unit = stdtrit(freedom, 1.0 - ALERT), weight / stdtrit(freedom, 1.0 - WARNING)
    variance = weight / (2.0 - weight) + 1.0 / n
    variance -= 2.0 * kept ** (rule.guard + 1) * (1.0 - kept**n) / n
    constant = unit * (0.1289 - (0.2414 - 0.1826 * kept**4) * np.log(0.5))
    least = unit * (rule.least[0] + rule.least[1] * kept**2)
    mean = past.mean(axis=1)
    sigma = np.maximum(least, past.std(axis=1, ddof=1) * np.sqrt(variance) + constant)
    score = (z - mean) / sigma
    pulled = mean + np.sign(score) * limit * sigma
    return score, np.asarray(stdtr(freedom, -score)), np.where(np.abs(score) > limit, pulled, z)
