"""Fixed random points inside the polygons of zones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from simulators.chance import generator

POINTS_A_ZONE = 2_048


def zone_points(zones: Mapping[int, shapely.Geometry]) -> dict[int, NDArray[np.float64]]:
    """Draw points evenly over each zone's polygon; the same zone always gives the same points.

    Returns
    -------
    dict of (2048, 2) float64
        Longitude and latitude in degrees, by zone.
    """
    return {zone: _points(polygon, zone) for zone, polygon in zones.items()}


def _points(polygon: shapely.Geometry, zone: int) -> NDArray[np.float64]:
    chance = generator(0, f"replay/zone/{zone}")
    shapely.prepare(polygon)
    west, south, east, north = polygon.bounds
    found: list[NDArray[np.float64]] = []
    missing = POINTS_A_ZONE
    for _ in range(1_000):  # a zone that fills a thousandth of its box still gets its points
        drawn = chance.uniform((west, south), (east, north), size=(POINTS_A_ZONE, 2))
        inside = drawn[shapely.contains_xy(polygon, drawn[:, 0], drawn[:, 1])][:missing]
        found.append(inside)
        missing -= len(inside)
        if missing == 0:
            break
    centre = polygon.representative_point()
    return np.concatenate([*found, np.tile((centre.x, centre.y), (missing, 1))])
