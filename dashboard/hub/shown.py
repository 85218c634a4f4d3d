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
Values = NDArray[np.int64]
SHORTER: Final = {"last_15": ("last_1",), "last_60": ("last_15", "last_1")}
"""Windows that lie within another one and are shown as well: their difference can be had."""


@dataclass(frozen=True)
class Shown:
    """Counts (n, 5) of cells or areas, and which of them are withheld."""

    values: Values
    hidden: NDArray[np.bool_]


def masked_cells(counts: Counters, geography: Geography, k: int) -> Shown:
    """Turn counters of places (p, 7) into what is shown of all cells and the city."""
    return shown_cells(cell_values(counts, geography), counts, geography, k)


def masked_areas(counts: Counters, geography: Geography, k: int) -> Shown:
    """Turn counters of places (p, 7) into what is shown of all areas and the city."""
    return shown_areas(area_values(counts, geography), geography, k)


def shown_cells(
    values: Values, counts: Counters, geography: Geography, k: int, shorter: Sequence[Values] = ()
) -> Shown:
    """Say which `cell_values` of a window are withheld.

    `counts` are the window's counters of places; `shorter` the values of windows within it that
    are shown too.
    """
    links = geography.cell_links
    shares = by_group(published(counts)[geography.linked], links.pair, len(links.child))
    told = told_by_shorter(values, shorter, k)
    return Shown(values, withheld(values, shares, links, k, told))


def shown_areas(
    values: Values, geography: Geography, k: int, shorter: Sequence[Values] = ()
) -> Shown:
    """Say which `area_values` of a window are withheld, as `shown_cells` does.

    Of areas that are not told nothing is, zero neither.
    """
    parts, told = geography.area_links, told_by_shorter(values, shorter, k)
    hidden = withheld(values, values[parts.child], parts, k, told)
    hidden[geography.untold] = True
    return Shown(values, hidden)


def cell_values(counts: Counters, geo: Geography) -> Values:
    """Add up counters of places (p, 7) to counts of all cells, the city last: (n, 5)."""
    places, columns = published(counts), reversed(range(len(RESOLUTIONS)))
    parts = [by_group(places, geo.cells[:, column], geo.sizes[column]) for column in columns]
    return np.concatenate([*parts, parts[-1].sum(axis=0, keepdims=True)])


def area_values(counts: Counters, geo: Geography) -> Values:
    """Add up counters of places (p, 7) to counts of all areas, the city last: (n, 5)."""
    lineage = geo.gazetteer.lineage
    smallest = by_group(published(counts), geo.grid, len(lineage))
    values = np.stack([sums_up(column, lineage) for column in smallest.T], axis=1)
    return np.concatenate([values, smallest.sum(axis=0, keepdims=True)])
