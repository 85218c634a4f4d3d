"""Areas, zones and places of the New York pack from the raw public files."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry
from numpy.typing import NDArray

from cities.areas import AreaProperties
from cities.make.faces import PRECISION_DEG, fitted
from cities.places import PlaceLine
from cities.write import DECIMALS, geometry_mapping
from geo.gazetteer import OUTSIDE
from geo.polygons import repair

OTHER = "99999"
"""The health department's "other": parks, where nobody is counted as resident."""

BOROUGHS = {
    "Manhattan": ("manhattan", "曼哈顿"),
    "Brooklyn": ("brooklyn", "布鲁克林"),
    "Queens": ("queens", "皇后区"),
    "Bronx": ("bronx", "布朗克斯"),
    "Staten Island": ("staten-island", "史泰登岛"),
    "Parks and other": ("other", "公园及其他"),
}
LEAST_OVERLAP = 0.2
ZONE_TOLERANCE_DEG = 5e-5


@dataclass(frozen=True)
class Zone:
    """One taxi zone: its number, names and (multi-part) polygon."""

    number: int
    name: str
    borough: str
    polygon: Any

    @property
    def place_id(self) -> str:
        """The id of the zone's place."""
        return f"zone-{self.number}"


@dataclass(frozen=True)
class Modzcta:
    """One modified ZIP code area with its borough and residents."""

    code: str
    name: str
    borough: str
    residents: int
    polygon: Any


def read_modzctas(boundaries: Path, population: Path) -> list[Modzcta]:
    """Read the areas in order of their code; repair what is invalid, cut what overlaps."""
    with population.open(encoding="utf-8") as file:
        people = {row["MODIFIED_ZCTA"]: row for row in csv.DictReader(file)}
    features = sorted(_features(boundaries), key=lambda part: part["properties"]["MODZCTA"])
    raw = np.array([shapely.geometry.shape(part["geometry"]) for part in features], dtype=object)
    polygons = fitted(repair(raw))
    return [
        _modzcta(part["properties"]["MODZCTA"], people, polygon)
        for part, polygon in zip(features, polygons, strict=True)
    ]


def read_zones(path: Path) -> list[Zone]:
    """Read the taxi zones by number; the parts of a zone that is listed in parts are joined."""
    parts: dict[int, list[dict[str, Any]]] = {}
    for feature in _features(path):
        parts.setdefault(int(feature["properties"]["LocationID"]), []).append(feature)
    raw = np.array(
        [
            shapely.union_all([shapely.geometry.shape(part["geometry"]) for part in parts[number]])
            for number in sorted(parts)
        ],
        dtype=object,
    )
    simple = _rounded(repair(shapely.coverage_simplify(raw, ZONE_TOLERANCE_DEG)))
    first = [parts[number][0]["properties"] for number in sorted(parts)]
    return [
        Zone(number, one["zone"], one["borough"], polygon)
        for number, one, polygon in zip(sorted(parts), first, simple, strict=True)
    ]


def area_rows(areas: list[Modzcta]) -> Iterator[tuple[AreaProperties, Any]]:
    """List the boroughs, then the areas."""
    for name_en, (area_id, name) in BOROUGHS.items():
        yield AreaProperties(id=area_id, name=name, name_en=name_en, level="borough"), None
    for area in areas:
        properties = AreaProperties(
            id=area.code,
            name=area.name,
            name_en=area.name,
            level="modzcta",
            parent=BOROUGHS[area.borough][0],
            residents=area.residents,
        )
        yield properties, area.polygon


def place_lines(zones: list[Zone], areas: list[Modzcta]) -> Iterator[PlaceLine]:
    """Make each zone a place: a point of it, in the area that covers most of it.

    A zone of which no area covers a fifth (Newark Airport, the islands of the harbour) is
    registered `outside`.
    """
    polygons = np.array([area.polygon for area in areas], dtype=object)
    for zone in zones:
        common = shapely.intersection(polygons, zone.polygon)
        share = shapely.area(common) / zone.polygon.area
        best = int(np.argmax(share))
        covered = share[best] >= LEAST_OVERLAP
        point = shapely.point_on_surface(common[best] if covered else zone.polygon)
        area_id = areas[best].code if covered else OUTSIDE
        lat, lng = round(point.y, DECIMALS), round(point.x, DECIMALS)
        yield PlaceLine(0, zone.place_id, "taxi_zone", zone.name, lat, lng, area_id)


def zone_features(zones: list[Zone]) -> Iterator[dict[str, Any]]:
    """List the zones as GeoJSON features; `LocationID` is the TLC's number."""
    for zone in zones:
        properties = {
            "LocationID": zone.number,
            "place_id": zone.place_id,
            "name": zone.name,
            "borough": zone.borough,
        }
        geometry = geometry_mapping(zone.polygon)
        yield {"type": "Feature", "properties": properties, "geometry": geometry}


def _modzcta(code: str, people: dict[str, dict[str, str]], polygon: Any) -> Modzcta:
    if code == OTHER:
        return Modzcta(code, f"{OTHER} Parks and other", "Parks and other", 0, polygon)
    row = people[code]
    residents = round(float(row["POP_DENOMINATOR"]))
    name = f"{code} {row['NEIGHBORHOOD_NAME']}"
    return Modzcta(code, name, row["BOROUGH_GROUP"], residents, polygon)


def _rounded(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Round to the written precision here, so that what is checked is what is written."""
    rounded: NDArray[np.object_] = shapely.set_precision(polygons, PRECISION_DEG)
    return rounded


def _features(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features
