"""Blocks: what is known of one minute, sparse by place, and how two of them are joined.

A slice only ever grows (docs/decisions/0005), so of two values of one place and minute the
greater is the later one: joining is a maximum, in any order, and joining twice changes nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Counts = NDArray[np.int32]
COLUMNS = ("n_in", "n_out", "n_pass", "n_screened", "n_fever", "n_simulated")
"""The counters that the picture needs of a slice."""


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Counts of one minute: `place` (m,) rows in ascending order, `counts` (m, 6)."""

    place: Rows
    counts: Counts

    def join(self, place: Rows, counts: Counts) -> Block:
        """Join with further values of the same minute, in any order, repeated or not."""
        return block(np.concatenate([self.place, place]), np.concatenate([self.counts, counts]))

    def packed(self) -> bytes:
        """Write it down small."""
        columns = np.concatenate([np.diff(self.place, prepend=0)[:, None], self.counts], axis=1)
        return zlib.compress(np.ascontiguousarray(columns.T).astype("<i4").tobytes(), 1)


EMPTY = Block(np.empty(0, dtype=np.int32), np.empty((0, len(COLUMNS)), dtype=np.int32))


def block(place: Rows, counts: Counts) -> Block:
    """Make a block of values in any order; of one place the greatest of each counter stands."""
    if not len(place):
        return EMPTY
    order = np.argsort(place, kind="stable")
    place, counts = place[order], counts[order]
    starts = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
    return Block(place[starts], np.maximum.reduceat(counts, starts, axis=0))


def unpacked(packed: bytes) -> Block:
    """Read what `Block.packed` wrote."""
    columns = np.frombuffer(zlib.decompress(packed), dtype="<i4").reshape(len(COLUMNS) + 1, -1)
    place = np.cumsum(columns[0], dtype=np.int32)
    return Block(place, np.ascontiguousarray(columns[1:].T).astype(np.int32))
