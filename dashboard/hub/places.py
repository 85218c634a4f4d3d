"""Places: the row of each place, and the cells and area it counts for.

Places of the city pack have a row for good. A place known by coordinates only (an H3 cell
of resolution 12) gets a row when it first reports and loses it when the ring has nothing of
it left, so that memory follows the last two hours and not the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dashboard.errors import CapacityError
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.tables import CellTable
from geo.gazetteer import OUTSIDE
from schemas.times import MINUTE_MS

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer
    from schemas.records import PlaceMinute

NEVER = -1


class Places:
    """Rows of places with their columns: cells (index into each table), grid, last minute."""

    def __init__(
        self, gazetteer: Gazetteer, *, spare: int, max_places: int, max_cells: int
    ) -> None:
        self.gazetteer = gazetteer
        self.tables = tuple(CellTable(res, max_cells) for res in RESOLUTIONS)
        self.n_fixed = len(gazetteer.place_id)
        self.limit = max(max_places, self.n_fixed + spare)
        self.row_of: dict[str, int] = {p: i for i, p in enumerate(gazetteer.place_id.tolist())}
        self._dynamic: dict[int, str] = {}
        self._free: list[int] = []
        self._unused = self.n_fixed
        self.version = 0
        room = self.n_fixed + spare
        self.cells: NDArray[np.int32] = np.full((room, len(RESOLUTIONS)), -1, dtype=np.int32)
        self.grid: NDArray[np.int32] = np.full(room, -1, dtype=np.int32)
        self.last_minute: NDArray[np.int64] = np.full(room, NEVER, dtype=np.int64)
        self.last_arrival_ms: NDArray[np.int64] = np.full(room, NEVER, dtype=np.int64)
        self.corrected_ms: NDArray[np.int64] = np.full(room, NEVER, dtype=np.int64)
        for column, table in enumerate(self.tables):
            self.cells[: self.n_fixed, column] = table.indices_of(gazetteer.cells[:, column])
        self.grid[: self.n_fixed] = gazetteer.grid

    @property
    def capacity(self) -> int:
        """Give the number of rows there is room for."""
        return len(self.grid)

    def __len__(self) -> int:
        return len(self.row_of)

    def row(self, record: PlaceMinute, oldest_minute: int) -> int:
        """Give the row of a record's place; a new place gets one.

        Raises
        ------
        CapacityError
            All rows are taken by places that reported since `oldest_minute`, or a cell
            table is full.
        """
        known = self.row_of.get(record.place_id)
        return known if known is not None else self._add(record, oldest_minute)

    def know(self, cell: int, res: int) -> None:
        """Add a cell that statistics speak of, whether or not a place is in it.

        Raises
        ------
        CapacityError
            The cell table is full.
        """
        table = self.tables[RESOLUTIONS.index(res)]
        if table.find(cell) is None:
            table.index_of(cell)
            self.version += 1

    def _add(self, record: PlaceMinute, oldest_minute: int) -> int:
        names = (record.cell7, record.cell8, record.cell9)
        cells = [
            table.index_of(int(name, 16)) for table, name in zip(self.tables, names, strict=True)
        ]
        row = self._room(oldest_minute)
        self.row_of[record.place_id] = row
        self._dynamic[row] = record.place_id
        self.cells[row] = cells
        areas = self.gazetteer.area_index
        self.grid[row] = areas.get(record.grid, areas[OUTSIDE])
        # at once, so that the row cannot be taken for unused while its batch is folded
        self.last_minute[row] = record.minute_ms // MINUTE_MS
        self.version += 1
        return row

    def _room(self, oldest_minute: int) -> int:
        """Take a row: one given back, else one never used; make more where there is none."""
        if not self._free and self._unused == self.capacity:
            self._forget(oldest_minute)
            if len(self._free) <= len(self._dynamic) // 4 and self.capacity < self.limit:
                self._grow(min(self.limit, self.capacity * 3 // 2 + 1))
        if self._free:
            return self._free.pop()
        if self._unused == self.capacity:
            raise CapacityError(f"{self.limit} places reported in the ring: no row is free")
        self._unused += 1
        return self._unused - 1

    def _forget(self, oldest_minute: int) -> None:
        """Free the rows of dynamic places of which the ring holds nothing any more."""
        for row in [r for r in self._dynamic if self.last_minute[r] < oldest_minute]:
            del self.row_of[self._dynamic.pop(row)]
            self.last_minute[row] = self.last_arrival_ms[row] = self.corrected_ms[row] = NEVER
            self.cells[row] = self.grid[row] = -1
            self._free.append(row)
        self.version += 1

    def _grow(self, capacity: int) -> None:
        more = capacity - self.capacity
        self.cells = np.pad(self.cells, ((0, more), (0, 0)), constant_values=-1)
        self.grid = np.pad(self.grid, (0, more), constant_values=-1)
        self.last_minute = np.pad(self.last_minute, (0, more), constant_values=NEVER)
        self.last_arrival_ms = np.pad(self.last_arrival_ms, (0, more), constant_values=NEVER)
        self.corrected_ms = np.pad(self.corrected_ms, (0, more), constant_values=NEVER)

    def saw(
        self, rows: NDArray[np.int64], minutes: NDArray[np.int64], arrival_ms: NDArray[np.int64]
    ) -> None:
        """Remember the newest minute and arrival of each place that reported."""
        np.maximum.at(self.last_minute, rows, minutes)
        np.maximum.at(self.last_arrival_ms, rows, arrival_ms)

    def name(self, row: int) -> str:
        """Give the place_id of a row."""
        if row < self.n_fixed:
            return str(self.gazetteer.place_id[row])
        return self._dynamic[row]
