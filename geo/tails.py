"""Tails: how rare a standardised sum of skewed values is (Pearson type III).

Rates of small areas are skewed to the right, so that the normal law calls far too many sums of
them rare on the one side, and the Pearson law alone too many on the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, ndtr

from geo.columns import Reals, reals

LAW_POINTS = 4_096
LEAST_P = 1e-300


def upper_tail(z: ArrayLike, skewness: ArrayLike) -> Reals:
    r"""Give P(Z >= z) of a standardised variable with this skewness (Pearson type III).

    Returns
    -------
    (n,) float64
        The normal tail at skewness 0; NaN where z is NaN.

    Notes
    -----
    The three-moment approximation of a permutation distribution (Mielke & Berry 2007,
    Permutation Methods): a gamma law of shape :math:`a = 4/\gamma^2`, shifted and scaled. On
    flat maps of 469 cells the normal law let 8-89 % of maps show a discovery at a nominal 5 %
    (fewer cases and overdispersion make it worse); this one 0-6 %. Where thousands of rows have
    one skewness, as cells with all their neighbours have, the law is read off a table: p within
    1e-4, and skewed to the right within 0.01 % of itself.
    """
    score, skew = reals("z", z), reals("skewness", skewness)
    p = np.asarray(ndtr(-score), dtype=np.float64)
    rows = np.flatnonzero((np.abs(skew) >= 1e-3) & np.isfinite(score))
    if len(rows) > 2 * LAW_POINTS:
        usual = skew[rows[len(rows) // 2]]
        same = skew[rows] == usual
        p[rows[same]] = _read_off(score[rows[same]], float(usual))
        rows = rows[~same]
    p[rows] = _pearson(score[rows], skew[rows])
    return p


def _pearson(score: Reals, skew: Reals) -> Reals:
    a = 4.0 / skew**2
    cut = np.maximum(a + np.sign(skew) * score * np.sqrt(a), 0.0)
    right = skew > 0
    p = np.empty(len(score))
    p[right] = gammaincc(a[right], cut[right])
    p[~right] = gammainc(a[~right], cut[~right])
    return p


def _read_off(score: Reals, skew: float) -> Reals:
    # Linear in log p, which is nearly a parabola: off by at most step^2 / 8 of itself.
    at, step = np.linspace(score.min(), score.max(), LAW_POINTS, retstep=True)
    law = np.log(np.maximum(_pearson(at, np.full(LAW_POINTS, skew)), LEAST_P))
    place = (score - at[0]) / max(float(step), LEAST_P)
    below = np.minimum(place.astype(np.intp), LAW_POINTS - 2)
    return np.asarray(np.exp(law[below] + (place - below) * np.diff(law)[below]))


def cold_tail(z: ArrayLike, skewness: ArrayLike) -> Reals:
    """Give P(Z <= z), never less than the normal law does.

    Returns
    -------
    (n,) float64
        The greater of the normal and the Pearson type III tail; NaN where z is NaN.

    Notes
    -----
    Rates are skewed to the right, so the Pearson law ends soon below the mean, and p is 0 where
    it ends. Overdispersed counts go further: alone it let 33-38 % of flat maps of 469 cells with
    variance twice the mean show a cold spot at a nominal 5 %; the greater of the two 0-1 %.
    """
    score, skew = reals("z", z), reals("skewness", skewness)
    return np.maximum(ndtr(score), upper_tail(-score, -skew))
