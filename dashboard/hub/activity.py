"""Activity: how many cells had a passage in the 15 minutes up to each of the last minutes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.ring import SLOTS, Counts
from dashboard.hub.sums import any_by_group


def active_cells(
    counts: Counts,
    clock: int,
    group: NDArray[np.int32],
    n_groups: int,
    *,
    minutes: int,
    window: int,
) -> list[int]:
    """Count active cells at each of the last `minutes` minutes, oldest first.

    Parameters
    ----------
    counts : (slots, p, 7) int32
        The ring; the first three columns are in, out, pass.
    clock : int
        The running minute.
    group : (p,) int32
        Cell of each place, -1 for none.
    n_groups : int
        Number of cells.
    minutes, window : int
        Length of the series and of the window, in minutes.
    """
    slots = np.arange(clock - minutes - window + 2, clock + 1) % SLOTS
    busy = np.stack([counts[slot, :, :3].any(axis=1) for slot in slots])
    up_to = np.concatenate([np.zeros((1, busy.shape[1]), np.int16), busy.cumsum(0, np.int16)])
    return [
        int(any_by_group(up_to[end] > up_to[end - window], group, n_groups).sum())
        for end in range(window, len(up_to))
    ]
