"""A small sound pack on disk, to plant faults in.

lat 30.02 +-------+-------+
          |   a2  |   b2  |     district a = a1 + a2, b = b1 + b2; 30 gates in each grid
    30.01 +-------+-------+
          |   a1  |   b1  |
    30.00 +-------+-------+
        114.00  114.01  114.02 lng
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

TOML = """id = "town"
name = "小城"
name_en = "Town"
timezone = "Asia/Shanghai"
levels = ["district", "grid"]
clock = "live"
synthetic = true
datum = "wgs84"

[notes]
zh = "测试"
en = "Test"
"""
HEADER = ["place_id", "kind", "name", "lat", "lng", "area_id"]
CORNERS = {"a1": (0, 0), "a2": (0, 1), "b1": (1, 0), "b2": (1, 1)}


def box(x: float, y: float, width: float = 0.01, height: float = 0.01) -> dict:
    west, south = round(114 + x, 6), round(30 + y, 6)
    east, north = round(west + width, 6), round(south + height, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def features() -> list[dict]:
    upper = [_feature(name, "district", None, None, None) for name in "ab"]
    return upper + [
        _feature(name, "grid", name[0], 100, box(x / 100, y / 100))
        for name, (x, y) in CORNERS.items()
    ]


def rows() -> list[list[str]]:
    made = []
    for name, (x, y) in CORNERS.items():
        for number in range(30):
            lat = 30 + y / 100 + 0.001 + 0.0002 * number
            lng = 114 + x / 100 + 0.001 + 0.0002 * number
            made.append([f"{name}-{number}", "gate", "门", f"{lat:.6f}", f"{lng:.6f}", name])
    return made


def town(folder: Path) -> Path:
    """Write the sound pack."""
    (folder / "city.toml").write_text(TOML, encoding="utf-8")
    write_features(folder, features())
    write_rows(folder, rows())
    return folder


def change_features(folder: Path, change: Callable[[dict[str, dict]], None]) -> None:
    """Change features by id and write them again."""
    by_id = {feature["properties"]["id"]: feature for feature in features()}
    change(by_id)
    write_features(folder, list(by_id.values()))


def write_features(folder: Path, made: list[dict]) -> None:
    text = json.dumps({"type": "FeatureCollection", "features": made})
    (folder / "areas.geojson").write_text(text, encoding="utf-8")


def write_rows(folder: Path, made: list[list[str]]) -> None:
    with (folder / "places.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *made])


def _feature(
    name: str, level: str, parent: str | None, residents: int | None, geometry: dict | None
) -> dict:
    properties = {"id": name, "name": name, "level": level, "parent": parent}
    if residents is not None:
        properties["residents"] = residents
    return {"type": "Feature", "properties": properties, "geometry": geometry}
