"""Masks: which counts are withheld so that no count of 1..k-1 can be read or worked out.

A count of 1..k-1 is withheld. That alone does not hide it: where a total is shown and one
part of it is withheld, the part is the difference. So more is withheld, until for every
total and its parts

    1. a shown total has no withheld part, or at least two, whose sum is k or more and
       above their number (else they could only all be 1);
    2. a withheld total has a withheld part (else it is the sum of its parts).

What is withheld beside the small counts is the next smallest part that is not zero; where
there is none, the total itself. Nothing is ever shown again, so this ends. Zero stays zero.

Totals and parts are of two kinds: an area and the areas in it (a cell and the smaller cells
that share a place with it), and passages with their directions. No total then has exactly one
unknown part, so that subtracting what is shown from what is shown, again and again, ends with
nothing. Windows lie within each other: a count goes as well where it, less that of a shorter
window, would be small. What an attacker with linear algebra still finds, above all from cells and
areas together: docs/decisions/0004-small-counts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.sums import FEVER, PASSAGES, PUBLISHED

Flags = NDArray[np.bool_]
Table = NDArray[np.int64]

TOLD: Final = 1
"""Age of the minute that is a window of its own."""
_NONE: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Totals:
    """Which node is a part of which total, sorted by total.

    `parents` are the totals, each once; the parts of `parents[g]` are
    `child[start[g]:start[g + 1]]`.
    """

    parents: NDArray[np.int64]
    start: NDArray[np.int64]
    child: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Links(Totals):
    """All totals and parts; `group` is each link's total, `pair` the link of each pair given."""

    group: NDArray[np.int64]
    pair: NDArray[np.int64]

    def touching(self, nodes: Flags) -> tuple[Totals, NDArray[np.int64]]:
        """Give the totals that these nodes (n,) are or are a part of, and their links' rows."""
        groups = nodes[self.parents]
        groups[self.group[nodes[self.child]]] = True
        rows = np.flatnonzero(groups[self.group])
        start = np.searchsorted(rows, self.start[groups])
        return Totals(self.parents[groups], start, self.child[rows]), rows


def links(parent: NDArray[np.int64], child: NDArray[np.int64]) -> Links:
    """Arrange pairs of total and part; pairs that are equal share one link."""
    both = parent << 32 | child
    distinct, pair = np.unique(both, return_inverse=True)
    parents, start, group = np.unique(distinct >> 32, return_index=True, return_inverse=True)
    return Links(parents, start, distinct & 0xFFFFFFFF, group, pair)


def withheld(
    values: Table, shares: Table, parts: Links, k: int, also: Flags | None = None
) -> Flags:
    """Say which counts are withheld.

    Parameters
    ----------
    values : (n, 5) int64
        Counts of each node: in, out, pass, passages, fever.
    shares : (links, 5) int64
        How much of each link's part is in its total: all of it in a tree of areas, less
        where a small cell lies across the edge of a larger one.
    parts : Links
        Which nodes are parts of which.
    k : int
        The smallest count that may be shown.
    also : (n, 5) bool, optional
        What is withheld for other reasons; 0 is not.

    Returns
    -------
    (n, 5) bool
        True where the count is withheld; never where it is 0.
    """
    hidden = (values > 0) & (values < k)
    if also is not None:
        hidden |= also
    seen = np.zeros_like(hidden)
    while True:  # more is withheld each time, so it ends
        _hide_directions(values, hidden, k)
        anew = (hidden != seen).any(axis=1)
        if not anew.any():
            return hidden
        seen = hidden.copy()
        near, rows = parts.touching(anew)
        _hide_parts(values, shares[rows], hidden, near, k)


def _hide_directions(values: Table, hidden: Flags, k: int) -> None:
    """Withhold all directions of a node of which one is withheld, or the total is.

    Were some shown, a table of directions by areas could be solved like a puzzle although
    each line of it has two gaps.
    """
    rows = np.flatnonzero(hidden[:, : PASSAGES + 1].any(axis=1))
    taken = values[rows, :PASSAGES] > 0
    weak = _is_weak(taken.sum(axis=1), values[rows, PASSAGES], k)
    hidden[rows, :PASSAGES] |= taken
    hidden[rows[weak], PASSAGES] = True


def _hide_parts(values: Table, shares: Table, hidden: Flags, parts: Totals, k: int) -> None:
    """Apply the rules to every total and its parts, all columns at once."""
    if len(parts.child) == 0:
        return
    flag = hidden[parts.child] & (shares > 0)
    n_hidden = _by_total(np.add, flag.astype(np.int64), parts)
    sum_hidden = _by_total(np.add, np.where(flag, shares, 0), parts)
    whole = hidden[parts.parents]
    bad = np.where(whole, n_hidden == 0, _is_weak(n_hidden, sum_hidden, k))
    if not bad.any():
        return
    # the size of the part decides, its share of this total only whether it helps
    size = np.where(shares > 0, values[parts.child], 0)
    _hide_smallest(size, flag, bad, hidden, parts)


