"""Places as columns of text: what a slice says about where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.cells import Cells, Texts, cells_to_strings
from geo.gazetteer import Gazetteer, Located

BETWEEN = "\n"
"""Stands between the parts of a text; no id of a city pack holds a line break."""


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Some places: id, cells of resolutions 7, 8, 9, and the row of the smallest area.

    `place_id` (p,) of str, `cells` (p, 3) uint64, `grid` (p,) int32.
    """

    place_id: Texts
    cells: Cells
    grid: NDArray[np.int32]

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> Places:
        """Give the registered places of a city."""
        return cls(gazetteer.place_id, gazetteer.cells, gazetteer.grid)

    def with_located(self, located: Located) -> Places:
        """Add places that are known by coordinates only, at the end."""
        return Places(
            np.concatenate([self.place_id, located.place_id]),
            np.concatenate([self.cells, located.cells]),
            np.concatenate([self.grid, located.grid]),
        )

    def whereabouts(self, area_id: Texts, start: int = 0) -> Texts:
        """Give where each place from `start` on is, as one text: its three cells, its area."""
        rows = slice(start, None)
        texts = [
            *(cells_to_strings(cells) for cells in self.cells[rows].T),
            area_id[self.grid[rows]],
        ]
        joined = np.empty(len(self) - start, dtype=object)
        joined[:] = [BETWEEN.join(parts) for parts in zip(*texts, strict=True)]
        return joined

    def __len__(self) -> int:
        return len(self.place_id)


def rows_of_places(index: Mapping[str, int], place_ids: Sequence[str | None]) -> NDArray[np.int32]:
    """Give the row of each registered place; -1 where it is not registered, or None."""
    get = index.get
    return np.array([get(place_id, -1) if place_id else -1 for place_id in place_ids], np.int32)
