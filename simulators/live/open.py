"""Make a live city from a city pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from geo.gazetteer import Gazetteer
from schemas.times import MINUTE_MS
from simulators.check_ins import Encoder
from simulators.errors import SettingError
from simulators.live.cases import HISTORY_MS, LiveCases, Towns
from simulators.live.minute import LiveCity
from simulators.live.popularity import Popularity
from simulators.live.stream import Live

HOME_KINDS = frozenset({"gate", "unit-door", "unit_door", "door", "compound", "building"})
BACKFILL_MS = 75 * MINUTE_MS
"""How far back a city with empty topics starts: more than the hour ago that change looks at."""
_CASES_PER_MILLION_DAILY = 12.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Settings of a live city; `rate` in check-ins a second, `dirt` the share of each kind."""

    rate: float
    seed: int
    dirt: float = 0.0


def open_live(city: str, zone: ZoneInfo, gazetteer: Gazetteer, wanted: Wanted, now_ms: int) -> Live:
    """Give a live city that starts 75 minutes ago with check-ins, 35 days ago with cases."""
    if not len(gazetteer.place_id):
        raise SettingError(f"city {city}: no places: expected some for check-ins to happen at")
    offset = datetime.fromtimestamp(now_ms / 1000, zone).utcoffset()
    clock_ms = int(offset.total_seconds() * 1000) if offset else 0
    residents = gazetteer.residents[gazetteer.grid]
    places = np.bincount(gazetteer.grid, minlength=len(gazetteer.residents))
    sources = [f"sim:{city}:{kind}" for kind in gazetteer.place_kind.tolist()]
    return Live(
        city=LiveCity(
            popularity=Popularity.of(gazetteer.lat, gazetteer.lng, wanted.seed),
            is_home=np.isin(gazetteer.place_kind.astype(str), list(HOME_KINDS)),
            residents_near=np.maximum(20, residents // np.maximum(1, places[gazetteer.grid])),
            rate=wanted.rate,
            seed=wanted.seed,
            clock_ms=clock_ms,
        ),
        cases=_cases(gazetteer, wanted.seed, clock_ms),
        encoder=Encoder(gazetteer.place_id.tolist(), sources),
        begin_ms=now_ms - HISTORY_MS,
        check_ins_from_ms=now_ms - BACKFILL_MS,
        dirt=wanted.dirt,
    )


def _cases(gazetteer: Gazetteer, seed: int, clock_ms: int) -> LiveCases:
    smallest = np.flatnonzero([polygon is not None for polygon in gazetteer.polygons])
    middle = shapely.point_on_surface(gazetteer.polygons[smallest])
    residents = gazetteer.residents[smallest]
    if not residents.sum():
        raise SettingError("the city pack has no residents: expected some for cases to be among")
    towns = Towns(shapely.get_y(middle), shapely.get_x(middle), residents)
    daily = max(8.0, residents.sum() / 1e6 * _CASES_PER_MILLION_DAILY)
    return LiveCases(towns, float(daily), seed, clock_ms)