def _hide_smallest(size: Table, flag: Flags, bad: Flags, hidden: Flags, parts: Totals) -> None:
    """Withhold the smallest shown part of each bad total, else the total."""
    place = np.arange(len(parts.child))[:, None]
    order = np.where(~flag & (size > 0), size * len(parts.child) + place, _NONE)
    best = _by_total(np.minimum, order, parts)
    group, column = np.nonzero(bad & (best < _NONE))
    hidden[parts.child[best[group, column] % len(parts.child)], column] = True
    group, column = np.nonzero(bad & (best == _NONE))
    hidden[parts.parents[group], column] = True


def _by_total(combine: np.ufunc, table: Table, parts: Totals) -> Table:
    """Combine the rows of each total's parts; column by column, which is faster."""
    combined: Table = combine.reduceat(np.ascontiguousarray(table.T), parts.start, axis=1).T
    return combined


def _is_weak(n_hidden: Table, sum_hidden: Table, k: int) -> Flags:
    """Say where the withheld parts of a shown total could be worked out."""
    weak: Flags = (n_hidden == 1) | ((n_hidden > 0) & ((sum_hidden < k) | (sum_hidden <= n_hidden)))
    return weak


def told_by_shorter(values: Table, shorter: Sequence[Table], k: int) -> Flags:
    """Say which counts of a window, less one of a shorter window within it, would be small.

    A shorter window that is small itself is withheld, so nothing can be taken from it.

    Parameters
    ----------
    values : (n, 5) int64
        Counts of the window.
    shorter : sequence of (n, 5) int64
        Counts of windows within it that are shown too.
    k : int
        The smallest count that may be shown.

    Returns
    -------
    (n, 5) bool
    """
    told = np.zeros(values.shape, dtype=np.bool_)
    for within in shorter:
        rest = values - within
        told |= (within >= k) & (rest > 0) & (rest < k)
    return told


def withheld_beside_sum(
    parts: NDArray[np.int64], k: int, since: int = 0, also: Flags | None = None
) -> Flags:
    """Say which counts without directions are withheld, as the sum of some is known.

    Parameters
    ----------
    parts : (m,) int64
        The counts.
    k : int
        The smallest count that may be shown.
    since : int
        The first of those that are summed; all after it are.
    also : (m,) bool, optional
        What is withheld for other reasons.

    Returns
    -------
    (m + 1,) bool
        Of each count, and last of the sum.
    """
    values = np.zeros((len(parts) + 1, len(PUBLISHED)), dtype=np.int64)
    values[:, FEVER] = [*parts, parts[since:].sum()]  # a column without directions
    other = np.zeros(values.shape, dtype=np.bool_)
    other[:-1, FEVER] = False if also is None else also
    rows = np.arange(since, len(parts))
    summed = links(np.full(len(rows), len(parts)), rows)
    return withheld(values, values[summed.child], summed, k, other)[:, FEVER]


def withheld_series(
    values: Table,
    ages: tuple[tuple[int, int], ...],
    k: int,
    also: Flags | None = None,
    sums_hidden: Flags | None = None,
) -> Flags:
    """Say which minutes of a series are withheld, when sums over `ages` are shown as well.

    Parameters
    ----------
    values : (m, 5) int64
        Counts by minute, oldest first: the last row has age 0.
    ages : tuple of (youngest, oldest)
        Stretches of minutes whose sums can be worked out from what is shown.
    k : int
        The smallest count that may be shown.
    also : (m, 5) bool, optional
        What is withheld for other reasons; 0 is not.
    sums_hidden : (ages, 5) bool, optional
        Which of the sums are withheld: their minutes must not add up to them.

    Returns
    -------
    (m, 5) bool
    """
    length = len(values)
    rows = [np.arange(length - oldest, length - youngest) for youngest, oldest in ages]
    sums = np.stack([values[r].sum(axis=0) for r in rows])
    parent = np.concatenate([np.full(len(r), length + i) for i, r in enumerate(rows)])
    nodes = np.concatenate([values, sums])
    parts = links(parent, np.concatenate(rows))
    if also is None:
        also = np.zeros_like(values, dtype=np.bool_)
    shares = nodes[parts.child]
    # where a window tells this minute, withholding it here would hide nothing beside it
    told = (values[-1 - TOLD] >= k) & ~also[-1 - TOLD]
    shares[np.ix_(parts.child == length - 1 - TOLD, told)] = 0
    unseen = np.zeros_like(sums, dtype=np.bool_) if sums_hidden is None else sums_hidden
    also = np.concatenate([also, unseen & (sums > 0)])
    return withheld(nodes, shares, parts, k, also)[:length]
