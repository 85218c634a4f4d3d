"""Moran's I: whether like lies beside like, in the whole city and at each cell.

Quadrants of the local statistic: high among high (1), low among high (2), low among low (3),
high among low (4), as in PySAL; 0 where it cannot be said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import ndtr

from geo.columns import Reals, Weights, reals
from geo.disks import row_standardised
from geo.significance import DRAWS, degrees, neighbour_draws


@dataclass(frozen=True, slots=True)
class Moran:
    """Global Moran's I, its moments without any pattern, and two-sided p of the normal law."""

    i: float
    expected: float
    variance: float
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class LocalMoran:
    """Local I of each cell, its quadrant, and a one-sided permutation p."""

    i: Reals
    quadrant: NDArray[np.int8]
    p: Reals


def moran(values: ArrayLike, weights: Weights) -> Moran:
    r"""Measure how alike neighbours are over the whole table.

    Parameters
    ----------
    values : (n,) float64
        NaN rows are left out with their weights; islands stay in (spdep's EBImoran.mc does
        the same, its moran.mc drops them).
    weights : (n, n) csr_array
        Weights without a diagonal, row-standardised as a rule.

    Returns
    -------
    Moran
        I about -1/(n-1) without pattern. All NaN below 4 rows, without any neighbours, or
        where values do not vary.

    Notes
    -----
    :math:`I = \frac{n}{S_0}\frac{z^\top W z}{z^\top z}`; the variance is the one under
    randomisation (Cliff & Ord 1981, as in PySAL `VI_rand`).
    """
    z, among, _ = _known(values, weights)
    n, s0 = len(z), float(among.sum())
    square = float((z**2).sum())
    if n < 4 or s0 == 0 or square == 0:
        return Moran(*[float("nan")] * 5)
    i = n / s0 * float(z @ (among @ z)) / square
    expected = -1.0 / (n - 1)
    variance = _variance(z, among, s0)
    score = (i - expected) / np.sqrt(variance)
    return Moran(i, expected, variance, float(score), float(2.0 * ndtr(-abs(score))))


def moran_permutation_p(
    values: ArrayLike, weights: Weights, rng: np.random.Generator, draws: int = DRAWS
) -> float:
    """Give the pseudo p of global I: share of shuffled tables at least as far in its tail."""
    z, among, _ = _known(values, weights)
    if len(z) < 4 or among.nnz == 0 or not z.any():
        return float("nan")
    observed = float(z @ (among @ z))
    shuffled = np.stack([rng.permutation(z) for _ in range(draws)], axis=1)
    drawn = (shuffled * (among @ shuffled)).sum(axis=0)
    larger = int((drawn >= observed - 1e-12 * abs(observed)).sum())
    return (1.0 + min(larger, draws - larger)) / (draws + 1.0)


def local_moran(
    values: ArrayLike, weights: Weights, rng: np.random.Generator, draws: int = DRAWS
) -> LocalMoran:
    r"""Measure how alike each cell and its neighbours are.

    Parameters
    ----------
    values : (n,) float64
        NaN rows are left out and give NaN.
    weights : (n, n) csr_array
        Binary neighbours; a diagonal is ignored.

    Returns
    -------
    LocalMoran
        Islands have I = 0, quadrant 0 and p NaN.

    Notes
    -----
    :math:`I_i = z_i\sum_j w_{ij}z_j` with row-standardised weights and
    :math:`z = (x-\bar x)/s` with n below s squared (Anselin 1995). p is the share of
    conditional permutations as far as the observed one, in its own tail.
    """
    z, among, known = _known(values, weights)
    size = len(reals("values", values))
    i, p, quadrant = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, dtype=np.int8)
    if len(z) < 2 or not z.any():
        return LocalMoran(i, quadrant, p)
    z /= z.std()
    lag = row_standardised(among) @ z
    i[known] = z * lag
    k, total = degrees(among), among @ z
    above = neighbour_draws(z, k, total, rng, draws)
    below = neighbour_draws(-z, k, -total, rng, draws)
    p[known] = np.minimum(above, below)
    sides = np.where(z > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 2, 3))
    quadrant[known] = np.where(k > 0, sides, 0)
    return LocalMoran(i, quadrant, p)


def _known(values: ArrayLike, weights: Weights) -> tuple[Reals, Weights, NDArray[np.intp]]:
    column = reals("values", values)
    known = np.flatnonzero(np.isfinite(column))
    among = sparse.csr_array(weights)[known][:, known]
    among = sparse.csr_array(among - sparse.diags_array(among.diagonal()))
    among.eliminate_zeros()
    z = column[known] - (column[known].mean() if len(known) else 0.0)
    return (
        np.where(np.abs(z) > 1e-14 * np.abs(column[known]).max(initial=0.0), z, 0.0),
        among,
        known,
    )


def _variance(z: Reals, among: Weights, s0: float) -> float:
    n = len(z)
    both = among + among.T
    s1 = float((both.data**2).sum()) / 2.0
    edges = np.asarray(among.sum(axis=1)).ravel() + np.asarray(among.sum(axis=0)).ravel()
    s2 = float((edges**2).sum())
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    square = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return square - 1.0 / (n - 1) ** 2
