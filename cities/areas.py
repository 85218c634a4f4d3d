"""areas.geojson: the tree of areas, read into columns; every fault of a feature is a finding.

A feature's properties are `id`, `name`, `name_en`, `level`, `parent` (null at the top) and, at
the smallest level, `residents`. Only the smallest areas need a geometry: larger ones are the
unions of those below. A geometry given above is compared by the check, and not used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import shapely
import shapely.geometry
from msgspec import Meta

from cities.findings import NO_CONTROLS, Finding, has_controls
from cities.settings import CitySettings
from geo.cells import as_texts
from geo.datum import Datum, to_wgs84
from geo.errors import GeometryError
from geo.gazetteer import Areas, outside_ids

AREAS_FILE = "areas.geojson"

Identifier = Annotated[str, Meta(min_length=1, max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class AreaProperties(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of one feature; others are left alone."""

    id: Identifier
    name: Name
    level: str
    name_en: str = ""
    parent: str | None = None
    residents: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None


@dataclass(frozen=True, slots=True)
class AreaFeature:
    """One usable feature: its number in the file, its properties, its geometry if it has one."""

    row: int
    properties: AreaProperties
    geometry: Any


def read_areas(folder: Path, settings: CitySettings) -> tuple[list[AreaFeature], list[Finding]]:
    """Read the features of a pack's areas.geojson, in WGS-84, and what is wrong with each."""
    features, found = read_features(folder / AREAS_FILE)
    areas: list[AreaFeature] = []
    for row, feature in enumerate(features):
        area, faults = _read_feature(row, feature, settings)
        areas += [area] if area else []
        found += faults
    return areas, found + _tree_faults(areas, settings)


def area_columns(features: list[AreaFeature], levels: list[str]) -> Areas:
    """Turn features without faults into columns."""
    properties = [feature.properties for feature in features]
    rows = {area.id: row for row, area in enumerate(properties)}
    polygons = np.full(len(features), None, dtype=object)
    polygons[:] = [feature.geometry for feature in features]
    return Areas(
        area_id=as_texts(area.id for area in properties),
        area_name=as_texts(area.name for area in properties),
        area_name_en=as_texts(area.name_en or area.name for area in properties),
        level=np.array([levels.index(area.level) for area in properties], dtype=np.int8),
        parent=np.array([rows.get(area.parent or "", -1) for area in properties], dtype=np.int32),
        residents=np.array([area.residents or 0 for area in properties], dtype=np.int64),
        polygons=polygons,
    )


def read_features(path: Path) -> tuple[list[Any], list[Finding]]:
    """Read the features of a GeoJSON FeatureCollection, or say why there are none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return [], [Finding(path.name, "file", error.strerror or "unreadable", "a readable file")]
    except UnicodeDecodeError as error:
        return [], [Finding(path.name, "file", f"byte {error.start} is not UTF-8", "UTF-8")]
    if not text.strip():
        return [], [Finding(path.name, "file", "empty", "a GeoJSON FeatureCollection")]
    try:
        # The lenient reader takes NaN, so that the feature can be named.
        collection = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [], [Finding(path.name, "file", str(error), "JSON")]
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        return [], [Finding(path.name, "features", "none", "a FeatureCollection with features")]
    return features, []


def _read_feature(
    row: int, feature: Any, settings: CitySettings
) -> tuple[AreaFeature | None, list[Finding]]:
    raw = feature.get("properties") if isinstance(feature, dict) else None
    try:
        properties = msgspec.convert(raw, AreaProperties)
    except msgspec.ValidationError as error:
        return None, [
            Finding(AREAS_FILE, "properties", str(error), "the properties of an area", row)
        ]
    faults = _property_faults(row, properties, settings)
    geometry, unusable = _geometry(row, feature.get("geometry"), settings.datum)
    faults += unusable
    if geometry is None and not unusable and properties.level == settings.levels[-1]:
        expected = "a polygon at the smallest level"
        faults.append(Finding(AREAS_FILE, "geometry", properties.id, expected, row))
    return AreaFeature(row, properties, geometry), faults


def _property_faults(row: int, properties: AreaProperties, settings: CitySettings) -> list[Finding]:
    faults = []
    levels = settings.levels
    if properties.level not in levels:
        faults.append(("level", properties.level, f"one of {', '.join(levels)}"))
    if properties.level == levels[-1] and properties.residents is None:
        faults.append(("residents", "missing", "a whole number at the smallest level"))
    if properties.level == levels[0] and properties.parent is not None:
        faults.append(("parent", properties.parent, "null at the largest level"))
    if has_controls(properties.id):
        faults.append(("id", properties.id, NO_CONTROLS))
    if properties.id in outside_ids(tuple(levels)):
        faults.append(("id", properties.id, "another id: this one is reserved"))
    return [Finding(AREAS_FILE, *parts, row) for parts in faults]


def _geometry(row: int, raw: Any, datum: Datum) -> tuple[Any, list[Finding]]:
    if raw is None:
        return None, []
    try:
        geometry = _polygon(raw, datum)
    except Exception as error:  # shapely raises whatever the bad input leads to
        return None, [Finding(AREAS_FILE, "geometry", str(error), "a GeoJSON polygon", row)]
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        return geometry, [Finding(AREAS_FILE, "geometry", reason, "a valid polygon", row)]
    return geometry, []


def _polygon(raw: Any, datum: Datum) -> Any:
    geometry = shapely.geometry.shape(raw)
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise GeometryError(f"a {geometry.geom_type}")
    if geometry.is_empty:
        raise GeometryError("an empty polygon")
    return _in_wgs84(geometry, datum)


def _in_wgs84(geometry: Any, datum: Datum) -> Any:
    def convert(points: Any) -> Any:
        lat, lng = to_wgs84(datum, points[:, 1], points[:, 0])
        return np.column_stack([lng, lat])

    return shapely.transform(shapely.force_2d(geometry), convert)


def _tree_faults(areas: list[AreaFeature], settings: CitySettings) -> list[Finding]:
    level_of = {area.properties.id: area.properties.level for area in areas}
    seen: set[str] = set()
    faults = []
    for area in areas:
        faults += _place_in_tree(area, level_of, settings.levels)
        if area.properties.id in seen:
            faults.append(Finding(AREAS_FILE, "id", area.properties.id, "each id once", area.row))
        seen.add(area.properties.id)
    return faults


def _place_in_tree(area: AreaFeature, level_of: dict[str, str], levels: list[str]) -> list[Finding]:
    level, parent = area.properties.level, area.properties.parent
    if level not in levels[1:]:
        return []
    above = levels[levels.index(level) - 1]
    if parent is None or parent not in level_of:
        expected = f"the id of a {above} in this file"
        return [Finding(AREAS_FILE, "parent", parent or "missing", expected, area.row)]
    if level_of[parent] != above:
        found = f"{parent} is a {level_of[parent]}"
        return [Finding(AREAS_FILE, "parent", found, f"a {above}", area.row)]
    return []
