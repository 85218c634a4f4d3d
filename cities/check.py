"""Check a pack: everything that is wrong with it, not only the first thing.

    city.toml ----> settings --.
    areas.geojson -> features ----> tiling: overlaps, gaps, children outside parents
    places.csv ----> lines ------> placing: outside their area, in none, datum

Whatever `cities.pack.load` refuses is an error here: faults of form are found by the readers, so
that both see the same. So are overlaps and misplaced places, which `load` does not look for,
being run by every worker at its start. What may be right but deserves a look is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cities.areas import AREAS_FILE, AreaFeature, area_columns, read_areas
from cities.errors import PackError
from cities.findings import Finding, errors, warning
from cities.pack import load, smallest_rows
from cities.places import PlaceLine, place_columns, read_places, unknown_areas
from cities.placing import Registered, placing_faults
from cities.settings import CitySettings, read_settings
from cities.tiling import tiling_faults


@dataclass(frozen=True)
class Report:
    """All findings of a pack, and what it holds."""

    findings: list[Finding]
    areas: Mapping[str, int]
    places: Mapping[str, int]
    residents: int

    @property
    def usable(self) -> bool:
        """Whether nothing keeps the pack from being used."""
        return not errors(self.findings)


def check(folder: Path) -> Report:
    """Find everything that is wrong with the pack in a folder."""
    settings, found = read_settings(folder)
    if settings is None:
        return Report(found, {}, {}, 0)
    features, faults = read_areas(folder, settings)
    lines, more = read_places(folder)
    found += faults + more
    usable = _without_faults(features, faults)
    known = {part.properties.id for part in usable if part.properties.level == settings.levels[-1]}
    sound = {part.row for part in usable}
    # A place in an area that has a fault of its own is not reported a second time.
    named = known | {part.properties.id for part in features if part.row not in sound}
    found += unknown_areas(lines, named)
    found += tiling_faults(usable, settings.levels)
    found += placing_faults(_registered(usable, lines, settings))
    found += _residents_missing(usable)
    return _report(folder, found, features, lines)


def _without_faults(features: list[AreaFeature], faults: list[Finding]) -> list[AreaFeature]:
    bad = {finding.row for finding in errors(faults)}
    return [feature for feature in features if feature.row not in bad]


def _registered(
    features: list[AreaFeature], lines: list[PlaceLine], settings: CitySettings
) -> Registered:
    """Put usable places and smallest areas into columns; an unusable area leaves its places out."""
    columns = area_columns(features, settings.levels)
    rows = smallest_rows(columns, len(settings.levels))
    kept = [line for line in lines if line.area_id == "" or line.area_id in rows]
    places = place_columns(kept, rows, settings)
    polygons = columns.polygons.copy()
    polygons[columns.level != len(settings.levels) - 1] = None
    return Registered(
        line=np.array([line.line for line in kept], dtype=np.int64),
        place_id=places.place_id,
        lat=places.lat,
        lng=places.lng,
        area=np.where(places.grid >= len(polygons), Registered.OUTSIDE, places.grid),
        area_id=columns.area_id,
        polygons=polygons,
    )


def _residents_missing(features: list[AreaFeature]) -> list[Finding]:
    counts = [part.properties.residents for part in features if part.properties.residents]
    if counts or not features:
        return []
    return [warning(AREAS_FILE, "residents", 0, "residents, for rates and expected counts")]


def _report(
    folder: Path, found: list[Finding], features: list[AreaFeature], lines: list[PlaceLine]
) -> Report:
    if not errors(found):
        try:
            load(folder)  # the last word on whether it can be used
        except PackError as error:
            found = [*found, Finding(folder.name, "pack", str(error), "a pack that loads")]
    return Report(
        findings=found,
        areas=Counter(feature.properties.level for feature in features),
        places=Counter(line.kind for line in lines),
        residents=sum(feature.properties.residents or 0 for feature in features),
    )
