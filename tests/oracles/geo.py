"""Slow, obvious versions of cells, polygons and gazetteer: one point, one polygon at a time."""

from __future__ import annotations

from collections.abc import Iterable

import h3
import shapely


def first_polygon_that_holds(polygons: Iterable[object], lat: float, lng: float) -> int:
    """Ask every polygon in turn; the first that holds the point, its edge included, has it."""
    point = shapely.Point(lng, lat)
    for row, polygon in enumerate(polygons):
        if polygon is not None and polygon.covers(point):
            return row
    return -1


def cells_within(cell: str, k: int) -> set[str]:
    """Walk outwards from a cell, neighbour by neighbour, k times."""
    reached = {cell}
    for _ in range(k):
        reached |= {near for here in reached for near in h3.grid_disk(here, 1)}
    return reached


def ancestors(parent_of: dict[str, str | None], area: str) -> list[str]:
    """List an area and what it lies in, smallest first."""
    chain = [area]
    while (above := parent_of[chain[-1]]) is not None:
        chain.append(above)
    return chain


def sum_below(parent_of: dict[str, str | None], of_smallest: dict[str, int], area: str) -> int:
    """Sum the smallest areas whose chain of ancestors passes through an area."""
    return sum(count for leaf, count in of_smallest.items() if area in ancestors(parent_of, leaf))
