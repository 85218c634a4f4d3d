"""Health: whether the score still says what it claims, from its own daily forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from geo.columns import Reals, reals, same_length
from geo.risk.filtering import LocalFactors

ALARM = 0.05
BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Histogram of probability transforms (shares), distance from flat, coverage of 90 %."""

    histogram: Reals
    distance: float
    coverage_90: float

    @property
    def alarm(self) -> bool:
        """Say whether forecasts have drifted: distance above 0.05 (over 14 days)."""
        return self.distance > ALARM


def transforms(
    factors: LocalFactors, foreseen: ArrayLike, cases: ArrayLike, uniform: ArrayLike
) -> tuple[Reals, Reals, Reals]:
    r"""Place each cell's cases within their forecast.

    Parameters
    ----------
    factors, foreseen : LocalFactors, (n,) float64
        State before the day and the mean foreseen.
    cases : (n,) float64
        What came; weighted cases are rounded.
    uniform : (n,) float64
        Draws in [0, 1): a count's transform is spread over its own mass.

    Returns
    -------
    transform, below, upto : (n,) float64
        Randomised transform, P(Y < y) and P(Y <= y); NaN rows are left out by `calibration`.
        Transforms are uniform if the forecast is right (Czado, Gneiting & Held 2009).
    """
    mean, count = reals("foreseen", foreseen), np.round(reals("cases", cases))
    same_length(foreseen=mean, cases=count, factors=factors.shape)
    usable = np.isfinite(count) & (count >= 0) & (mean > 0)
    p = factors.rate / (factors.rate + np.where(usable, mean, 1.0))
    y = np.where(usable, count, 0.0)
    # scipy's nbdtr would cut the size to a whole number; this is the same law for any size.
    below = np.where(y > 0, betainc(factors.shape, np.maximum(y, 1.0), p), 0.0)
    upto = betainc(factors.shape, y + 1.0, p)
    spread = below + reals("uniform", uniform) * (upto - below)
    gap = np.where(usable, 0.0, np.nan)
    return spread + gap, below + gap, upto + gap


def calibration(transform: ArrayLike, below: ArrayLike, upto: ArrayLike) -> Calibration:
    """Sum transforms of days up: flatness, and how often the central 90 % held what came.

    A count is held if it is neither wholly below the 5 % point nor wholly above the 95 %
    point; discrete counts therefore cover more than 90 %.
    """
    values = reals("transform", transform)
    known = np.isfinite(values)
    n = int(known.sum())
    if n == 0:
        return Calibration(np.full(BINS, np.nan), float("nan"), float("nan"))
    ordered = np.sort(values[known])
    steps = np.arange(1, n + 1) / n
    distance = max(float((steps - ordered).max()), float((ordered - steps + 1 / n).max()))
    low, high = reals("below", below)[known], reals("upto", upto)[known]
    held = (high >= 0.05) & (low < 0.95)
    histogram = np.histogram(ordered, BINS, (0.0, 1.0))[0] / n
    return Calibration(histogram, distance, float(held.mean()))
