r"""Catchments: which share of each cell's people goes to which place (Huff's model).

.. math:: P_{ij} = \frac{S_j^\alpha d_{ij}^{-\beta}}{\sum_k S_k^\alpha d_{ik}^{-\beta}}

with size S of the place and distance d (Huff 1964).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from geo.columns import Reals, positive, ratio, reals, same_length

LEAST_KM = 0.2
STEEPEST = 10.0


def huff_shares(
    size: ArrayLike,
    distance_km: ArrayLike,
    *,
    alpha: float = 1.0,
    beta: float = 2.0,
    least_km: float = LEAST_KM,
) -> Reals:
    """Share the people of each cell out among places.

    Parameters
    ----------
    size : (p,) float64
        Attraction of each place (beds, floor area); 0 or missing attracts nobody.
    distance_km : (n, p) float64
        Distance; below `least_km` counts as `least_km`, missing or infinite cannot be reached.
    alpha, beta : float
        Exponents, above 0 (beta 0 or more).

    Returns
    -------
    (n, p) float64
        Rows add to 1; NaN where a cell reaches no place.
    """
    draw, away = reals("size", size), reals("distance_km", distance_km, ndim=2)
    same_length(size=draw, distance_km=away.T)
    usable = (draw > 0) & np.isfinite(away)
    near = np.maximum(np.where(usable, away, 1.0), positive("least_km", least_km))
    pull = np.log(np.where(draw > 0, draw, 1.0)) * positive("alpha", alpha) - beta * np.log(near)
    pull = np.where(usable, pull, -np.inf)
    top = pull.max(axis=1, initial=-1e300, keepdims=True)  # relative to the strongest: no overflow
    strength = np.exp(pull - top)
    return ratio(strength, np.broadcast_to(strength.sum(axis=1, keepdims=True), strength.shape))


def fit_beta(
    visits: ArrayLike, size: ArrayLike, distance_km: ArrayLike, alpha: float = 1.0
) -> float:
    r"""Fit the exponent of distance to observed visits by multinomial likelihood.

    Parameters
    ----------
    visits : (n, p) float64
        Visits from each cell to each place.

    Returns
    -------
    float
        Between 0 and 10; 2 without any visit.

    Notes
    -----
    The log likelihood :math:`\sum v_{ij}\ln P_{ij}` is concave in :math:`\beta`: one maximum.
    """
    seen = np.nan_to_num(reals("visits", visits, ndim=2)).clip(0.0)
    if not seen.any():
        return 2.0

    def minus_log_likelihood(beta: float) -> float:
        share = huff_shares(size, distance_km, alpha=alpha, beta=beta)
        possible = (seen > 0) & (share > 0)
        return -float((seen[possible] * np.log(share[possible])).sum())

    found = minimize_scalar(minus_log_likelihood, bounds=(0.0, STEEPEST), method="bounded")
    return float(found.x)
