"""Counting check-ins the slow and obvious way: one record at a time, plain dictionaries.

Shares no code with the jobs: own reading and rules (`check_ins`), own times, h3-py and shapely
for positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import h3
import shapely

from tests.oracles.check_ins import sound

MINUTE = 60_000
LATENESS = 24 * 3_600_000
SKEW = 5 * MINUTE
WAYS = {"in": "n_in", "out": "n_out", "pass": "n_pass", "denied": "n_denied"}
NAMES = [*WAYS.values(), "n_screened", "n_fever", "n_simulated"]


class City:
    """Where things are, looked up one at a time in the columns of a gazetteer."""

    def __init__(self, gazetteer: Any) -> None:
        self.gazetteer = gazetteer
        self.known = {name: row for row, name in enumerate(gazetteer.place_id)}
        self.memory: dict[tuple[float, float], tuple[str, list[str], str]] = {}

    def place(self, record: dict[str, Any]) -> tuple[str, list[str], str]:
        """Give place id, cells 7, 8, 9 and smallest area of a check-in."""
        if record.get("place_id") is not None:
            row = self.known[record["place_id"]]
            lat, lng = float(self.gazetteer.lat[row]), float(self.gazetteer.lng[row])
            grid = str(self.gazetteer.area_id[self.gazetteer.grid[row]])
            return record["place_id"], [h3.latlng_to_cell(lat, lng, r) for r in (7, 8, 9)], grid
        place = h3.latlng_to_cell(record["lat"], record["lng"], 12)
        lat, lng = h3.cell_to_latlng(place)
        cells = [h3.latlng_to_cell(lat, lng, r) for r in (7, 8, 9)]
        return place, cells, self.grid_of(lat, lng)

    def grid_of(self, lat: float, lng: float) -> str:
        """Try every smallest area until one holds the point."""
        point = shapely.Point(lng, lat)
        for row, polygon in enumerate(self.gazetteer.polygons):
            if polygon is not None and polygon.covers(point):
                return str(self.gazetteer.area_id[row])
        return "outside"

    def chain(self, grid: str) -> list[tuple[str, str]]:
        """Climb from a smallest area to the top: (level, area) pairs."""
        row = list(self.gazetteer.area_id).index(grid)
        found = []
        while row >= 0:
            level = self.gazetteer.levels[self.gazetteer.level[row]]
            found.append((level, str(self.gazetteer.area_id[row])))
            row = int(self.gazetteer.parent[row])
        return found


def recount(
    rows: Iterable[tuple[bytes | None, int, int, int]],
    city: City,
    no_dedupe_sources: tuple[str, ...] = (),
) -> dict[str, dict[str, dict[str, Any]]]:
    """Give the last value of every key of the three slice topics; what is late, and rejected."""
    events: dict[tuple[str, int, str], set[str]] = defaultdict(set)
    sums: dict[tuple[str, int, str], int] = defaultdict(int)
    newest: dict[tuple[str, int], int] = {}
    where: dict[str, tuple[list[str], str]] = {}
    late: dict[str, dict[str, Any]] = {}
    rejected: dict[str, dict[str, Any]] = {}
    for payload, partition, offset, arrival in rows:
        message = f"checkins-{partition}-{offset}"
        record = sound(payload, arrival, city.known, city.gazetteer.bbox)
        if record is None:
            rejected[message] = {"arrival_ms": arrival}
            continue
        happened = record["event_ms"]
        if arrival - happened > LATENESS:
            late[message] = record
            continue
        place, cells, grid = city.place(record)
        where[place] = (cells, grid)
        minute = happened // MINUTE * MINUTE
        newest[place, minute] = max(newest.get((place, minute), -1), arrival)
        celsius = record.get("temperature_c")
        adds = [WAYS[record["direction"]]]
        adds += ["n_screened"] if celsius is not None else []
        adds += ["n_fever"] if celsius is not None and celsius >= 37.3 else []
        adds += ["n_simulated"] if record["source"].startswith("sim:") else []
        for name in adds:
            if any(record["source"].startswith(start) for start in no_dedupe_sources):
                sums[place, minute, name] += 1
            else:
                events[place, minute, name].add(record["event_id"])
    slices = _slices(events, sums, newest, where, city)
    return {**slices, "late": late, "rejected": rejected}


def _slices(events, sums, newest, where, city) -> dict[str, dict[str, dict[str, Any]]]:
    places: dict[str, dict[str, Any]] = {}
    cells_out: dict[str, dict[str, Any]] = {}
    areas: dict[str, dict[str, Any]] = {}
    for (place, minute), arrival in newest.items():
        counts = {
            name: len(events.get((place, minute, name), ())) + sums.get((place, minute, name), 0)
            for name in NAMES
        }
        cells, grid = where[place]
        places[f"{place}|{minute}"] = {
            "v": 1, "place_id": place, "minute_ms": minute, **counts, "arrival_ms": arrival,
            "cell7": cells[0], "cell8": cells[1], "cell9": cells[2], "grid": grid,
        }  # fmt: skip
        for res, cell in zip((7, 8, 9), cells, strict=True):
            start = {"v": 1, "cell": cell, "res": res, "minute_ms": minute}
            _add(cells_out, f"{cell}|{minute}", start, counts, arrival)
        for level, area in city.chain(grid):
            start = {"v": 1, "area_id": area, "level": level, "minute_ms": minute}
            _add(areas, f"{area}|{minute}", start, counts, arrival)
    return {"place-minutes": places, "cell-minutes": cells_out, "area-minutes": areas}


def _add(found, key, start, counts, arrival) -> None:
    held = found.setdefault(key, {**start, **dict.fromkeys(NAMES, 0), "arrival_ms": -1})
    for name in NAMES:
        held[name] += counts[name]
    held["arrival_ms"] = max(held["arrival_ms"], arrival)
