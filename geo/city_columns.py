"""City columns: places and areas as a city pack gives them, and the areas outside the city.

Areas form a tree of levels, largest first; the smallest ones tile the city. One chain of
pseudo-areas takes what lies in none of them: `outside` at the smallest level, `outside-<level>`
at each level above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from geo.area_tree import Counts, Indices, Levels
from geo.cells import Degrees, Texts, as_texts
from geo.errors import AreaTreeError, GazetteerError
from geo.polygons import NOWHERE, Polygons

OUTSIDE = "outside"


@dataclass(frozen=True, eq=False)
class Areas:
    """Columns of the areas as a city pack gives them; `gazetteer` completes them.

    `level` is the index into the city's levels, `parent` the row above (-1 at the top).
    `residents` and `polygons` are read at the smallest level only.
    """

    area_id: Texts
    area_name: Texts
    area_name_en: Texts
    level: Levels
    parent: Indices
    residents: Counts
    polygons: Polygons


@dataclass(frozen=True, eq=False)
class Places:
    """Columns of the places as a city pack gives them, in WGS-84 degrees.

    `grid` is the row of the smallest area a place is registered in, -1 where its position
    shall decide: a gate may stand across the street from the compound it belongs to.
    """

    place_id: Texts
    place_name: Texts
    place_kind: Texts
    lat: Degrees
    lng: Degrees
    grid: Indices


def outside_ids(levels: tuple[str, ...]) -> list[str]:
    """Name the chain of pseudo-areas, largest first."""
    return [f"{OUTSIDE}-{level}" for level in levels[:-1]] + [OUTSIDE]


def with_outside(levels: tuple[str, ...], areas: Areas) -> Areas:
    """Add the chain of pseudo-areas, last.

    Raises
    ------
    AreaTreeError
        An area is called like one of them.
    """
    rows, depth = len(areas.area_id), len(levels)
    taken = set(areas.area_id) & set(outside_ids(levels))
    if taken:
        raise AreaTreeError(f"area_id {sorted(taken)[0]!r} is reserved: expected another")
    chain = np.arange(rows, rows + depth)
    return Areas(
        area_id=np.concatenate([areas.area_id, as_texts(outside_ids(levels))]),
        area_name=np.concatenate([areas.area_name, as_texts(["范围外"] * depth)]),
        area_name_en=np.concatenate([areas.area_name_en, as_texts(["Outside"] * depth)]),
        level=np.concatenate([areas.level, np.arange(depth)]).astype(np.int8),
        parent=np.concatenate([areas.parent, [NOWHERE], chain[:-1]]).astype(np.int32),
        residents=np.concatenate([areas.residents, np.zeros(depth, dtype=np.int64)]),
        polygons=np.concatenate([areas.polygons, np.full(depth, None, dtype=object)]),
    )


def row_of_id(name: str, ids: Texts) -> Mapping[str, int]:
    """Give the row of each id; `name` is that of the column.

    Raises
    ------
    GazetteerError
        An id occurs twice.
    """
    index = {key: row for row, key in enumerate(ids)}
    if len(index) < len(ids):
        row, key = next((row, key) for row, key in enumerate(ids) if index[key] != row)
        raise GazetteerError(f"{name}[{row}] is {key!r} again: expected each id once")
    return MappingProxyType(index)
