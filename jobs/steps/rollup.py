"""Roll up: slices of places become slices of cells and of areas, at every level.

A place has one cell at each of the resolutions 7, 8 and 9, and one area at each level of the
city. Both are functions of the place, so totals over cells and over areas are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.steps.messages import Longs
from jobs.steps.slices import PlaceMinutes


@dataclass(frozen=True, eq=False, slots=True)
class Sums:
    """Slices summed by some key, one row a key and minute, in ascending order of both.

    `key` (s,) int64 is the caller's, `counts` (s, 7) int64 in the order of `COUNTERS`.
    """

    key: Longs
    minute_ms: Longs
    counts: NDArray[np.int64]
    arrival_ms: Longs


def rolled_up(key: Longs, slices: PlaceMinutes) -> Sums:
    """Sum slices by key and minute.

    Parameters
    ----------
    key : (s,) int64
        What each slice's place belongs to: its cell of one resolution, or its area of one level.
    slices : PlaceMinutes

    Returns
    -------
    Sums
        Counts add up; the newest arrival is that of the newest slice.
    """
    keys, group = np.unique(np.stack([key, slices.minute_ms], axis=1), axis=0, return_inverse=True)
    group = group.reshape(-1)
    counts = np.zeros((len(keys), slices.counts.shape[1]), dtype=np.int64)
    np.add.at(counts, group, slices.counts)
    arrival_ms = np.full(len(keys), -1, dtype=np.int64)
    np.maximum.at(arrival_ms, group, slices.arrival_ms)
    return Sums(keys[:, 0], keys[:, 1], counts, arrival_ms)
