"""Significance of many cells at once: permutation p-values and false discoveries.

Testing 10,000 cells at 5 % finds 500 by chance alone; so no p-value is shown before it has been
through a control of false discoveries over all the cells that are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.columns import Flags, Index, Reals, Weights, fraction, reals, same_length
from geo.errors import ColumnError, ParameterError

DRAWS = 999


@dataclass(frozen=True, slots=True)
class Discoveries:
    """What stands out: adjusted p-values, and the two classes of a map."""

    adjusted: Reals
    discovered: Flags
    bonferroni: Flags


def discoveries(p: ArrayLike, rate: float = 0.05) -> Discoveries:
    r"""Control the share of false discoveries (Benjamini & Hochberg 1995).

    Parameters
    ----------
    p : (n,) float64
        P-values in [0, 1]; NaN rows were not tested: they count for nothing and find nothing.
    rate : float
        Highest expected share of false discoveries, in (0, 1).

    Returns
    -------
    Discoveries
        `adjusted` (NaN where not tested) is at most `rate` exactly where `discovered`;
        `bonferroni` marks p at most `rate` divided by the tests made.

    Notes
    -----
    :math:`\tilde p_{(i)} = \min_{j \ge i} m p_{(j)} / j` over the m tests made.
    """
    fraction("rate", rate)
    values = reals("p", p)
    tested = np.flatnonzero(np.isfinite(values))
    order = tested[np.argsort(values[tested])]
    m = len(order)
    stepped = values[order] * m / np.arange(1, m + 1)
    adjusted = np.full(len(values), np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    with np.errstate(invalid="ignore"):
        return Discoveries(adjusted, adjusted <= rate, values * max(m, 1) <= rate)


def neighbour_draws(
    values: ArrayLike,
    degree: ArrayLike,
    observed: ArrayLike,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Reals:
    r"""Give permutation p-values of neighbour sums, each cell's own value held in place.

    Parameters
    ----------
    values : (n,) float64
        Values without NaN.
    degree : (n,) int
        Neighbours of each cell, itself left out, 0 .. n - 1.
    observed : (n,) float64
        Sum of the neighbours' values.
    rng : numpy.random.Generator
        Source of chance.
    draws : int
        Draws R, at least 19.

    Returns
    -------
    (n,) float64
        Upper-tail pseudo p, (1 + draws at least as large) / (R + 1); NaN for islands. The
        lower tail is that of the negated columns.

    Notes
    -----
    The conditional permutation of Anselin (1995): the neighbours of i are drawn without
    repetition from all cells but i. One set of draws serves all cells of the same degree
    (as in esda): a draw that holds i itself has it replaced by the draw's spare member, so
    each cell still sees an exact sample, at a cost of R log R + n log R in place of n R.
    """
    column, reached = reals("values", values), reals("observed", observed)
    k = np.asarray(degree, dtype=np.intp)
    n = same_length(values=column, degree=k, observed=reached)
    if draws < 19:
        raise ParameterError.of("draws", draws, "19 or more")
    if n and k.max() >= n:
        raise ColumnError(f"degree has {k.max()}: expected fewer than the {n} cells")
    p = np.full(n, np.nan)
    top = int(k.max()) if n else 0
    members = _distinct(n, min(top + 1, n), draws, rng)
    for size in np.flatnonzero(np.bincount(k[k > 0])).tolist():
        rows = np.flatnonzero(k == size)
        p[rows] = _upper_tail(column, members[:, : size + 1], rows, reached[rows])
    return p


def _distinct(n: int, size: int, draws: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw rows of `size` different integers below n, each ordered set equally likely."""
    if size * size > n:
        return np.argsort(rng.random((draws, n)), axis=1)[:, :size]
    members = rng.integers(n, size=(draws, size))
    while len(again := np.flatnonzero((np.diff(np.sort(members, axis=1)) == 0).any(axis=1))):
        members[again] = rng.integers(n, size=(len(again), size))
    return members


def _upper_tail(values: Reals, members: Index, rows: Index, observed: Reals) -> Reals:
    drawn = values[members]
    sums = drawn[:, :-1].sum(axis=1)
    slack = 1e-12 * max(1.0, float(np.abs(sums).max(initial=0.0)))
    bar = observed - slack  # a tie in exact arithmetic must count as a tie here
    larger = np.empty(len(rows), dtype=np.int64)
    order = np.argsort(bar)  # sorted needles are found several times as fast
    larger[order] = len(sums) - np.searchsorted(np.sort(sums), bar[order], side="left")
    # A draw that holds the cell itself is mended with its spare member.
    place = np.full(len(values), -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    draw, slot = np.nonzero(place[members[:, :-1]] >= 0)
    cell = members[draw, slot]
    at = place[cell]
    mended = sums[draw] - values[cell] + drawn[draw, -1]
    change = (mended >= bar[at]).astype(np.int64) - (sums[draw] >= bar[at]).astype(np.int64)
    np.add.at(larger, at, change)
    return np.asarray((1.0 + larger) / (len(sums) + 1.0), dtype=np.float64)


def degrees(weights: Weights) -> Index:
    """Count each row's stored neighbours, the row itself left out."""
    own = (weights.diagonal() != 0).astype(np.intp)
    return np.asarray(np.diff(weights.indptr) - own, dtype=np.intp)
