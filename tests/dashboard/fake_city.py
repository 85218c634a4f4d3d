"""A small made-up city: two districts, each cut in halves twice, with gates in a lattice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from cities.pack import CityPack
from cities.settings import Label
from geo.cells import as_texts
from geo.gazetteer import Areas, Gazetteer, Places, gazetteer

LEVELS = ("district", "street", "community", "grid")
WEST, SOUTH, SIZE_DEG = 114.20, 30.50, 0.02


def fake_gazetteer(side: int = 4, places_per_grid: int = 6, seed: int = 1) -> Gazetteer:
    """Make `side` x `side` square grids (a multiple of 4 across) and places inside them."""
    ids, names, names_en, level, parent, residents, shapes = [], [], [], [], [], [], []

    def add(at: int, area_id: str, above: int, people: int = 0, shape: object = None) -> int:
        ids.append(area_id)
        names.append(f"{'区街社网'[at]}{area_id}")
        names_en.append(f"{LEVELS[at].title()} {area_id}")
        level.append(at)
        parent.append(above)
        residents.append(people)
        shapes.append(shape)
        return len(ids) - 1

    rng = np.random.default_rng(seed)
    half, quarter = max(1, side // 2), max(1, side // 4)
    rows: dict[tuple, int] = {}
    for x in range(side):
        for y in range(side):
            district, street = (x // half,), (x // half, y // half)
            community = (*street, x // quarter, y // quarter)
            for at, key in enumerate((district, street, community)):
                if key not in rows:
                    above = -1 if at == 0 else rows[(district, street)[at - 1]]
                    rows[key] = add(at, f"{LEVELS[at][0]}{'-'.join(map(str, key))}", above)
            west, south = WEST + x * SIZE_DEG, SOUTH + y * SIZE_DEG
            square = shapely.box(west, south, west + SIZE_DEG, south + SIZE_DEG)
            add(3, f"g{x}-{y}", rows[community], int(rng.integers(500, 3000)), square)
    count = side * side * places_per_grid
    at = np.arange(count) // places_per_grid
    lng = WEST + (at // side + rng.random(count)) * SIZE_DEG
    lat = SOUTH + (at % side + rng.random(count)) * SIZE_DEG
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = shapes
    return gazetteer(
        LEVELS,
        Areas(
            as_texts(ids),
            as_texts(names),
            as_texts(names_en),
            np.array(level, dtype=np.int8),
            np.array(parent, dtype=np.int32),
            np.array(residents, dtype=np.int64),
            polygons,
        ),
        Places(
            as_texts([f"gate-{i:05d}" for i in range(count)]),
            as_texts([f"{i}号门" for i in range(count)]),
            as_texts(["gate"] * count),
            lat,
            lng,
            np.full(count, -1, dtype=np.int32),
        ),
    )


def fake_city(side: int = 4, places_per_grid: int = 6, **more: object) -> CityPack:
    """Make a pack of a made-up city."""
    fields: dict = {
        "id": "fake",
        "name": "模拟城",
        "name_en": "Fake City",
        "folder": Path("fake"),
        "timezone": "Asia/Shanghai",
        "levels": LEVELS,
        "level_names": {"district": Label(zh="区", en="District")},
        "clock": "live",
        "synthetic": True,
        "notes": Label(zh="模拟数据", en="Simulated data"),
        "small_count": 5,
        "finest_counts": LEVELS[-1],
        "no_dedupe_sources": (),
        "version": "0123456789abcdef",
        "gazetteer": fake_gazetteer(side, places_per_grid),
        "stream": None,
    }
    return CityPack(**{**fields, **more})
