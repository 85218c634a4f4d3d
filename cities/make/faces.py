"""Faces: what remains when all edges of some polygons are cut against each other.

Edges are rounded and noded together once, so that faces that touch share their vertices
exactly; polygons put together from them can neither overlap nor leave slivers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Faces = NDArray[np.object_]
Rows = NDArray[np.int64]

PRECISION_DEG = 1e-6


def faces_of(polygons: Sequence[Any] | Faces) -> Faces:
    """Give the faces between the edges of some polygons, holes and gaps among them."""
    noded = shapely.union_all(shapely.boundary(list(polygons)), grid_size=PRECISION_DEG)
    return np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def owners(faces: Faces, polygons: Sequence[Any] | Faces) -> Rows:
    """Give the lowest row of the polygons that hold each face; -1 where none does."""
    inner = shapely.point_on_surface(faces)
    face, polygon = shapely.STRtree(list(polygons)).query(inner, "intersects")
    owner = np.full(len(faces), len(polygons), dtype=np.int64)
    np.minimum.at(owner, face, polygon)
    return np.where(owner == len(polygons), -1, owner)


def fitted(polygons: Sequence[Any] | Faces) -> list[Any]:
    """Make polygons fit: rounded, and where two overlap the earlier one keeps it all."""
    faces = faces_of(polygons)
    owner = owners(faces, polygons)
    return [shapely.union_all(faces[owner == row]) for row in range(len(polygons))]
