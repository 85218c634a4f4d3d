"""Log-linear regression of counts that vary more than Poisson counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from geo.columns import Reals

ROUNDS = 25
TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True)
class QuasiPoisson:
    """Coefficients with their covariance at dispersion 1, means, leverages, dispersion."""

    coefficients: Reals
    covariance: Reals
    mean: Reals
    leverage: Reals
    dispersion: float
    freedom: int
    converged: bool

    def predict(self, row: Reals) -> float:
        """Give the mean at one row of the design."""
        return float(np.exp(row @ self.coefficients))


def fit_quasi_poisson(design: Reals, counts: Reals, weights: Reals) -> QuasiPoisson:
    r"""Fit :math:`\ln\mu = X\beta` by reweighted least squares.

    Parameters
    ----------
    design : (n, p) float64
        Rows of full column rank, n above p.
    counts, weights : (n,) float64
        Counts, 0 or more, and prior weights, above 0.

    Notes
    -----
    Stops when the deviance changes by less than :math:`10^{-8}` of itself, 25 rounds at most,
    as R's glm does; so a group of zeros alone ends at a very small mean and not at 0.
    Dispersion: :math:`\sum w(y-\mu)^2/\mu` over n - p.
    """
    mean = counts + 0.1
    deviance, converged, beta = np.inf, False, np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        root = np.sqrt(weights * mean)
        working = np.log(mean) + (counts - mean) / mean
        beta = np.linalg.lstsq(root[:, None] * design, root * working, rcond=None)[0]
        mean = np.exp(np.clip(design @ beta, -30.0, 30.0))
        before, deviance = deviance, _deviance(counts, mean, weights)
        if abs(deviance - before) < TOLERANCE * (abs(deviance) + 0.1):
            converged = True
            break
    root = np.sqrt(weights * mean)[:, None] * design
    covariance = np.linalg.pinv(root.T @ root)
    leverage = np.einsum("ij,jk,ik->i", root, covariance, root)
    freedom = len(counts) - design.shape[1]
    dispersion = float((weights * (counts - mean) ** 2 / mean).sum() / max(freedom, 1))
    return QuasiPoisson(beta, covariance, mean, leverage, dispersion, freedom, converged)


def _deviance(counts: Reals, mean: Reals, weights: Reals) -> float:
    return float(2.0 * (weights * (xlogy(counts, counts / mean) - (counts - mean))).sum())
