"""Polygons in columns: repair, point in polygon, union by group, area on the ground.

Coordinates are WGS-84 degrees, x = longitude, y = latitude. A polygon that crosses the
antimeridian must come split in two parts there (RFC 7946, 3.1.9): nothing is wrapped.

A point on an edge that several polygons share belongs to the polygon of the lowest index,
a point on an outer edge to its polygon: membership is a function of the point alone, and
every point of a complete tiling belongs to exactly one tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cells import Degrees, check_points
from geo.errors import GeometryError, ShapeError

Polygons = NDArray[np.object_]

NOWHERE = -1
EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG); areas on the sphere are within 0.6 % of the ellipsoid's."""


def is_valid_polygon(polygons: Polygons) -> NDArray[np.bool_]:
    """Say which entries are polygons or multipolygons, not empty, finite and valid."""
    kinds = shapely.get_type_id(polygons)
    polygonal = (kinds == shapely.GeometryType.POLYGON) | (
        kinds == shapely.GeometryType.MULTIPOLYGON
    )
    usable: NDArray[np.bool_] = polygonal & ~shapely.is_empty(polygons) & shapely.is_valid(polygons)
    return usable


def repair(polygons: Polygons) -> Polygons:
    """Make every entry a valid polygon or multipolygon; valid ones come back unchanged.

    Lines and points that a repair leaves behind are dropped: they have no inside.

    Raises
    ------
    GeometryError
        Nothing with an inside is left of an entry; names the first.
    """
    repaired = polygons.copy()
    for row in np.flatnonzero(~is_valid_polygon(polygons)).tolist():
        repaired[row] = _polygonal(row, polygons[row])
    return repaired


def polygons_of_points(polygons: Polygons, lat: Degrees, lng: Degrees) -> NDArray[np.int32]:
    """Give the index of the polygon that each point lies in.

    Parameters
    ----------
    polygons : (m,) of shapely
        Valid polygons; None and empty ones hold no point.
    lat, lng : (n,) float64
        Degrees.

    Returns
    -------
    (n,) int32
        Index of the polygon; the lowest where several hold the point (a shared edge, or
        an overlap); -1 where none does.

    Raises
    ------
    CoordinateError
        A coordinate is NaN, infinite or out of range.
    """
    check_points(lat, lng)
    found = np.full(len(lat), len(polygons), dtype=np.int64)
    if len(polygons) and len(lat):
        # Asked this way round, GEOS prepares each polygon once for all of its points.
        tree = shapely.STRtree(shapely.points(lng, lat))
        polygon, point = tree.query(polygons, predicate="intersects")
        np.minimum.at(found, point, polygon)
    return np.where(found == len(polygons), NOWHERE, found).astype(np.int32)


def dissolve(polygons: Polygons, group: NDArray[np.int32], groups: int) -> Polygons:
    """Join the polygons of each group.

    Parameters
    ----------
    polygons : (n,) of shapely
    group : (n,) int32
        0..groups - 1; a polygon of another group is left out.
    groups : int
        Length of the answer.

    Returns
    -------
    (groups,) of shapely
        The union; None where a group has no polygon.
    """
    if len(polygons) != len(group):
        raise ShapeError.of(polygons=len(polygons), group=len(group))
    joined = np.full(groups, None, dtype=object)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(groups + 1))
    for number, (start, end) in enumerate(pairwise(starts.tolist())):
        members = [polygon for polygon in polygons[order[start:end]] if polygon is not None]
        if members:
            joined[number] = _union(members)
    return joined


def polygon_areas_km2(polygons: Polygons) -> NDArray[np.float64]:
    r"""Give the area of each polygon on the sphere, in square kilometres; 0 for None.

    Notes
    -----
    Lambert's cylindrical equal-area projection, :math:`x = R\lambda, y = R\sin\varphi`,
    keeps areas (Snyder 1987, Map Projections, USGS 1395, p. 76). Edges are taken as straight
    in that projection, which for city-sized polygons differs from great circles by far
    less than the sphere does from the ellipsoid.
    """
    projected = shapely.transform(polygons, _equal_area)
    areas: NDArray[np.float64] = np.nan_to_num(shapely.area(projected))
    return areas


def _equal_area(points: NDArray[np.float64]) -> NDArray[np.float64]:
    lng, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return EARTH_RADIUS_KM * np.column_stack([lng, np.sin(lat)])


def _union(polygons: Sequence[object]) -> object:
    if len(polygons) == 1:
        return polygons[0]
    # Edge by edge is exact and fast, but only right where neighbours share their vertices.
    if shapely.coverage_is_valid(polygons):
        return shapely.coverage_union_all(polygons)
    return shapely.union_all(polygons)


def _polygonal(row: int, geometry: object) -> object:
    made = shapely.make_valid(geometry)
    parts = shapely.get_parts(shapely.get_parts(made))
    inside = parts[shapely.area(parts) > 0] if made is not None else []
    if not len(inside):
        raise GeometryError(f"polygons[{row}] has no inside: expected a polygon")
    return inside[0] if len(inside) == 1 else shapely.multipolygons(inside)
