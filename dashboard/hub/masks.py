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
that share a place with it), and passages with their directions. Why this is enough for one
kind: docs/decisions/small-counts.md. tests/dashboard/test_masks.py attacks both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.sums import PASSAGES

Flags = NDArray[np.bool_]
Table = NDArray[np.int64]

_NONE: Final = np.iinfo(np.int64).max
_DIRECTIONS: Final = slice(0, PASSAGES)


@dataclass(frozen=True, slots=True)
class Links:
    """Which node is a part of which total, sorted by total.

    `parents` are the totals, each once; the parts of `parents[g]` are
    `child[start[g]:start[g + 1]]`; `group` gives g for each link.
    """

    parents: NDArray[np.int64]
    start: NDArray[np.int64]
    child: NDArray[np.int64]
    group: NDArray[np.int64]


def links(parent: NDArray[np.int64], child: NDArray[np.int64]) -> Links:
    """Arrange pairs of total and part; a pair given twice counts once."""
    pairs = np.unique(np.stack([parent, child], axis=1), axis=0)
    parents, start, sizes = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    return Links(parents, start, pairs[:, 1], np.repeat(np.arange(len(parents)), sizes))


def withheld(values: Table, parts: Links, k: int, also: Flags | None = None) -> Flags:
    """Say which counts are withheld.

    Parameters
    ----------
    values : (n, 5) int64
        Counts of each node: in, out, pass, passages, fever.
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
    while _hide_directions(values, hidden, k) | _hide_parts(values, hidden, parts, k):
        pass
    return hidden


def _hide_directions(values: Table, hidden: Flags, k: int) -> bool:
    """Apply the rules to passages = in + out + pass of each node."""
    changed = False
    whole = hidden[:, PASSAGES]
    rows = np.flatnonzero(whole | hidden[:, _DIRECTIONS].any(axis=1))
    parts, shown = (
        values[rows, _DIRECTIONS],
        ~hidden[rows, _DIRECTIONS] & (values[rows, _DIRECTIONS] > 0),
    )
    # a withheld total takes all its directions with it: two shown ones would bound the third
    block = whole[rows][:, None] & shown
    n_hidden = (hidden[rows, _DIRECTIONS]).sum(axis=1)
    weak = ~whole[rows] & _is_weak(
        n_hidden, np.where(hidden[rows, _DIRECTIONS], parts, 0).sum(axis=1), k
    )
    smallest = np.where(shown, parts, _NONE).argmin(axis=1)
    can = shown.any(axis=1)
    pick = np.flatnonzero(weak & can)
    block[pick, smallest[pick]] = True
    if block.any():
        hidden[rows, _DIRECTIONS] |= block
        changed = True
    stuck = rows[weak & ~can]
    if len(stuck):
        hidden[stuck, PASSAGES] = True
        changed = True
    return changed


def _hide_parts(values: Table, hidden: Flags, parts: Links, k: int) -> bool:
    """Apply the rules to every total and its parts, all columns at once."""
    if len(parts.child) == 0:
        return False
    value, flag = values[parts.child], hidden[parts.child]
    n_hidden = np.add.reduceat(flag.astype(np.int64), parts.start, axis=0)
    sum_hidden = np.add.reduceat(np.where(flag, value, 0), parts.start, axis=0)
    whole = hidden[parts.parents]
    bad = np.where(whole, n_hidden == 0, _is_weak(n_hidden, sum_hidden, k))
    if not bad.any():
        return False
    _hide_smallest(value, flag, bad, hidden, parts)
    return True


def _hide_smallest(value: Table, flag: Flags, bad: Flags, hidden: Flags, parts: Links) -> None:
    """Withhold the smallest shown part of each bad total, else the total."""
    place = np.arange(len(parts.child))[:, None]
    order = np.where(~flag & (value > 0), value * len(parts.child) + place, _NONE)
    best = np.minimum.reduceat(order, parts.start, axis=0)
    group, column = np.nonzero(bad & (best < _NONE))
    hidden[parts.child[best[group, column] % len(parts.child)], column] = True
    group, column = np.nonzero(bad & (best == _NONE))
    hidden[parts.parents[group], column] = True


def _is_weak(n_hidden: Table, sum_hidden: Table, k: int) -> Flags:
    """Say where the withheld parts of a shown total could be worked out."""
    weak: Flags = (n_hidden == 1) | ((n_hidden > 0) & ((sum_hidden < k) | (sum_hidden <= n_hidden)))
    return weak


def withheld_series(
    values: Table, ages: tuple[tuple[int, int], ...], k: int, also: Flags | None = None
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

    Returns
    -------
    (m, 5) bool
    """
    length = len(values)
    rows = [np.arange(length - oldest, length - youngest) for youngest, oldest in ages]
    sums = np.stack([values[r].sum(axis=0) for r in rows])
    parent = np.concatenate([np.full(len(r), length + i) for i, r in enumerate(rows)])
    nodes = np.concatenate([values, sums])
    if also is not None:
        also = np.concatenate([also, np.zeros_like(sums, dtype=np.bool_)])
    return withheld(nodes, links(parent, np.concatenate(rows)), k, also)[:length]
