"""Whether places lie where they are registered, and whether a datum was mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from cities.findings import Finding, Severity, warning
from cities.places import PLACES_FILE
from geo.cells import Degrees, Texts
from geo.datum import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from geo.polygons import Polygons, polygons_of_points

NEAR_M = 100.0
"""A gate may stand across the street; farther from its area it is an error."""

METRES_A_DEGREE = 111_195.0
FEW_PLACES = 20
LARGE_SHARE = 0.2
MOST = 0.5
"""Of so large a share of places in no area, it is not the places that are wrong one by one."""

SHIFTS = {
    "the places' are GCJ-02": (gcj02_to_wgs84, 'places_datum = "gcj02"'),
    "the places' are BD-09": (bd09_to_wgs84, 'places_datum = "bd09"'),
    "the areas' are GCJ-02": (wgs84_to_gcj02, 'datum = "gcj02" with places_datum = "wgs84"'),
    "the areas' are BD-09": (wgs84_to_bd09, 'datum = "bd09" with places_datum = "wgs84"'),
}


@dataclass(frozen=True, eq=False)
class Registered:
    """Places as registered: `area` is a row of the areas, or one of the two below."""

    BY_POSITION: ClassVar[int] = -1
    OUTSIDE: ClassVar[int] = -2

    line: NDArray[np.int64]
    place_id: Texts
    lat: Degrees
    lng: Degrees
    area: NDArray[np.int32]
    area_id: Texts
    polygons: Polygons


def placing_faults(places: Registered) -> list[Finding]:
    """Find places outside their area, in no area, or all shifted alike."""
    if not len(places.line):
        return []
    held = polygons_of_points(places.polygons, places.lat, places.lng)
    mixed = _datum_mixed_up(places)
    return [*mixed, *_outside_their_area(places), *_registered_nowhere(places, held)]


def _outside_their_area(places: Registered) -> Iterator[Finding]:
    rows = np.flatnonzero(places.area >= 0)
    away_m = distance_m(places.polygons[places.area[rows]], places.lat[rows], places.lng[rows])
    for row, away in zip(rows.tolist(), away_m.tolist(), strict=True):
        if away > 0.0:
            grave = Severity.ERROR if away > NEAR_M else Severity.WARNING
            value = (
                f"{places.place_id[row]} is {away:.0f} m from {places.area_id[places.area[row]]}"
            )
            expected = f"a place in its area, or within {NEAR_M:.0f} m"
            yield Finding(PLACES_FILE, "area_id", value, expected, int(places.line[row]), grave)


def _registered_nowhere(places: Registered, held: NDArray[np.int32]) -> Iterator[Finding]:
    lost = (places.area == Registered.BY_POSITION) & (held < 0)
    if lost.mean() >= MOST:
        value = f"{int(lost.sum())} of {len(lost)} places lie in no area"
        expected = "most places in an area: are lat and lng exchanged, or areas of another city?"
        yield Finding(PLACES_FILE, "lat, lng", value, expected)
    for row in np.flatnonzero(lost).tolist():
        value = f"{places.place_id[row]} lies in no area"
        yield warning(PLACES_FILE, "lat, lng", value, "a place in an area", int(places.line[row]))
    strange = (places.area == Registered.OUTSIDE) & (held >= 0)
    for row in np.flatnonzero(strange).tolist():
        value = f"{places.place_id[row]} lies in {places.area_id[held[row]]}"
        expected = "a position outside every area, as registered"
        yield warning(PLACES_FILE, "area_id", value, expected, int(places.line[row]))


def _datum_mixed_up(places: Registered) -> list[Finding]:
    """Say if one of the shifts of the Chinese datums would bring most lost places home."""
    at_home = _at_home(places, places.lat, places.lng)
    lost = ~at_home & (places.area != Registered.OUTSIDE)
    if lost.sum() < FEW_PLACES or lost.mean() < LARGE_SHARE:
        return []
    rescued = {
        name: int((_at_home(places, *shift(places.lat, places.lng)) & lost).sum())
        for name, (shift, _) in SHIFTS.items()
    }
    best = max(rescued, key=lambda name: rescued[name])
    if rescued[best] < lost.sum() / 2:
        return []
    value = f"{rescued[best]} of {int(lost.sum())} misplaced places fit if {best}"
    return [warning(PLACES_FILE, "datum", value, f"{SHIFTS[best][1]} in city.toml, if so")]


def _at_home(places: Registered, lat: Degrees, lng: Degrees) -> NDArray[np.bool_]:
    held = polygons_of_points(places.polygons, lat, lng)
    return np.where(places.area >= 0, held == places.area, held >= 0)


def distance_m(polygons: Polygons, lat: Degrees, lng: Degrees) -> NDArray[np.float64]:
    """Give the distance of each point from its polygon in metres; 0 inside.

    Planar in degrees scaled at the point: within 1 % for distances up to some kilometres,
    which is enough to tell a street's width from a wrong datum.
    """
    line = shapely.shortest_line(polygons, shapely.points(lng, lat))
    ends = shapely.get_coordinates(line).reshape(-1, 2, 2)
    step = ends[:, 1] - ends[:, 0]
    step[:, 0] *= np.cos(np.radians(lat))
    away: NDArray[np.float64] = np.hypot(step[:, 0], step[:, 1]) * METRES_A_DEGREE
    return away
