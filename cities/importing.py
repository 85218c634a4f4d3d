"""Make a pack from a customer's files: one layer of smallest areas, and a table of places.

    areas (GeoJSON, GeoPackage, Shapefile, CSV with WKT) --> repaired, WGS-84 --> areas.geojson
    places (CSV, GeoJSON, GeoPackage)                    ----------- WGS-84 --> places.csv

Each row of the areas is a smallest area; its larger areas are columns of the same row, so
one layer is enough for a whole tree. Larger areas are told apart by their whole path, since
two districts may both have a "first street".
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from cities.areas import AreaProperties
from cities.errors import SourceError
from cities.places import PlaceLine
from cities.settings import CITY_FILE
from cities.tables import Table, read_table
from cities.write import DECIMALS, write_areas, write_places
from geo.datum import Datum, to_wgs84
from geo.errors import GeoError
from geo.polygons import Polygons, is_valid_polygon, repair

CITY_TOML = """# Made by `hexline city import`; every key is explained in cities/settings.py.
id = "{id}"
name = "{name}"
name_en = "{name}"
timezone = "{timezone}"
levels = [{levels}]
clock = "live"
synthetic = false
datum = "wgs84"
small_count = 5

[notes]
zh = "{name}"
en = "{name}"
"""


@dataclass(frozen=True)
class AreaColumns:
    """Which column of the areas means what; `levels` largest first, the last gives the id."""

    levels: Mapping[str, str]
    name: str | None = None
    name_en: str | None = None
    residents: str | None = None
    wkt: str = "wkt"


@dataclass(frozen=True)
class PlaceColumns:
    """Which column of the places means what; `=word` gives every row the same value."""

    place_id: str = "place_id"
    kind: str = "kind"
    name: str = "name"
    lat: str = "lat"
    lng: str = "lng"
    area_id: str | None = None


@dataclass(frozen=True)
class Order:
    """What to import, and how to read it."""

    areas: Path
    area_columns: AreaColumns
    places: Path | None = None
    place_columns: PlaceColumns = field(default_factory=PlaceColumns)
    datum: Datum = Datum.WGS84
    places_datum: Datum | None = None
    encoding: str | None = None
    name: str = ""
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was made, and what had to be repaired."""

    areas: int
    repaired: int
    places: int


def import_pack(folder: Path, order: Order) -> Imported:
    """Write a pack into a new or empty folder.

    Raises
    ------
    SourceError
        A file or a column is missing, a geometry cannot be repaired, or the folder has files.
    """
    refuse_files_in(folder)
    table = read_table(order.areas, order.encoding, order.area_columns.wkt)
    polygons, repaired = _polygons(table, order)
    smallest = list(_smallest(table, order.area_columns))
    places = list(_places(order)) if order.places else []
    folder.mkdir(parents=True, exist_ok=True)
    try:
        upper = [(area, None) for area in _upper(table, order.area_columns)]
        write_areas(folder, [*upper, *zip(smallest, polygons, strict=True)])
        write_places(folder, places)
        (folder / CITY_FILE).write_text(_city_toml(folder, order), encoding="utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Imported(len(smallest), repaired, len(places))


def refuse_files_in(folder: Path) -> None:
    """Raise SourceError where a folder to be written has files: they may be somebody's pack."""
    if folder.is_dir() and any(folder.iterdir()):
        raise SourceError(f"{folder}: has files: expected a new or an empty folder")


def _polygons(table: Table, order: Order) -> tuple[list[Any], int]:
    if table.geometry is None:
        raise SourceError(f"{table.file}: no geometry: expected polygons, or --wkt COLUMN")
    try:
        shifted = shapely.transform(
            shapely.force_2d(table.geometry), lambda points: _shifted(points, order.datum)
        )
        bad = int((~is_valid_polygon(shifted)).sum())
        return list(repair(_as_written(repair(shifted)))), bad
    except GeoError as error:
        raise SourceError(f"{table.file}: {error}") from error


def _as_written(polygons: Polygons) -> Polygons:
    """Round outlines as the file will; one that crosses itself then is drawn anew on that grid."""
    rounded: Polygons = shapely.transform(polygons, lambda points: points.round(DECIMALS))
    crossed = ~is_valid_polygon(rounded)
    rounded[crossed] = shapely.set_precision(polygons[crossed], 10.0**-DECIMALS)
    return rounded


def _shifted(points: Any, datum: Datum) -> Any:
    lat, lng = to_wgs84(datum, points[:, 1], points[:, 0])
    return np.column_stack([lng, lat])


def _upper(table: Table, columns: AreaColumns) -> Iterator[AreaProperties]:
    """List each larger area once, level by level, named by its own column."""
    levels = list(columns.levels)
    for depth in range(len(levels) - 1):
        seen: set[str] = set()
        for row in range(table.rows):
            path = _path(table, columns, row)[: depth + 1]
            area_id = "/".join(path)
            if area_id not in seen:
                seen.add(area_id)
                parent = "/".join(path[:-1]) or None
                yield AreaProperties(id=area_id, name=path[-1], level=levels[depth], parent=parent)


def _smallest(table: Table, columns: AreaColumns) -> Iterator[AreaProperties]:
    level = list(columns.levels)[-1]
    for row in range(table.rows):
        *above, area_id = _path(table, columns, row)
        yield AreaProperties(
            id=area_id,
            name=table.text(columns.name, row) or area_id,
            name_en=table.text(columns.name_en, row),
            level=level,
            parent="/".join(above) or None,
            residents=table.whole_number(columns.residents, row),
        )


def _path(table: Table, columns: AreaColumns, row: int) -> list[str]:
    path = [table.text(column, row) for column in columns.levels.values()]
    for column, value in zip(columns.levels.values(), path, strict=True):
        if not value:
            raise SourceError(f"{table.file} row {row}: {column}: blank: expected an id or a name")
    return path


def _places(order: Order) -> Iterator[PlaceLine]:
    if order.places is None:
        return
    table, columns = read_table(order.places, order.encoding), order.place_columns
    lat, lng = _coordinates(table, columns, order.places_datum or order.datum)
    for row in range(table.rows):
        place_id = table.text(columns.place_id, row)
        yield PlaceLine(
            line=row,
            place_id=place_id,
            kind=table.text(columns.kind, row),
            name=table.text(columns.name, row) or place_id,
            lat=float(lat[row]),
            lng=float(lng[row]),
            area_id=table.text(columns.area_id, row),
        )


def _coordinates(table: Table, columns: PlaceColumns, datum: Datum) -> tuple[Any, Any]:
    if table.geometry is not None and columns.lat not in table.columns:
        points = shapely.centroid(table.geometry)
        lat, lng = shapely.get_y(points), shapely.get_x(points)
    else:
        lat, lng = table.degrees(columns.lat), table.degrees(columns.lng)
    try:
        return to_wgs84(datum, lat, lng)
    except GeoError as error:
        raise SourceError(f"{table.file}: {error}") from error


def _city_toml(folder: Path, order: Order) -> str:
    word = "".join(c if c.isascii() and c.isalnum() else "-" for c in folder.resolve().name.lower())
    levels = ", ".join(f'"{level}"' for level in order.area_columns.levels)
    return CITY_TOML.format(
        id=word if word[:1].isalpha() else f"city-{word}",
        name=(order.name or folder.resolve().name).replace("\\", "").replace('"', "'"),
        timezone=order.timezone,
        levels=levels,
    )
