"""Hot spots: neighbourhoods that stand out from the city, and how surely (Gi, Gi*).

`gi_star` has each cell in its own neighbourhood, `gi` leaves it out. Both take a rate that is
comparable between cells (`rates.standardised_rates`), never a raw count, and both are z-scores:
above 0 a hot, below 0 a cold neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo.columns import Flags, Reals, Weights, ratio, reals
from geo.rates import expected_cases, standardised_rates
from geo.significance import discoveries, neighbour_draws
from geo.tails import cold_tail, upper_tail

FEWEST_PEOPLE = 50.0
FEWEST_EXPECTED = 5.0
DRAWS = 9_999  # shared by all cells, so that small p cost little
RANKED_FROM = 10  # draws above the observed sum below which ranks are too coarse


@dataclass(frozen=True, slots=True)
class Hotspots:
    """Columns of a map of both sides; a level is 0 none, 1 discovered (FDR), 2 Bonferroni.

    The first columns are of being hot, those with `cold` of being cold. Both sides are tests of
    one map: false discoveries are controlled over all of them together.
    """

    z: Reals
    p: Reals
    adjusted: Reals
    level: NDArray[np.int8]
    by_permutation: Flags
    p_cold: Reals
    adjusted_cold: Reals
    level_cold: NDArray[np.int8]


def gi_star(values: ArrayLike, weights: Weights) -> Reals:
    r"""Score how far each neighbourhood, the cell itself included, lies above the city.

    Parameters
    ----------
    values : (n,) float64
        Comparable rates; NaN rows are left out of mean, variance and every sum.
    weights : (n, n) csr_array
        Weights with the diagonal, binary as a rule.

    Returns
    -------
    (n,) float64
        z-score; NaN for NaN rows, where values do not vary, for a single cell, and where a
        neighbourhood is the whole city (nothing is left to compare with).

    Notes
    -----
    :math:`z_i = (\sum_j w_{ij}x_j - \bar x W_i)/\sqrt{s^2 (N S_{1i} - W_i^2)/(N-1)}`,
    :math:`W_i = \sum_j w_{ij}`, :math:`S_{1i} = \sum_j w_{ij}^2`,
    :math:`s^2 = \overline{x^2} - \bar x^2` (Ord & Getis 1995, Geogr. Anal. 27:286). esda's
    default row-standardised analytic z of G_Local differs and is not this.
    """
    column = reals("values", values)
    return _gi_star(column, weights, _sums(weights, np.isfinite(column)))


def _gi_star(column: Reals, weights: Weights, sums: tuple[Reals, Reals]) -> Reals:
    known = np.isfinite(column)
    n = int(known.sum())
    if n < 2:
        return np.full(len(column), np.nan)
    mean, variance = column[known].mean(), column[known].var()
    shifted = np.where(known, column - mean, 0.0)  # centred first: no cancellation
    weight, squares = sums
    spread = variance * (n * squares - weight * weight) / (n - 1)
    return np.where(known, _z(weights @ shifted, spread, variance), np.nan)


def gi(values: ArrayLike, weights: Weights) -> Reals:
    r"""Score how far the neighbours of each cell, without itself, lie above the rest.

    Parameters, result and ends as in `gi_star`; the diagonal of `weights` is ignored, an
    island gives NaN.

    Notes
    -----
    As Gi* with i left out of sums, mean and variance, N - 1 for N and N - 2 for N - 1.
    """
    column = reals("values", values)
    known = np.isfinite(column)
    n = int(known.sum())
    if n < 3:
        return np.full(len(column), np.nan)
    centre = column[known].mean()
    shifted = np.where(known, column - centre, 0.0)
    others = _without_self(weights)
    mean = (shifted.sum() - shifted) / (n - 1)
    variance = ((shifted**2).sum() - shifted**2) / (n - 1) - mean**2
    weight, squares = _sums(others, known)
    spread = variance * ((n - 1) * squares - weight**2) / (n - 2)
    return np.where(known, _z(others @ shifted - mean * weight, spread, variance), np.nan)


def hotspots(
    cases: ArrayLike,
    people: ArrayLike,
    weights: Weights,
    rng: np.random.Generator,
    *,
    false_discovery_rate: float = 0.05,
    draws: int = DRAWS,
) -> Hotspots:
    """Find neighbourhoods with more cases than their residents explain, and with fewer.

    Parameters
    ----------
    cases, people : (n,) float64
        Cases and residents; cells with fewer than 50 residents are not judged and do not
        weigh on the others.
    weights : (n, n) csr_array
        Binary neighbourhood, the cell itself included.
    rng : numpy.random.Generator
        Source of chance of the permutations.

    Returns
    -------
    Hotspots
        One-sided p: of `upper_tail` where the neighbourhood expects at least 5 cases, else
        of a conditional permutation. Where fewer than 10 draws reach the observed sum, ranks
        give way to `upper_tail`: by ranks alone one hot cell among 10,000 could never be
        discovered. `p_cold` is the greater of the normal and the Pearson tail (see
        `cold_tail`), NaN where fewer than 5 cases are expected: there even none is not too few.
        Cells that cannot be judged have NaN and level 0.
    """
    residents = reals("people", people)
    judged = np.where(residents >= FEWEST_PEOPLE, residents, np.nan)
    rate = standardised_rates(cases, judged)
    sums = _sums(weights, np.isfinite(rate))
    z = _gi_star(rate, weights, sums)
    expects = weights @ np.nan_to_num(expected_cases(cases, judged))
    sparse_rows = np.isfinite(z) & (expects < FEWEST_EXPECTED)
    drawn = np.ones(len(z))
    if sparse_rows.any():
        drawn = permutation_p(rate, weights, rng, draws, wanted=sparse_rows)
    ranked = sparse_rows & (drawn > RANKED_FROM / (draws + 1.0))
    skewness = _sum_skewness(rate, sums)
    smooth = upper_tail(np.where(ranked, np.nan, z), skewness)
    p = np.where(ranked, drawn, np.where(sparse_rows, np.fmin(drawn, smooth), smooth))
    p_cold = cold_tail(np.where(sparse_rows, np.nan, z), skewness)
    found = discoveries(np.concatenate([p, p_cold]), false_discovery_rate)
    level = found.discovered.astype(np.int8) + found.bonferroni.astype(np.int8)
    hot, cold = slice(None, len(z)), slice(len(z), None)
    return Hotspots(
        z, p, found.adjusted[hot], level[hot], sparse_rows,
        p_cold, found.adjusted[cold], level[cold],
    )  # fmt: skip


def sum_skewness(values: ArrayLike, weights: Weights) -> Reals:
    r"""Give the skewness of each neighbourhood's sum if values were dealt out at random.

    Notes
    -----
    For k of N values drawn without repetition:
    :math:`\gamma\,\frac{N-2k}{N-2}\sqrt{\frac{N-1}{k(N-k)}}` with the values' own skewness
    :math:`\gamma`; unequal weights count as :math:`k = W_i^2 / S_{1i}` equal ones. 0 where it
    cannot be said.
    """
    column = reals("values", values)
    return _sum_skewness(column, _sums(weights, np.isfinite(column)))


def _sum_skewness(column: Reals, sums: tuple[Reals, Reals]) -> Reals:
    known = np.isfinite(column)
    n = int(known.sum())
    spread = column[known].std() if n else 0.0
    if n < 3 or spread == 0:
        return np.zeros(len(column))
    deviation = (column[known] - column[known].mean()) / spread
    skewness = (deviation * deviation * deviation).mean()
    weight, squares = sums
    k = np.nan_to_num(ratio(weight**2, squares))
    below = k * (n - k) / (n - 1.0)
    root = np.sqrt(ratio(np.ones(len(k)), below))
    return np.asarray(np.nan_to_num(skewness * (n - 2 * k) / (n - 2) * root))


def permutation_p(
    values: ArrayLike,
    weights: Weights,
    rng: np.random.Generator,
    draws: int = DRAWS,
    *,
    wanted: Flags | None = None,
) -> Reals:
    """Give upper-tail pseudo p-values of Gi and Gi* (their order is the same) by permutation.

    `weights` must be binary; NaN rows are left out, they and islands give NaN, and so do rows
    not `wanted` (all, if it is left out).
    """
    column = reals("values", values)
    finite = np.isfinite(column)
    known = np.flatnonzero(finite)
    among = weights if finite.all() else weights[known][:, known]
    inner = column[known]
    own = among.diagonal()
    degree = np.diff(among.indptr) - (own != 0)
    if wanted is not None:
        degree = np.where(wanted[known], degree, 0)
    others = among @ inner - own * inner
    p = np.full(len(column), np.nan)
    p[known] = neighbour_draws(inner, degree, others, rng, draws)
    return p


def _sums(weights: Weights, known: Flags) -> tuple[Reals, Reals]:
    ones = known.astype(np.float64)
    weight = np.asarray(weights @ ones)
    if (weights.data == 1.0).all():
        return weight, weight
    squared = weights.copy()
    squared.data = squared.data**2
    return weight, squared @ ones


def _z(deviation: Reals, spread: Reals, variance: float | Reals) -> Reals:
    # A spread that is only rounding noise is none.
    real = spread > 1e-12 * np.maximum(variance, 1e-300)
    return ratio(deviation, np.sqrt(np.where(real, spread, 0.0)))


def _without_self(weights: Weights) -> Weights:
    others = sparse.csr_array(weights, copy=True)
    rows = np.repeat(np.arange(others.shape[0]), np.diff(others.indptr))
    others.data[rows == others.indices] = 0.0
    others.eliminate_zeros()
    return others
