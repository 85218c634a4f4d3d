"""Sums: window sums of places become those of cells and of areas of every level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.ring import COLUMNS

PUBLISHED = ("in", "out", "pass", "passages", "fever")
"""Columns of what is shown; in + out + pass = passages."""
IN, OUT, PASS, PASSAGES, FEVER = range(5)
_OF = {name: column for column, name in enumerate(COLUMNS)}


def published(sums: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn counters (n, 7) into what is shown: (n, 5) in, out, pass, passages, fever."""
    three = sums[:, [_OF["n_in"], _OF["n_out"], _OF["n_pass"]]].astype(np.int64)
    fever = sums[:, [_OF["n_fever"]]].astype(np.int64)
    return np.concatenate([three, three.sum(axis=1, keepdims=True), fever], axis=1)


def by_group(
    values: NDArray[np.int64], group: NDArray[np.int32] | NDArray[np.int64], n_groups: int
) -> NDArray[np.int64]:
    """Add up the rows (n, c) of each group: (n_groups, c); a group below 0 counts nowhere."""
    inside = np.flatnonzero((group >= 0) & values.any(axis=1))
    where = group[inside]
    total = np.empty((n_groups, values.shape[1]), dtype=np.int64)
    for column in range(values.shape[1]):
        # float64 holds whole numbers exactly up to 2**53
        total[:, column] = np.bincount(where, values[inside, column], minlength=n_groups)
    return total


def any_by_group(
    flags: NDArray[np.bool_], group: NDArray[np.int32], n_groups: int
) -> NDArray[np.bool_]:
    """Say for each group whether any of its rows is flagged."""
    found = np.zeros(n_groups, dtype=np.bool_)
    found[group[flags & (group >= 0)]] = True
    return found
