"""Write the files of a pack; reading them back gives the same areas and places."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import shapely
import shapely.geometry

from cities.areas import AREAS_FILE, AreaProperties
from cities.places import COLUMNS, PLACES_FILE, PlaceLine

DECIMALS = 6
"""Decimals of a degree that are kept: 0.11 m."""


def write_areas(folder: Path, areas: Iterable[tuple[AreaProperties, Any]]) -> None:
    """Write areas.geojson, one feature a line; a geometry may be None above the smallest level."""
    lines = (_feature(properties, geometry) for properties, geometry in areas)
    write_features(folder / AREAS_FILE, lines)


def write_features(path: Path, features: Iterable[Mapping[str, Any]]) -> None:
    """Write a GeoJSON FeatureCollection, one feature a line so that changes can be read."""
    lines = (json.dumps(part, ensure_ascii=False, separators=(",", ":")) for part in features)
    body = ",\n".join(lines)
    text = '{"type":"FeatureCollection","features":[\n' + body + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def write_places(folder: Path, places: Iterable[PlaceLine]) -> None:
    """Write places.csv."""
    with (folder / PLACES_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for place in places:
            at = (f"{place.lat:.{DECIMALS}f}", f"{place.lng:.{DECIMALS}f}")
            writer.writerow((place.place_id, place.kind, place.name, *at, place.area_id))


def geometry_mapping(geometry: Any) -> dict[str, Any] | None:
    """Turn a geometry into GeoJSON with 6 decimals; None stays None."""
    if geometry is None:
        return None
    rounded = shapely.transform(geometry, lambda points: points.round(DECIMALS))
    mapping: dict[str, Any] = shapely.geometry.mapping(rounded)
    return mapping


def _feature(properties: AreaProperties, geometry: Any) -> dict[str, Any]:
    values = {
        "id": properties.id,
        "name": properties.name,
        "name_en": properties.name_en,
        "level": properties.level,
        "parent": properties.parent,
        "residents": properties.residents,
    }
    kept = {name: value for name, value in values.items() if name == "parent" or value is not None}
    return {"type": "Feature", "properties": kept, "geometry": geometry_mapping(geometry)}
