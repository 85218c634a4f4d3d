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
from dashboard.hub.layers import RESOLUTIONS, Layer, Metric
from dashboard.hub.masks import Links, links, withheld
from dashboard.hub.places import Places
from dashboard.hub.ring import COLUMNS
from dashboard.hub.sums import FEVER, IN, OUT, PASSAGES, any_by_group, by_group, published
from geo.area_tree import sums_up

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer

T = TypeVar("T")
COLUMN_OF = {Metric.IN: IN, Metric.OUT: OUT, Metric.PASSAGES: PASSAGES, Metric.FEVER: FEVER}
_SIMULATED = COLUMNS.index("n_simulated")
STALE_AFTER = 60
"""A cell of which no place reported for so many minutes is marked stale."""


@dataclass(frozen=True)
class Geography:
    """Which cells and areas the rows of places count for, copied when it last changed.

    Nodes of the cells' tree are numbered resolution 9 first, then 8, 7 and the city.
    """

    gazetteer: Gazetteer
    cells: NDArray[np.int32]
    grid: NDArray[np.int32]
    sizes: tuple[int, int, int]
    cell_links: Links
    area_links: Links

    @classmethod
    def of(cls, places: Places) -> Geography:
        """Copy what places hold now."""
        gazetteer = places.gazetteer
        sizes = tuple(len(table) for table in places.tables)
        cells = places.cells.copy()
        return cls(
            gazetteer,
            cells,
            places.grid.copy(),
            sizes,  # type: ignore[arg-type]
            _cell_links(cells, sizes),
            _area_links(gazetteer.parent),
        )

    @property
    def n_cells(self) -> int:
        """Give the number of cells of all resolutions."""
        return sum(self.sizes)

    def nodes(self, res: int) -> slice:
        """Give where the cells of a resolution are among the nodes."""
        start = sum(self.sizes[RESOLUTIONS.index(finer)] for finer in RESOLUTIONS if finer > res)
        return slice(start, start + self.sizes[RESOLUTIONS.index(res)])


def _cell_links(cells: NDArray[np.int32], sizes: tuple[int, ...]) -> Links:
    n7, n8, n9 = sizes
    used = cells[cells[:, 0] >= 0].astype(np.int64)
    at7, at8, at9 = used[:, 0] + n9 + n8, used[:, 1] + n9, used[:, 2]
    city = np.full(len(at7), n9 + n8 + n7)
    return links(np.concatenate([at8, at7, city]), np.concatenate([at9, at8, at7]))


def _area_links(parent: NDArray[np.int32]) -> Links:
    city = len(parent)
    return links(np.where(parent < 0, city, parent).astype(np.int64), np.arange(city))


@dataclass(frozen=True)
class Shown:
    """Counts (n, 5) of cells or areas, and which of them are withheld."""

    values: NDArray[np.int64]
    hidden: NDArray[np.bool_]


@dataclass(frozen=True)
class Frame:
    """One tick: clocks, window sums of places, and what follows from them."""

    tick: int
    k: int
    minute: int
    arrival_ms: int
    geography: Geography
    sums: dict[str, NDArray[np.int32]]
    last_minute: NDArray[np.int64]
    corrected: NDArray[np.int64]
    by_minute: NDArray[np.int64]
    active: list[int]
    _made: dict[tuple[str, object], object] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def cells(self, window: str) -> Shown:
        """Give counts and masks of all cells in a window; the last node is the city."""
        return self._once(("cells", window), lambda: self._cells(window))

    def areas(self, window: str) -> Shown:
        """Give counts and masks of all areas in a window; the last node is the city."""
        return self._once(("areas", window), lambda: self._areas(window))

    def _once(self, key: tuple[str, object], make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return cast(T, self._made[key])

    def _cells(self, window: str) -> Shown:
        values = cell_counts(self.sums[window], self.geography)
        return Shown(values, withheld(values, self.geography.cell_links, self.k))

    def _areas(self, window: str) -> Shown:
        values = area_counts(self.sums[window], self.geography)
        return Shown(values, withheld(values, self.geography.area_links, self.k))

    def layer(self, layer: Layer) -> tuple[wire.Values, wire.Marks]:
        """Give what the map shows of a layer: a value and a mark for each cell."""
        return self._once(("layer", layer), lambda: (self._values(layer), self._marks(layer)))

    def _values(self, layer: Layer) -> wire.Values:
        nodes, known = self.geography.nodes(layer.res), self._heard(layer.res, len(self.by_minute))
        if layer.metric is not Metric.CHANGE:
            shown, column = self.cells(f"last_{layer.minutes}"), COLUMN_OF[layer.metric]
            return wire.counts_to_values(
                shown.values[nodes, column], shown.hidden[nodes, column], known
            )
        now, ago = self.cells(whole(layer.minutes)), self.cells(f"ago_{layer.minutes}")
        hidden = now.hidden[nodes, PASSAGES] | ago.hidden[nodes, PASSAGES]
        return wire.changes_to_values(
            now.values[nodes, PASSAGES], ago.values[nodes, PASSAGES], hidden, known
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


def cell_counts(counts: NDArray[np.int32], geography: Geography) -> NDArray[np.int64]:
    """Turn counters of places (p, 7) into shown counts of all cells and the city: (n, 5)."""
    places = published(counts)
    parts = [
        by_group(places, geography.cells[:, column], geography.sizes[column])
        for column in reversed(range(len(RESOLUTIONS)))
    ]
    return np.concatenate([*parts, parts[-1].sum(axis=0, keepdims=True)])


def area_counts(counts: NDArray[np.int32], geography: Geography) -> NDArray[np.int64]:
    """Turn counters of places (p, 7) into shown counts of all areas and the city: (a + 1, 5)."""
    lineage = geography.gazetteer.lineage
    smallest = by_group(published(counts), geography.grid, len(lineage))
    values = np.stack([sums_up(column, lineage) for column in smallest.T], axis=1)
    return np.concatenate([values, smallest.sum(axis=0, keepdims=True)])
