"""A city small enough to count by hand: 2 districts, 4 communities, 16 grids, some gates."""

from __future__ import annotations

import numpy as np
import shapely

from geo.cells import as_texts
from geo.gazetteer import Areas, Gazetteer, Places, gazetteer

LEVELS = ("district", "community", "grid")
WEST, SOUTH, STEP = 114.20, 30.50, 0.02


def small_city(places: int = 24, side: int = 4) -> Gazetteer:
    """Make side x side square grids, and gates on a lattice that overlaps their edge."""
    ids, levels, parents, polygons = [], [], [], []
    for district in range(2):
        ids.append(f"d{district}")
        levels.append(0)
        parents.append(-1)
        polygons.append(None)
    for community in range(4):
        ids.append(f"c{community}")
        levels.append(1)
        parents.append(community // 2)
        polygons.append(None)
    for x in range(side):
        for y in range(side):
            ids.append(f"g{x}-{y}")
            levels.append(2)
            parents.append(2 + (2 * (2 * x // side) + 2 * y // side))
            west, south = WEST + STEP * x, SOUTH + STEP * y
            polygons.append(shapely.box(west, south, west + STEP, south + STEP))
    column = np.empty(len(ids), dtype=object)
    column[:] = polygons
    areas = Areas(
        area_id=as_texts(ids),
        area_name=as_texts(ids),
        area_name_en=as_texts(ids),
        level=np.array(levels, dtype=np.int8),
        parent=np.array(parents, dtype=np.int32),
        residents=np.array([100 if level == 2 else 0 for level in levels], dtype=np.int64),
        polygons=column,
    )
    spot = np.arange(places)
    span = STEP * side * 1.1  # the last gates lie outside every grid
    gates = Places(
        place_id=as_texts(f"gate-{n:05d}" for n in spot),
        place_name=as_texts(f"Gate {n}" for n in spot),
        place_kind=as_texts("gate" for _ in spot),
        lat=SOUTH + span * ((spot * 0.618034) % 1.0),
        lng=WEST + span * ((spot * 0.754878) % 1.0),
        grid=np.full(places, -1, dtype=np.int32),
    )
    return gazetteer(LEVELS, areas, gates)
