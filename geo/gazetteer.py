"""The gazetteer: a city's places and areas as columns, and where a coordinate belongs.

Areas form a tree of `levels`, largest first; the smallest ones ("grids") tile the city. One
chain of pseudo-areas takes what lies in none of them: `outside` at the smallest level, below
`outside-<level>` at each level above. So every place has a grid, and the sums of a count over
cells, over grids and over any level above are the same number.

A place's cells are indexed from its coordinates at each resolution directly, never as
parents of each other: a parent by index need not hold the point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.area_tree import Counts, Indices, Levels, lineages, sums_up
from geo.cells import Cells, Degrees, Texts, cells_to_latlng, latlng_to_cells
from geo.city_columns import OUTSIDE, Areas, Places, outside_ids, row_of_id, with_outside
from geo.errors import GazetteerError
from geo.located import PLACE_RESOLUTION, RESOLUTIONS, Located, LocatedCells, cells_of
from geo.polygons import NOWHERE, Polygons, dissolve, polygons_of_points

__all__ = [
    "MARGIN_DEG",
    "OUTSIDE",
    "RESOLUTIONS",
    "Areas",
    "Box",
    "Gazetteer",
    "Located",
    "LocatedCells",
    "Places",
    "cells_of",
    "gazetteer",
    "outside_ids",
]

MARGIN_DEG = 0.1

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Places and areas of one city.

    Attributes
    ----------
    levels : tuple of str
        Names of the levels, largest first.
    place_id, place_name, place_kind : (p,) of str
    lat, lng : (p,) float64
        WGS-84 degrees.
    cells : (p, 3) uint64
        Cells of resolutions 7, 8 and 9 that hold the place.
    grid : (p,) int32
        Row of the place's smallest area: the one it is registered in, else that which holds it.
    area_id, area_name, area_name_en : (a,) of str
        In the pack's order, the `outside` chain last.
    level : (a,) int8
        Index into `levels`.
    parent : (a,) int32
        Row of the area above; -1 at the top.
    residents : (a,) int64
        At every level the sum of the smallest areas below; 0 outside.
    lineage : (a, L) int32
        Row of the ancestor at every level, itself included; -1 below.
    polygons : (a,) of shapely
        Polygons of the smallest areas; None above and outside.
    bbox : (west, south, east, north)
        Bounding box of the smallest areas in degrees.
    place_index, area_index : mapping of id to row
    """

    levels: tuple[str, ...]
    place_id: Texts
    place_name: Texts
    place_kind: Texts
    lat: Degrees
    lng: Degrees
    cells: Cells
    grid: Indices
    area_id: Texts
    area_name: Texts
    area_name_en: Texts
    level: Levels
    parent: Indices
    residents: Counts
    lineage: Indices
    polygons: Polygons
    bbox: Box
    place_index: Mapping[str, int]
    area_index: Mapping[str, int]

    @property
    def smallest(self) -> Indices:
        """Rows of the smallest areas, `outside` included (it is the last)."""
        return np.flatnonzero(self.level == len(self.levels) - 1).astype(np.int32)

    @property
    def outside(self) -> int:
        """Row of the smallest pseudo-area, the grid of everything in no area."""
        return len(self.area_id) - 1

    def grids_of(self, lat: Degrees, lng: Degrees) -> Indices:
        """Give the row of the smallest area that holds each point, `outside` where none does."""
        return _grids_of(self.polygons, lat, lng)

    def level_polygons(self, level: int) -> Polygons:
        """Give the polygons of every area of one level, unions of the smallest below.

        Returns
        -------
        (a,) of shapely
            None at areas of other levels and outside.
        """
        ancestors = np.where(self.lineage[:, -1] >= 0, self.lineage[:, level], NOWHERE)
        return dissolve(self.polygons, ancestors.astype(np.int32), len(self.area_id))

    def locate(self, lat: Degrees, lng: Degrees, memory: LocatedCells | None = None) -> Located:
        """Find the place, cells and grid of bare coordinates.

        Parameters
        ----------
        lat, lng : (n,) float64
            WGS-84 degrees.
        memory : LocatedCells, optional
            What was located before; a stream passes one and pays for each cell once.

        Raises
        ------
        CoordinateError
            A coordinate is NaN, infinite or out of range.
        """
        memory = LocatedCells() if memory is None else memory
        place, row_of = np.unique(latlng_to_cells(lat, lng, PLACE_RESOLUTION), return_inverse=True)
        missing = memory.missing(place)
        if len(missing):
            if len(memory.place) + len(missing) > memory.limit:
                missing = place  # all will be forgotten, so all of this batch is located anew
            memory.add(missing, *self._locate_cells(missing))
        at = np.searchsorted(memory.place, place)[row_of]
        return Located(memory.text[at], memory.cells[at], memory.grid[at], self.in_city(lat, lng))

    def in_city(self, lat: Degrees, lng: Degrees) -> NDArray[np.bool_]:
        """Say which points lie within 0.1 degree of the city's bounding box."""
        west, south, east, north = self.bbox
        inside: NDArray[np.bool_] = (
            (lng >= west - MARGIN_DEG)
            & (lng <= east + MARGIN_DEG)
            & (lat >= south - MARGIN_DEG)
            & (lat <= north + MARGIN_DEG)
        )
        return inside

    def _locate_cells(self, place: Cells) -> tuple[Cells, Indices]:
        lat, lng = cells_to_latlng(place)
        return cells_of(lat, lng), self.grids_of(lat, lng)


def gazetteer(levels: tuple[str, ...], areas: Areas, places: Places) -> Gazetteer:
    """Complete a city's columns: the `outside` chain, lineages, sums, cells and grids.

    Raises
    ------
    AreaTreeError
        The areas do not form a tree, or one is called like the `outside` chain.
    GazetteerError
        An id occurs twice, or there is no polygon.
    CoordinateError
        A place has no usable coordinates.
    """
    areas = with_outside(levels, areas)
    lineage = lineages(areas.level, areas.parent, len(levels))
    polygons = areas.polygons.copy()
    polygons[lineage[:, -1] == NOWHERE] = None
    return Gazetteer(
        levels=levels,
        place_id=places.place_id,
        place_name=places.place_name,
        place_kind=places.place_kind,
        lat=places.lat,
        lng=places.lng,
        cells=cells_of(places.lat, places.lng),
        grid=_grids_of_places(polygons, places),
        area_id=areas.area_id,
        area_name=areas.area_name,
        area_name_en=areas.area_name_en,
        level=areas.level,
        parent=areas.parent,
        residents=sums_up(areas.residents, lineage),
        lineage=lineage,
        polygons=polygons,
        bbox=_bbox(polygons),
        place_index=row_of_id("place_id", places.place_id),
        area_index=row_of_id("area_id", areas.area_id),
    )


def _grids_of(polygons: Polygons, lat: Degrees, lng: Degrees) -> Indices:
    grids = polygons_of_points(polygons, lat, lng)
    return np.where(grids == NOWHERE, len(polygons) - 1, grids).astype(np.int32)


def _grids_of_places(polygons: Polygons, places: Places) -> Indices:
    grid = places.grid.copy()
    free = np.flatnonzero(grid == NOWHERE)
    grid[free] = _grids_of(polygons, places.lat[free], places.lng[free])
    return grid


def _bbox(polygons: Polygons) -> Box:
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    if not west <= east:
        raise GazetteerError("no smallest area has a polygon: expected at least one")
    return west, south, east, north
