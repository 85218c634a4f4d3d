"""Roll-up: the score of areas from the scores of their cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc, gammaincinv

from geo.columns import Reals, fraction, positive, ratio, reals, same_length
from geo.risk.filtering import LocalFactors


@dataclass(frozen=True, slots=True)
class AreaRisk:
    """Gamma law of each area's relative risk; NaN where no cell of it expects any case."""

    shape: Reals
    rate: Reals

    def mean(self) -> Reals:
        """Give the mean."""
        return ratio(self.shape, self.rate)

    def exceedance(self, threshold: float) -> Reals:
        """Give P(RR > threshold)."""
        return np.asarray(gammaincc(self.shape, positive("threshold", threshold) * self.rate))

    def quantile(self, probability: float) -> Reals:
        """Give the value below which the risk lies with this probability."""
        return np.asarray(gammaincinv(self.shape, fraction("probability", probability)) / self.rate)


def area_risk(
    area: ArrayLike, areas: int, expected: ArrayLike, mean: ArrayLike, factors: LocalFactors
) -> AreaRisk:
    r"""Add the cells of each area up and match a gamma law.

    Parameters
    ----------
    area : (n,) int
        Row of each cell's area, 0 .. areas - 1.
    expected, mean : (n,) float64
        Expected cases and gated mean; cells with NaN or without expected cases are left out.

    Notes
    -----
    Mean :math:`\sum E RR/\sum E`, variance :math:`\sum E^2 (m/b)^2 a/(\sum E)^2`. Cells count
    as independent given the city's terms, so intervals are slightly narrow.
    """
    rows = np.asarray(area, dtype=np.intp)
    due, centre = reals("expected", expected), reals("mean", mean)
    same_length(area=rows, expected=due, mean=centre, factors=factors.shape)
    usable = (due > 0) & (centre > 0)
    scale = np.where(usable, due * centre, 0.0) / factors.rate

    def total(values: Reals) -> Reals:
        return np.bincount(rows, weights=values, minlength=areas).astype(np.float64)

    whole = total(np.where(usable, due, 0.0))
    average = ratio(total(scale * factors.shape), whole)
    variance = ratio(total(scale**2 * factors.shape), whole**2)
    return AreaRisk(ratio(average**2, variance), ratio(average, variance))
