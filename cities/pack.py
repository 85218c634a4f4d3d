"""A city pack, ready to use: `load("wuhan")` or `load("/srv/our-city")`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from cities.areas import AREAS_FILE, area_columns, read_areas
from cities.errors import PackError, UnknownCityError
from cities.findings import Finding, errors
from cities.places import PLACES_FILE, place_columns, read_places, unknown_areas
from cities.settings import (
    CITY_FILE,
    Busyness,
    CitySettings,
    Label,
    Minutes,
    Replay,
    Silent,
    Simulate,
    read_settings,
)
from cities.statistics import Statistics
from geo.errors import GeoError
from geo.gazetteer import OUTSIDE, Areas, Gazetteer, gazetteer

PACKS = Path(__file__).resolve().parent
VERSIONED = (CITY_FILE, AREAS_FILE, PLACES_FILE)


@dataclass(frozen=True, eq=False)
class CityPack:
    """One city: who it is, its gazetteer, and where its stream comes from.

    Attributes
    ----------
    levels : tuple of str
        Names of the layers of areas, largest first.
    level_names : mapping of str to Label
        Their names on the pages; a level without one is shown by its id.
    clock : "live" or "replay"
        Whether arrival times are now or those of a replay.
    synthetic : bool
        Whether areas, places or residents are made up; `notes` says which, for every page.
    small_count : int
        Counts below it are withheld from every view.
    finest_counts : str
        The smallest level of areas whose live counts are told.
    no_dedupe_sources : tuple of str
        Beginnings of sources whose event ids are not compared.
    usual_minutes : {1, 15, 60}
        The window that the live page opens with.
    busyness : "busy" or "quiet"
        Which classes counts are shown in; a quiet city has a few passages a minute.
    version : str
        Hash of the files that decide where a count goes; 16 hexadecimal digits.
    statistics : Statistics
        Numbers of the pathogen and of the methods.
    """

    id: str
    name: str
    name_en: str
    folder: Path
    timezone: str
    levels: tuple[str, ...]
    level_names: Mapping[str, Label]
    clock: Literal["live", "replay"]
    synthetic: bool
    notes: Label
    small_count: int
    finest_counts: str
    no_dedupe_sources: tuple[str, ...]
    version: str
    gazetteer: Gazetteer
    stream: Simulate | Replay | Silent
    statistics: Statistics = field(default_factory=Statistics)
    usual_minutes: Minutes = 15
    busyness: Busyness = "busy"


def load(city: str | Path) -> CityPack:
    """Load a pack by the name of one shipped here, or by its folder.

    Raises
    ------
    UnknownCityError
        There is no such pack.
    PackError
        The pack cannot be used; the message is its first fault, and how many more there are.
    """
    folder = pack_folder(city)
    settings, found = read_settings(folder)
    _refuse(folder, found)
    assert settings is not None  # noqa: S101 - settings are None only with a finding
    areas, found = read_areas(folder, settings)
    lines, more = read_places(folder)
    columns = area_columns(areas, settings.levels) if not errors(found) else None
    rows = smallest_rows(columns, len(settings.levels)) if columns else {}
    _refuse(folder, found + more + (unknown_areas(lines, set(rows)) if columns else []))
    assert columns is not None  # noqa: S101 - columns are None only with a finding
    places = place_columns(lines, rows, settings)
    try:
        return _pack(folder, settings, gazetteer(tuple(settings.levels), columns, places))
    except GeoError as error:
        raise PackError(f"{folder.name}: {error}") from error


def pack_folder(city: str | Path) -> Path:
    """Find the folder of a pack by its name or path."""
    for folder in (PACKS / str(city), Path(city)):
        if (folder / CITY_FILE).is_file():
            return folder.resolve()
    raise UnknownCityError.named(str(city), shipped())


def shipped() -> list[str]:
    """Name the packs that come with Hexline."""
    return sorted(path.parent.name for path in PACKS.glob(f"*/{CITY_FILE}"))


def smallest_rows(areas: Areas, depth: int) -> dict[str, int]:
    """Give the row of each smallest area by its id, and of `outside`, which will follow them."""
    rows = {
        area: row
        for row, (area, level) in enumerate(zip(areas.area_id, areas.level, strict=True))
        if level == depth - 1
    }
    return rows | {OUTSIDE: len(areas.area_id) + depth - 1}


def version_of(folder: Path) -> str:
    """Hash the files that decide where a count goes."""
    digest = hashlib.blake2b(digest_size=8)
    for name in VERSIONED:
        content = (folder / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _refuse(folder: Path, found: list[Finding]) -> None:
    wrong = errors(found)
    if wrong:
        more = f" (and {len(wrong) - 1} more: see hexline city check)" if len(wrong) > 1 else ""
        raise PackError(f"{folder.name}: {wrong[0]}{more}")


def _pack(folder: Path, settings: CitySettings, columns: Gazetteer) -> CityPack:
    return CityPack(
        id=settings.id,
        name=settings.name,
        name_en=settings.name_en,
        folder=folder,
        timezone=settings.timezone,
        levels=tuple(settings.levels),
        level_names=MappingProxyType(settings.level_names),
        clock=settings.clock,
        synthetic=settings.synthetic,
        notes=settings.notes,
        small_count=settings.small_count,
        finest_counts=settings.finest_counts or settings.levels[-1],
        no_dedupe_sources=tuple(settings.no_dedupe_sources),
        version=version_of(folder),
        gazetteer=columns,
        stream=settings.stream,
        statistics=settings.statistics,
        usual_minutes=settings.usual_minutes,
        busyness=settings.busyness,
    )
