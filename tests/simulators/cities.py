"""A little city for tests: four square grids around one market, a hundred places each."""

import numpy as np
import shapely

from geo.gazetteer import Areas, Gazetteer, Places, gazetteer

LEVELS = ("district", "grid")
KINDS = ("gate", "door", "shop", "gate", "market", "gate", "hospital", "checkpoint")


def texts(values) -> np.ndarray:
    return np.array(list(values), dtype=object)


def little_city(places_a_grid: int = 100) -> Gazetteer:
    """Give four grids of 0.02 degrees; 1,000 to 4,000 residents."""
    corners = [(114.30, 30.58), (114.32, 30.58), (114.30, 30.60), (114.32, 30.60)]
    squares = [shapely.box(x, y, x + 0.02, y + 0.02) for x, y in corners]
    areas = Areas(
        area_id=texts(["d", *(f"g{n}" for n in range(4))]),
        area_name=texts(["区", *"甲乙丙丁"]),
        area_name_en=texts(["District", *"ABCD"]),
        level=np.array([0, 1, 1, 1, 1], dtype=np.int8),
        parent=np.array([-1, 0, 0, 0, 0], dtype=np.int32),
        residents=np.array([0, 1_000, 2_000, 3_000, 4_000]),
        polygons=texts([None, *squares]),
    )
    chance = np.random.default_rng(7)
    n = 4 * places_a_grid
    at = np.repeat(np.arange(4), places_a_grid)
    x, y = (np.array([corner[axis] for corner in corners])[at] for axis in (0, 1))
    places = Places(
        place_id=texts(f"p{row:04d}" for row in range(n)),
        place_name=texts(f"place {row}" for row in range(n)),
        place_kind=texts(KINDS[row % len(KINDS)] for row in range(n)),
        lat=y + 0.001 + chance.uniform(0, 0.018, n),
        lng=x + 0.001 + chance.uniform(0, 0.018, n),
        grid=np.full(n, -1, dtype=np.int32),
    )
    return gazetteer(LEVELS, areas, places)
