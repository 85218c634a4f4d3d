"""The tree of areas as index arithmetic: lineages, and sums from the smallest areas up.

Areas are rows of a table; `level` counts from 0, the largest; `parent` is the row above, -1 at
the top. A lineage lists, for one area, the row of its ancestor at each level, itself
included, and -1 below itself:

    level          0          1         2
    district 0     0         -1        -1
      street 1     0          1        -1
        grid 2     0          1         2
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.errors import AreaTreeError

Counts = NDArray[np.int64]
Indices = NDArray[np.int32]
Levels = NDArray[np.int8]

NONE = -1


def lineages(level: Levels, parent: Indices, depth: int) -> Indices:
    """Give the ancestors of each area, itself included.

    Parameters
    ----------
    level : (a,) int8
        0..depth - 1.
    parent : (a,) int32
        Row of the area one level up; -1 exactly at level 0.
    depth : int
        Number of levels.

    Returns
    -------
    (a, depth) int32
        Row of the ancestor at each level; -1 below the area's own.

    Raises
    ------
    AreaTreeError
        A parent is missing or not exactly one level up; names the first such row.
    """
    check_tree(level, parent, depth)
    lineage = np.full((len(level), depth), NONE, dtype=np.int32)
    for here in range(depth):
        rows = np.flatnonzero(level == here)
        if here:
            lineage[rows] = lineage[parent[rows]]
        lineage[rows, here] = rows
    return lineage


def sums_up(of_smallest: Counts, lineage: Indices) -> Counts:
    """Sum a count of the smallest areas to every area above them.

    Parameters
    ----------
    of_smallest : (a,) int64
        Count of each smallest area; entries of larger areas are ignored.
    lineage : (a, depth) int32

    Returns
    -------
    (a,) int64
        For a smallest area its own count, for a larger one the sum below it.
    """
    smallest = np.flatnonzero(lineage[:, -1] != NONE)
    sums = np.zeros(len(lineage), dtype=np.int64)
    for ancestor in lineage[smallest].T:
        np.add.at(sums, ancestor, of_smallest[smallest])
    return sums


def check_tree(level: Levels, parent: Indices, depth: int) -> None:
    """Raise AreaTreeError unless every area hangs exactly one level below its parent."""
    _refuse((level < 0) | (level >= depth), "level", level, f"0..{depth - 1}")
    top = level == 0
    _refuse(top & (parent != NONE), "parent", parent, "-1 at the top")
    _refuse(~top & ((parent < 0) | (parent >= len(level))), "parent", parent, "a row")
    above = np.where(top, -1, level[np.where(top, 0, parent)])
    _refuse(above != level - 1, "parent", parent, "an area one level up")


def _refuse(bad: NDArray[np.bool_], name: str, column: NDArray[np.int_], expected: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise AreaTreeError(f"{name}[{row}] is {int(column[row])}: expected {expected}")
