"""Shown: counts of all cells or areas in one window, and which of them are withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.masks import told_by_shorter, withheld
from dashboard.hub.sums import by_group, published
from geo.area_tree import sums_up

if TYPE_CHECKING:
    from dashboard.hub.frame import Geography

Counters = NDArray[np.int32]
SHORTER: Final = {"last_15": ("last_1",), "last_60": ("last_15", "last_1")}
"""Windows that lie within another one and are shown as well: their difference can be had."""


@dataclass(frozen=True)
class Shown:
    """Counts (n, 5) of cells or areas, and which of them are withheld."""

    values: NDArray[np.int64]
    hidden: NDArray[np.bool_]


def masked_cells(
    counts: Counters, geography: Geography, k: int, shorter: Sequence[Counters] = ()
) -> Shown:
    """Turn counters of places (p, 7) into what is shown of all cells and the city.

    `shorter` are the counters of windows within this one that are shown too.
    """
    geo, values = geography, _cell_values(counts, geography)
    shares = by_group(published(counts)[geo.linked], geo.cell_links.pair, len(geo.cell_links.child))
    told = told_by_shorter(values, [_cell_values(s, geo) for s in shorter], k)
    return Shown(values, withheld(values, shares, geo.cell_links, k, told))


def masked_areas(
    counts: Counters, geography: Geography, k: int, shorter: Sequence[Counters] = ()
) -> Shown:
    """Turn counters of places (p, 7) into what is shown of all areas and the city."""
    parts, values = geography.area_links, _area_values(counts, geography)
    told = told_by_shorter(values, [_area_values(s, geography) for s in shorter], k)
    return Shown(values, withheld(values, values[parts.child], parts, k, told))


def _cell_values(counts: Counters, geo: Geography) -> NDArray[np.int64]:
    places, columns = published(counts), reversed(range(len(RESOLUTIONS)))
    parts = [by_group(places, geo.cells[:, column], geo.sizes[column]) for column in columns]
    return np.concatenate([*parts, parts[-1].sum(axis=0, keepdims=True)])


def _area_values(counts: Counters, geo: Geography) -> NDArray[np.int64]:
    lineage = geo.gazetteer.lineage
    smallest = by_group(published(counts), geo.grid, len(lineage))
    values = np.stack([sums_up(column, lineage) for column in smallest.T], axis=1)
    return np.concatenate([values, smallest.sum(axis=0, keepdims=True)])
