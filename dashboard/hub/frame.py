"""Frame: everything shown at one tick, worked out from one copy of the window sums.

A frame never changes. What a panel asks for is worked out once, when first asked for, so
panels of one refresh agree with each other and nothing is worked out for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from dashboard.hub import wire
from dashboard.hub.classes import BUSY, Scale
from dashboard.hub.layers import RESOLUTIONS, Layer, Metric
from dashboard.hub.masks import Links, links
from dashboard.hub.places import Places
from dashboard.hub.ring import AGES, COLUMNS
from dashboard.hub.shown import (
    SHORTER,
    Counters,
    Shown,
    Values,
    area_values,
    cell_values,
    shown_areas,
    shown_cells,
)
from dashboard.hub.statistics.catalog import StatisticLayer
from dashboard.hub.statistics.fold import PictureView
from dashboard.hub.statistics.layers import as_of_ms, statistic
from dashboard.hub.sums import FEVER, IN, OUT, PASSAGES, any_by_group
from dashboard.hub.tables import CellTable
from schemas.times import MINUTE_MS

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer

T = TypeVar("T")
AddUp = Callable[[Counters, "Geography"], Values]
COLUMN_OF = {Metric.IN: IN, Metric.OUT: OUT, Metric.PASSAGES: PASSAGES, Metric.FEVER: FEVER}
_SIMULATED = COLUMNS.index("n_simulated")
STALE_AFTER = 60
"""A cell of which no place reported for so many minutes is marked stale."""


@dataclass(frozen=True)
class Geography:
    """Which cells and areas the rows of places count for, copied when it last changed.

    Nodes of the cells' tree are numbered resolution 9 first, then 8, 7 and the city.
    `linked` are the rows of places from which the pairs of `cell_links` were made. `untold` are
    the areas of which no live count is told, for they are smaller than the city lets be counted.
    """

    gazetteer: Gazetteer
    cells: NDArray[np.int32]
    grid: NDArray[np.int32]
    sizes: tuple[int, ...]
    linked: NDArray[np.int64]
    cell_links: Links
    area_links: Links
    tables: tuple[CellTable, ...]
    untold: NDArray[np.int64]

    @classmethod
    def of(cls, places: Places, finest_counts: str) -> Geography:
        """Copy what places hold now; `finest_counts` is the smallest level of areas counted."""
        sizes = tuple(len(table) for table in places.tables)
        used = np.flatnonzero(places.cells[:, 0] >= 0)
        return cls(
            places.gazetteer,
            places.cells.copy(),
            places.grid.copy(),
            sizes,
            np.tile(used, len(RESOLUTIONS)),
            _cell_links(places.cells[used].astype(np.int64), sizes),
            _area_links(places.gazetteer.parent),
            places.tables,
            np.flatnonzero(places.gazetteer.level > places.gazetteer.levels.index(finest_counts)),
        )

    @property
    def n_cells(self) -> int:
        """Give the number of cells of all resolutions."""
        return sum(self.sizes)

    def row_of(self, cell: str, res: int) -> int:
        """Give a cell's index in its table as of this geography; -1 where it is not in it."""
        column = RESOLUTIONS.index(res)
        row = self.tables[column].find(int(cell, 16))
        return -1 if row is None or row >= self.sizes[column] else row

    def areas_of_cells(self, res: int) -> NDArray[np.int64]:
        """Give for each cell the smallest area that holds most of its places; -1 without any."""
        column = RESOLUTIONS.index(res)
        used = (self.cells[:, column] >= 0) & (self.grid >= 0)
        pairs = self.cells[used, column].astype(np.int64) << 32 | self.grid[used]
        distinct, count = np.unique(pairs, return_counts=True)
        distinct = distinct[np.argsort(count, kind="stable")]
        areas = np.full(self.sizes[column], -1, dtype=np.int64)
        areas[distinct >> 32] = distinct & 0xFFFFFFFF  # the largest is written last
        return areas

    def nodes(self, res: int) -> slice:
        """Give where the cells of a resolution are among the nodes."""
        start = sum(self.sizes[RESOLUTIONS.index(finer)] for finer in RESOLUTIONS if finer > res)
        return slice(start, start + self.sizes[RESOLUTIONS.index(res)])


def _cell_links(cells: NDArray[np.int64], sizes: tuple[int, ...]) -> Links:
    """Link each place's cell of resolution 9 to its 8, the 8 to its 7, the 7 to the city."""
    n7, n8, n9 = sizes
    at7, at8, at9 = cells[:, 0] + n9 + n8, cells[:, 1] + n9, cells[:, 2]
    city = np.full(len(at7), n9 + n8 + n7)
    return links(np.concatenate([at8, at7, city]), np.concatenate([at9, at8, at7]))


def _area_links(parent: NDArray[np.int32]) -> Links:
    city = len(parent)
    return links(np.where(parent < 0, city, parent).astype(np.int64), np.arange(city))


