"""Make a New York pack of another period: the shipped geography, streams from raw files."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from cities.areas import read_areas
from cities.errors import PackError, SourceError
from cities.importing import refuse_files_in
from cities.make.nyc_streams import (
    CountsReport,
    Period,
    TripReport,
    read_cases,
    read_trips,
    write_cases,
    write_trips,
)
from cities.pack import PACKS
from cities.places import read_places
from cities.settings import CITY_FILE, CitySettings, read_settings

SHIPPED = PACKS / "nyc"
GEOGRAPHY = ("areas.geojson", "places.csv", "zones.geojson")
STREAMS = "streams"
CASES_FILE = "nyc_modzcta_cumulative.csv.gz"


@dataclass(frozen=True, slots=True)
class Converted:
    """Where the pack is and what its streams are like."""

    folder: Path
    trips: TripReport
    cases: CountsReport


def convert(trips: list[Path], cases: Path, period: Period, folder: Path) -> Converted:
    """Write a whole pack for a period into a new or empty folder, or into the shipped pack.

    Raises
    ------
    SourceError
        A raw file lacks a column or its month, nothing in them lies in the period, or the folder
        has files.
    """
    if folder.resolve() != SHIPPED.resolve():
        refuse_files_in(folder)
    months, trip_report = read_trips(trips, period, _zones())
    counts, count_report = read_cases(cases, period, _areas())
    if not months or not len(counts):
        empty = "trips" if not months else "cases"
        raise SourceError(f"no {empty} from {period.first} to {period.last}: expected some")
    streams = folder / STREAMS
    streams.mkdir(parents=True, exist_ok=True)
    paths = write_trips(streams, months)
    write_cases(streams / CASES_FILE, counts)
    if folder.resolve() != SHIPPED.resolve():
        _copy_geography(folder)
        _write_settings(folder, [f"{STREAMS}/{path.name}" for path in paths], period)
        _write_readme(folder, period, [str(trip_report), str(count_report)])
    return Converted(folder, trip_report, count_report)


def _zones() -> set[int]:
    places, _ = read_places(SHIPPED)
    return {int(place.place_id.removeprefix("zone-")) for place in places}


def _areas() -> set[str]:
    areas, _ = read_areas(SHIPPED, _settings())
    return {area.properties.id for area in areas}


def _settings() -> CitySettings:
    settings, found = read_settings(SHIPPED)
    if settings is None:
        raise PackError(f"nyc: {found[0]}")
    return settings


def _copy_geography(folder: Path) -> None:
    for name in GEOGRAPHY:
        shutil.copyfile(SHIPPED / name, folder / name)


def _write_readme(folder: Path, period: Period, reports: list[str]) -> None:
    text = f"# City pack: New York, {period.first} to {period.last}\n\n{_README}\n"
    text += "".join(f"* {report}\n" for report in reports)
    (folder / "README.md").write_text(text, encoding="utf-8")


def _write_settings(folder: Path, trips: list[str], period: Period) -> None:
    """Copy city.toml but for the table that names the streams; a blank line ends it."""
    before, _, rest = (SHIPPED / CITY_FILE).read_text(encoding="utf-8").partition("[stream]")
    after = rest.partition("\n\n")[2]
    stream = _STREAM.format(
        trips=json.dumps(trips),
        cases=f"{STREAMS}/{CASES_FILE}",
        first=period.first,
        last=period.last,
    )
    (folder / CITY_FILE).write_text(f"{before}{stream}\n{after}", encoding="utf-8")


_README = """Made by `hexline city convert nyc`. Geography, sources and terms are those of the
pack that comes with Hexline (cities/nyc/README.md). What is odd in the raw files is left in:
"""


_STREAM = """[stream]
kind = "replay"
trips = {trips}
cases = "{cases}"
zones = "zones.geojson"
first = {first}
last = {last}
"""
