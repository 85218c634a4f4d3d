"""Trees of areas for tests of masks: drawn at random, two to four levels deep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


def drawn_tree(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Draw the parent of each node, -1 of the root, and the nodes that are leaves."""
    parent, leaves = [-1], [0]
    for _ in range(rng.integers(1, 4)):
        below = []
        for above in leaves:
            for _ in range(rng.integers(1, 5)):
                parent.append(above)
                below.append(len(parent) - 1)
        leaves = below
    return parent, leaves


def and_above(parent: Sequence[int] | np.ndarray, node: int) -> Iterator[int]:
    """Give a node and all that it lies in, up to the root."""
    while node >= 0:
        yield node
        node = parent[node]
