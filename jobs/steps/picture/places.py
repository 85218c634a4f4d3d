"""Places of the picture: a row for every place met, and the cells and area it counts for.

Registered places have the first rows, in the city's order; places that are known by coordinates
only are appended when they are first met, and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import h3.api.basic_int as h3
import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.cells import rows_of_cells
from jobs.steps.picture.ground import COARSE, COLUMN_OF, FINE, Ground
from schemas.records import PlaceMinute

CHUNK = 512


class Met(msgspec.Struct, frozen=True, array_like=True):
    """One place that is not registered."""

    place_id: str
    fine: int
    coarse: int
    grid: int


def _is_cell(text: str, resolution: int) -> bool:
    cell = int(text, 16)
    return bool(h3.is_valid_cell(cell) and h3.get_resolution(cell) == resolution)


class Places:
    """Rows of places, growing; `fine`, `coarse`, `grid` are columns by row.

    `fine` counts on beyond `ground.fine` for cells outside the city; `coarse` is the row in
    `ground.cells`, -1 where the cell is not of the city.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        gazetteer = ground.gazetteer
        self._row = dict(gazetteer.place_index)
        self._first = len(self._row)
        self.met: list[Met] = []
        self.extra: dict[int, int] = {}
        self._columns = np.stack(
            [
                rows_of_cells(ground.fine, gazetteer.cells[:, COLUMN_OF[FINE]]),
                rows_of_cells(ground.cells, gazetteer.cells[:, COLUMN_OF[COARSE]]),
                gazetteer.grid,
            ],
            axis=1,
        ).astype(np.int32)

    def is_somewhere(self, each: PlaceMinute) -> bool:
        """Say whether a slice's place is known, or can be met: its cells are cells."""
        return each.place_id in self._row or (
            _is_cell(each.cell9, FINE) and _is_cell(each.cell8, COARSE)
        )

    def rows(self, slices: Sequence[PlaceMinute]) -> NDArray[np.int32]:
        """Give the row of each slice's place; new places get new ones."""
        row = self._row
        found = [row.get(each.place_id, -1) for each in slices]
        for at, known in enumerate(found):
            if known < 0:
                found[at] = self._meet(slices[at])
        return np.array(found, dtype=np.int32)

    def _meet(self, each: PlaceMinute) -> int:
        if (row := self._row.get(each.place_id)) is not None:
            return row
        grid = self._ground.gazetteer.area_index.get(each.grid, self._ground.gazetteer.outside)
        return self._append(Met(each.place_id, int(each.cell9, 16), int(each.cell8, 16), grid))

    def _append(self, met: Met) -> int:
        self._row[met.place_id] = row = self._first + len(self.met)
        self.met.append(met)
        return row

    def columns(self) -> NDArray[np.int32]:
        """Give (p, 3): fine row, coarse row, smallest area of every place."""
        missing = self.met[len(self._columns) - self._first :]
        if missing:
            fine = np.array([each.fine for each in missing], dtype=np.uint64)
            coarse = np.array([each.coarse for each in missing], dtype=np.uint64)
            rows = rows_of_cells(self._ground.fine, fine)
            for at in np.flatnonzero(rows < 0).tolist():
                beyond = len(self._ground.fine) + len(self.extra)
                rows[at] = self.extra.setdefault(int(fine[at]), beyond)
            grid = np.array([each.grid for each in missing], dtype=np.int32)
            more = np.stack([rows, rows_of_cells(self._ground.cells, coarse), grid], axis=1)
            self._columns = np.concatenate([self._columns, more.astype(np.int32)])
        columns: NDArray[np.int32] = self._columns
        return columns

    def chunks(self, since: int) -> Iterator[tuple[int, bytes]]:
        """Give the chunks that changed since there were `since` places met, to be kept."""
        if since == len(self.met):
            return
        for chunk in range(since // CHUNK, len(self.met) // CHUNK + 1):
            yield chunk, msgspec.json.encode(self.met[chunk * CHUNK : (chunk + 1) * CHUNK])

    def restore(self, chunks: Sequence[bytes]) -> None:
        """Take kept chunks back, in order."""
        for chunk in chunks:
            for met in msgspec.json.decode(chunk, type=list[Met]):
                self._append(met)
