"""Where nobody lives in Wuhan: the two rivers along district borders, and the larger lakes.

Rivers are taken from the borders that follow them; lakes are ellipses by eye, good to about
a kilometre. They keep made-up people off the water and are drawn nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
import shapely.affinity

KM_A_DEGREE = 111.2
LATITUDE = 30.5

YANGTZE_KM, HAN_KM = 0.6, 0.12
YANGTZE = (
    ("420102", "420103", "420105", "420113", "420114", "420116", "420117"),  # left bank
    ("420106", "420107", "420111", "420115"),
)
HAN = (("420103", "420104"), ("420105",))

LAKES = (  # lng, lat, half width, half height in km
    (114.385, 30.558, 3.2, 2.4),  # East Lake
    (114.460, 30.555, 2.6, 1.8),
    (114.365, 30.420, 4.6, 2.6),  # Tangxun
    (114.352, 30.491, 1.9, 0.8),  # South Lake
    (114.326, 30.567, 0.9, 0.6),  # Sand Lake
    (114.235, 30.538, 1.1, 0.5),
    (114.205, 30.647, 1.8, 0.8),
    (114.075, 30.535, 3.6, 1.6),
    (114.510, 30.250, 9.0, 6.5),  # Liangzi
    (114.200, 30.230, 6.0, 4.5),  # Lu
    (114.500, 30.800, 4.0, 2.6),
    (114.700, 30.650, 3.4, 2.4),
)


def water(districts: Mapping[str, Any]) -> Any:
    """Give the water of the city as one geometry; `districts` are polygons by code."""
    rivers = [_river(districts, *YANGTZE, YANGTZE_KM), _river(districts, *HAN, HAN_KM)]
    return shapely.union_all([*rivers, *(_ellipse(*lake) for lake in LAKES)])


def _river(
    districts: Mapping[str, Any],
    left: tuple[str, ...],
    right: tuple[str, ...],
    half_width_km: float,
) -> Any:
    banks = [shapely.union_all([districts[code] for code in side]) for side in (left, right)]
    border = shapely.intersection(*banks)
    # Buffered in kilometres, so that the band is as wide east-west as north-south.
    return _in_degrees(shapely.buffer(_in_km(border), half_width_km, quad_segs=4))


def _ellipse(lng: float, lat: float, half_width_km: float, half_height_km: float) -> Any:
    circle = shapely.Point(0, 0).buffer(1.0, quad_segs=8)
    lake = shapely.affinity.scale(circle, half_width_km, half_height_km)
    middle = _in_km(shapely.Point(lng, lat))
    return _in_degrees(shapely.affinity.translate(lake, middle.x, middle.y))


def _in_km(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda points: points * _scale())


def _in_degrees(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda points: points / _scale())


def _scale() -> Any:
    return KM_A_DEGREE * np.array([np.cos(np.radians(LATITUDE)), 1.0])
