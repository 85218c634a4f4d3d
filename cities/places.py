"""places.csv: registered places, read into columns; every fault of a line is a finding.

Columns: `place_id`, `kind`, `name`, `lat`, `lng`, `area_id`. A blank `area_id` lets the position
decide; `outside` is allowed. Further columns are left alone.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cities.findings import NO_CONTROLS, Finding, has_controls
from cities.settings import CitySettings
from geo.cells import as_texts
from geo.datum import to_wgs84
from geo.gazetteer import OUTSIDE, Places

PLACES_FILE = "places.csv"
COLUMNS = ("place_id", "kind", "name", "lat", "lng", "area_id")
LONGEST_ID = 128
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")

KINDS = {
    "gate": ("小区大门", "Compound gate"),
    "door": ("单元门", "Unit door"),
    "shop": ("商店", "Shop"),
    "market": ("市场", "Market"),
    "checkpoint": ("卡口", "Checkpoint"),
    "fever_clinic": ("发热门诊", "Fever clinic"),
    "hospital": ("医院", "Hospital"),
    "metro": ("地铁站", "Metro station"),
    "taxi_zone": ("出租车分区", "Taxi zone"),
}
"""Kinds of places the pages have words for; a pack may use others."""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One usable line: its number in the file and its values, coordinates as in the file."""

    line: int
    place_id: str
    kind: str
    name: str
    lat: float
    lng: float
    area_id: str


def read_places(folder: Path) -> tuple[list[PlaceLine], list[Finding]]:
    """Read the lines of a pack's places.csv, and what is wrong with each."""
    text, found = _read_text(folder / PLACES_FILE)
    if text is None:
        return [], found
    # Any line end will do, that of old spreadsheets of a Mac too.
    reader = csv.DictReader(io.StringIO(text, newline=None), restval="")
    places: list[PlaceLine] = []
    seen: set[str] = set()
    try:
        absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if absent:
            expected = f"a header with {', '.join(COLUMNS)}"
            return [], [Finding(PLACES_FILE, "header", f"no {', '.join(absent)}", expected, 1)]
        for row in reader:
            place, faults = _read_line(reader.line_num, row, seen)
            places += [place] if place else []
            found += faults
    except csv.Error as error:
        found.append(Finding(PLACES_FILE, "line", str(error), "CSV", reader.line_num))
    if not places and not found:
        found.append(Finding(PLACES_FILE, "file", "no places", "at least one line"))
    return places, found


def place_columns(lines: list[PlaceLine], rows: dict[str, int], settings: CitySettings) -> Places:
    """Turn lines without faults into columns in WGS-84; `rows` gives the row of a smallest area."""
    lat = np.array([place.lat for place in lines], dtype=np.float64)
    lng = np.array([place.lng for place in lines], dtype=np.float64)
    lat, lng = to_wgs84(settings.places_datum or settings.datum, lat, lng)
    return Places(
        place_id=as_texts(place.place_id for place in lines),
        place_name=as_texts(place.name for place in lines),
        place_kind=as_texts(place.kind for place in lines),
        lat=lat,
        lng=lng,
        grid=np.array([rows.get(place.area_id, -1) for place in lines], dtype=np.int32),
    )


def unknown_areas(lines: list[PlaceLine], known: set[str]) -> list[Finding]:
    """Find places registered in an area that is not one of the smallest."""
    expected = "blank, outside, or the id of a smallest area"
    return [
        Finding(PLACES_FILE, "area_id", place.area_id, expected, place.line)
        for place in lines
        if place.area_id not in known and place.area_id not in ("", OUTSIDE)
    ]


def _read_text(path: Path) -> tuple[str | None, list[Finding]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return None, [Finding(path.name, "file", error.strerror or "unreadable", "a readable file")]
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is not UTF-8"
        return None, [Finding(path.name, "file", found, "UTF-8 (GBK must be converted)")]
    if not text.strip():
        return None, [Finding(path.name, "file", "empty", "a CSV with a header")]
    return text, []


def _read_line(
    line: int, row: dict[str, str], seen: set[str]
) -> tuple[PlaceLine | None, list[Finding]]:
    place_id, kind = row["place_id"], row["kind"]
    faults: list[tuple[str, object, str]] = []
    if None in row:  # the reader's key for cells beyond the header
        faults.append(("columns", "more than the header", f"{len(row) - 1}"))
    if not 0 < len(place_id) <= LONGEST_ID:
        faults.append(("place_id", place_id, f"text of 1 to {LONGEST_ID} characters"))
    if place_id != place_id.strip():
        faults.append(("place_id", repr(place_id), "no blanks around it"))
    if has_controls(place_id):
        faults.append(("place_id", place_id, NO_CONTROLS))
    if place_id in seen:
        faults.append(("place_id", place_id, "each id once"))
    if not _KIND.fullmatch(kind):
        faults.append(("kind", kind, "a lower-case word like gate"))
    lat, lng = _degrees(row["lat"], 90.0), _degrees(row["lng"], 180.0)
    if lat is None:
        faults.append(("lat", row["lat"], "degrees in ±90"))
    if lng is None:
        faults.append(("lng", row["lng"], "degrees in ±180"))
    seen.add(place_id)
    findings = [Finding(PLACES_FILE, *parts, line) for parts in faults]
    if lat is None or lng is None:
        return None, findings
    name = row["name"] or place_id
    return PlaceLine(line, place_id, kind, name, lat, lng, row["area_id"]), findings


def _degrees(text: str, limit: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= limit else None
