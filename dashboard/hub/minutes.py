"""Minutes: what a map of one single minute would withhold, remembered until it changes."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.frame import Geography
from dashboard.hub.ring import SLOTS
from dashboard.hub.shown import masked_areas, masked_cells
from dashboard.hub.state import CityState


class Kind(StrEnum):
    """Which tree a node belongs to."""

    CELLS = "cells"
    AREAS = "areas"


class MinuteMasks:
    """Masks of the ring's minutes; a minute is looked at again only when it has changed."""

    def __init__(self, k: int) -> None:
        self.k = k
        self._state: CityState | None = None
        self._held: dict[tuple[Kind, int], tuple[tuple[int, int], NDArray[np.bool_]]] = {}

    def of_node(
        self, state: CityState, geography: Geography, node: tuple[Kind, int], length: int
    ) -> NDArray[np.bool_]:
        """Say which counts of a node are withheld in the last minutes: (length, 5)."""
        if state is not self._state:  # another log: its minutes have the same numbers
            self._state, self._held = state, {}
        clock = state.ring.clock or 0
        minutes = range(clock - length + 1, clock + 1)
        kind, row = node
        return np.stack([self._of(state, geography, kind, m)[row] for m in minutes])

    def _of(
        self, state: CityState, geography: Geography, kind: Kind, minute: int
    ) -> NDArray[np.bool_]:
        slot = minute % SLOTS
        version = (int(state.ring.versions[slot]), len(geography.cells) + geography.n_cells)
        held = self._held.get((kind, slot))
        if held is None or held[0] != version:
            held = (version, self._work_out(state, geography, kind, slot))
            self._held[kind, slot] = held
        return held[1]

    def _work_out(
        self, state: CityState, geography: Geography, kind: Kind, slot: int
    ) -> NDArray[np.bool_]:
        counts = state.ring.counts[slot][: len(geography.grid)]
        masked = masked_cells if kind is Kind.CELLS else masked_areas
        return masked(counts, geography, self.k).hidden
