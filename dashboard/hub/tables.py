"""Cell tables: which index on the wire is which H3 cell; they only grow at the end."""

from __future__ import annotations

import hashlib

import h3
import numpy as np
from numpy.typing import NDArray

from dashboard.errors import CapacityError
from dashboard.hub import wire

CORNERS = 6


class CellTable:
    """The cells of one resolution in the order in which they became known.

    Indices never change. The digest names exactly this sequence of cells, so a browser
    that holds another one knows that it must fetch the table again.
    """

    def __init__(self, res: int, limit: int) -> None:
        self.res = res
        self.limit = limit
        self._index: dict[int, int] = {}
        self._encoded: bytes | None = None
        self._digest: bytes | None = None

    def __len__(self) -> int:
        return len(self._index)

    def index_of(self, cell: int) -> int:
        """Give a cell's index; a cell not seen before is added at the end."""
        known = self._index.get(cell)
        if known is not None:
            return known
        if len(self._index) >= self.limit:
            raise CapacityError(f"cell table {self.res} holds {self.limit} cells: it is full")
        self._index[cell] = added = len(self._index)
        self._encoded = self._digest = None
        return added

    def indices_of(self, cells: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Give the index of each cell, adding those not seen before."""
        return np.fromiter(
            (self.index_of(cell) for cell in cells.tolist()), dtype=np.int32, count=len(cells)
        )

    def find(self, cell: int) -> int | None:
        """Give a cell's index; None when no place has ever been in it."""
        return self._index.get(cell)

    def cells(self) -> NDArray[np.uint64]:
        """Give the cells in order."""
        return np.fromiter(self._index, dtype=np.uint64, count=len(self._index))

    def digest(self) -> bytes:
        """Give 8 bytes that name this sequence of cells."""
        if self._digest is None:
            self._digest = hashlib.blake2b(self.cells().tobytes(), digest_size=8).digest()
        return self._digest

    def encoded(self) -> bytes:
        """Give the table as the browser fetches it; made once for each digest."""
        if self._encoded is None:
            cells = self.cells()
            self._encoded = wire.table(self.res, self.digest(), cells, *shapes(cells))
        return self._encoded

    def encoded_now(self) -> tuple[bytes, bytes]:
        """Give the table as the browser fetches it, and its digest."""
        return self.encoded(), self.digest()


def shapes(cells: NDArray[np.uint64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the area (km2) and six corners (lng, lat in degrees) of each cell.

    A pentagon's last corner is given twice. float32 is exact to about a metre here.
    """
    area_km2 = np.empty(len(cells), dtype=np.float32)
    corners = np.empty((len(cells), CORNERS, 2), dtype=np.float32)
    for row, cell in enumerate(cells.tolist()):
        name = h3.int_to_str(cell)
        ring = [(lng, lat) for lat, lng in h3.cell_to_boundary(name)][:CORNERS]
        area_km2[row] = h3.cell_area(name)
        corners[row] = ring + [ring[-1]] * (CORNERS - len(ring))
    return area_km2, corners
