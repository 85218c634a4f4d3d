"""Made-up people of a city: points, dense around its centres, thin between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from cities.make.wuhan_tables import Centre

Points = NDArray[np.float64]

KM_A_DEGREE = 111.2
QUARTERS = 260
QUARTERS_A_VILLAGE = 2
COUNTRY_SHARE = 0.06


def textured(centres: tuple[Centre, ...], box: Points, chance: np.random.Generator) -> list[Centre]:
    """Add small quarters around the centres and villages anywhere in a box (w, s, e, n)."""
    weight = np.array([centre.weight for centre in centres])
    chosen = chance.choice(len(centres), QUARTERS, p=weight / weight.sum())
    middle = np.array([(centres[at].lng, centres[at].lat) for at in chosen])
    middle += offsets(
        np.array([2.2 * centres[at].spread_km for at in chosen]), middle[:, 1], chance
    )
    villages = chance.uniform(box[:2], box[2:], (QUARTERS // QUARTERS_A_VILLAGE, 2))
    spread = np.exp(chance.normal(-0.9, 0.35, QUARTERS + len(villages)))
    size = np.exp(chance.normal(-1.3, 0.7, QUARTERS + len(villages)))
    small = zip(np.concatenate([middle, villages]), spread, size, strict=True)
    return list(centres) + [
        Centre(float(x), float(y), float(s), float(w)) for (x, y), s, w in small
    ]


def offsets(spread_km: Points, lat: Points, chance: np.random.Generator) -> Points:
    """Draw normal offsets in degrees, one a row, of a spread given in kilometres."""
    steps = chance.normal(0.0, 1.0, (len(spread_km), 2)) * spread_km[:, None] / KM_A_DEGREE
    steps[:, 0] /= np.cos(np.radians(lat))
    return steps


def people_of(
    polygon: Any, centres: list[Centre], count: int, chance: np.random.Generator
) -> Points:
    """Draw `count` points inside a polygon: around centres, and a few anywhere in it."""
    country = _anywhere(polygon, max(1, round(count * COUNTRY_SHARE)), chance)
    town = np.empty((0, 2))
    for _ in range(200):
        if len(town) + len(country) >= count:
            break
        town = np.concatenate([town, _inside(polygon, _around(centres, 20_000, chance))])
    missing = count - len(country) - len(town)
    more = _anywhere(polygon, missing, chance) if missing > 0 else np.empty((0, 2))
    return np.concatenate([country, town, more])[:count]


def _around(centres: list[Centre], count: int, chance: np.random.Generator) -> Points:
    weight = np.array([centre.weight for centre in centres])
    at = chance.choice(len(centres), count, p=weight / weight.sum())
    middle = np.array([(centre.lng, centre.lat) for centre in centres])[at]
    spread = np.array([centre.spread_km for centre in centres])[at]
    return middle + offsets(spread, middle[:, 1], chance)


def _anywhere(polygon: Any, count: int, chance: np.random.Generator) -> Points:
    west, south, east, north = polygon.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        draw = chance.uniform((west, south), (east, north), (4 * count + 16, 2))
        found = np.concatenate([found, _inside(polygon, draw)])
    return found[:count]


def _inside(polygon: Any, points: Points) -> Points:
    shapely.prepare(polygon)
    held: Points = points[shapely.contains_xy(polygon, points[:, 0], points[:, 1])]
    return held
