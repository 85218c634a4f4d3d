"""Located: where bare coordinates belong, and the memory of what was located before.

A bare coordinate's place is its cell of resolution 12 (about 300 m²), and that place's cells
and grid are those of the cell's centre, so that they are functions of the place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.area_tree import Indices
from geo.cells import Cells, Degrees, Texts, as_texts, latlng_to_cells

RESOLUTIONS = (7, 8, 9)
PLACE_RESOLUTION = 12


@dataclass(frozen=True, eq=False)
class Located:
    """Where some coordinates belong, row by row.

    Attributes
    ----------
    place_id : (n,) of str
        The cell of resolution 12 that holds the point, as text: the point's place.
    cells : (n, 3) uint64
        Cells of resolutions 7, 8 and 9 that hold the centre of that place.
    grid : (n,) int32
        Row of the smallest area that holds that centre.
    in_city : (n,) bool
        False where the point lies more than 0.1 degree beyond the city's bounding box.
    """

    place_id: Texts
    cells: Cells
    grid: Indices
    in_city: NDArray[np.bool_]


@dataclass
class LocatedCells:
    """Memory of cells of resolution 12 already located; the caller owns it, `locate` fills it.

    At most `limit` cells (about 130 bytes each) are kept; when more would be, all are
    forgotten and the newest batch remains. One memory serves one gazetteer.
    """

    limit: int = 500_000
    place: Cells = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    text: Texts = field(default_factory=lambda: as_texts([]))
    cells: Cells = field(default_factory=lambda: np.empty((0, 3), dtype=np.uint64))
    grid: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int32))

    def missing(self, place: Cells) -> Cells:
        """Give those of some distinct cells that are not remembered."""
        return np.setdiff1d(place, self.place, assume_unique=True)

    def add(self, place: Cells, cells: Cells, grid: Indices) -> None:
        """Remember distinct new cells, or these alone where the limit would be passed."""
        if len(self.place) + len(place) > self.limit:
            self.forget()
        joined = np.concatenate([self.place, place])
        order = np.argsort(joined)
        self.place = joined[order]
        self.text = np.concatenate([self.text, as_texts(f"{c:x}" for c in place.tolist())])[order]
        self.cells = np.concatenate([self.cells, cells])[order]
        self.grid = np.concatenate([self.grid, grid])[order]

    def forget(self) -> None:
        """Drop everything remembered."""
        self.place, self.text = self.place[:0], self.text[:0]
        self.cells, self.grid = self.cells[:0], self.grid[:0]


def cells_of(lat: Degrees, lng: Degrees) -> Cells:
    """Give the cells of resolutions 7, 8 and 9 that hold each point, as (n, 3)."""
    return np.stack([latlng_to_cells(lat, lng, resolution) for resolution in RESOLUTIONS], axis=1)