@dataclass(frozen=True)
class Frame:
    """One tick: clocks, window sums of places, and what follows from them.

    `begun` is the minute in which the log of check-ins begins, 0 where that is long ago; `scale`
    the classes of the city's counts. Where nothing is `counted` yet the frame has no minute and
    no counts, and is good for what the statistics say.
    """

    tick: int
    k: int
    minute: int
    begun: int
    arrival_ms: int
    geography: Geography
    sums: dict[str, NDArray[np.int32]]
    last_minute: NDArray[np.int64]
    corrected: NDArray[np.int64]
    by_minute: NDArray[np.int64]
    active: list[int]
    picture: PictureView = field(default_factory=PictureView)
    scale: Scale = BUSY
    counted: bool = True
    _made: dict[tuple[str, object], object] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def cells(self, window: str) -> Shown:
        """Give counts and masks of all cells in a window; the last node is the city."""
        return self._once(("cells", window), lambda: self._cells(window))

    def areas(self, window: str) -> Shown:
        """Give counts and masks of all areas in a window; the last node is the city."""
        return self._once(("areas", window), lambda: self._areas(window))

    def knows_hour_ago(self, minutes: int) -> bool:
        """Say whether the window of an hour ago is whole: before the log began nothing is known.

        A few late records of that hour would else make every count of now a rise by thousands.
        """
        _, oldest = AGES[f"ago_{minutes}"]
        return self.minute - oldest + 1 > self.begun

    def _once(self, key: tuple[str, object], make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return cast(T, self._made[key])

    def _cells(self, window: str) -> Shown:
        values, *shorter = self._summed(cell_values, window)
        return shown_cells(values, self.sums[window], self.geography, self.k, shorter)

    def _areas(self, window: str) -> Shown:
        values, *shorter = self._summed(area_values, window)
        return shown_areas(values, self.geography, self.k, shorter)

    def _summed(self, add_up: AddUp, window: str) -> list[Values]:
        """Give the values of a window and of the shorter ones in it, each added up once."""

        def of(name: str) -> Values:
            return self._once(
                (add_up.__name__, name), lambda: add_up(self.sums[name], self.geography)
            )

        return [of(name) for name in (window, *SHORTER.get(window, ()))]

    def layer(self, layer: Layer | StatisticLayer) -> tuple[wire.Values, wire.Marks]:
        """Give what the map shows of a layer: a value and a mark for each cell."""
        if isinstance(layer, StatisticLayer):
            return statistic(self, layer)
        return self._once(("layer", layer), lambda: (self._values(layer), self._marks(layer)))

    def end_ms(self, layer: Layer | StatisticLayer) -> int:
        """Give up to when a layer holds: its last minute's end, or when a statistic was said."""
        if isinstance(layer, StatisticLayer):
            return as_of_ms(self.picture, layer)
        return (self.minute + (layer.minutes > 1)) * MINUTE_MS

    def _values(self, layer: Layer) -> wire.Values:
        nodes, known = self.geography.nodes(layer.res), self._heard(layer.res, len(self.by_minute))
        column = COLUMN_OF[layer.metric.counted]
        if not layer.metric.is_change:
            shown = self.cells(f"last_{layer.minutes}")
            return wire.counts_to_values(
                shown.values[nodes, column], shown.hidden[nodes, column], known
            )
        now, ago = self.cells(whole(layer.minutes)), self.cells(f"ago_{layer.minutes}")
        hidden = now.hidden[nodes, column] | ago.hidden[nodes, column]
        known = known & self.knows_hour_ago(layer.minutes)
        return wire.changes_to_values(
            now.values[nodes, column], ago.values[nodes, column], hidden, known
        )

    def _marks(self, layer: Layer) -> wire.Marks:
        geo, column = self.geography, RESOLUTIONS.index(layer.res)
        group, n = geo.cells[:, column], geo.sizes[column]
        corrected = np.zeros(len(group), dtype=np.bool_)
        corrected[self.corrected] = True
        simulated = self.sums[f"last_{layer.minutes}"][:, _SIMULATED] > 0
        marks = any_by_group(corrected, group, n) * np.uint8(wire.CORRECTED)
        marks |= any_by_group(simulated, group, n) * np.uint8(wire.SIMULATED)
        stale = self._heard(layer.res, len(self.by_minute)) & ~self._heard(layer.res, STALE_AFTER)
        return marks | stale * np.uint8(wire.STALE)

    def _heard(self, res: int, minutes: int) -> NDArray[np.bool_]:
        """Say of each cell whether a place in it reported within the last minutes."""
        return self._once(("heard", (res, minutes)), lambda: self._heard_now(res, minutes))

    def _heard_now(self, res: int, minutes: int) -> NDArray[np.bool_]:
        column = RESOLUTIONS.index(res)
        recent = self.last_minute > self.minute - minutes
        return any_by_group(recent, self.geography.cells[:, column], self.geography.sizes[column])


def whole(minutes: int) -> str:
    """Name the window of whole minutes that is compared with an hour ago."""
    return "last_1" if minutes == 1 else f"whole_{minutes}"
