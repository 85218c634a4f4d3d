"""city.toml: who the city is, how its areas are layered, and where its stream comes from."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from cities.findings import Finding
from cities.statistics import Statistics
from geo.datum import Datum

CITY_FILE = "city.toml"

Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Text = Annotated[str, Meta(min_length=1, max_length=400)]
Minutes = Literal[1, 15, 60]
"""The windows of the live page."""


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in both languages of the pages."""

    zh: Text
    en: Text


class Simulate(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="simulate",
):
    """The city's stream is simulated.

    `people` are simulated, the residents (a million at most) where it is left out; `rate` in
    check-ins a second, what these people make where it is left out.
    """

    people: Annotated[int, Meta(ge=100, le=10_000_000)] | None = None
    rate: Annotated[float, Meta(gt=0.0)] | None = None

    @property
    def kind(self) -> Literal["simulate"]:
        """The stream's kind."""
        return "simulate"


class Replay(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="replay",
):
    """The city's stream is replayed from files shipped with the pack, paths inside it.

    `first` and `last` are local days, both included; `speed` is how many times faster than
    they passed.
    """

    trips: Annotated[list[Text], Meta(min_length=1)]
    cases: Text
    zones: Text
    first: date
    last: date
    speed: Annotated[float, Meta(gt=0.0)] = 600.0

    @property
    def kind(self) -> Literal["replay"]:
        """The stream's kind."""
        return "replay"


class Silent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    tag="none",
):
    """The city's stream comes from outside."""

    @property
    def kind(self) -> Literal["none"]:
        """The stream's kind."""
        return "none"


Busyness = Literal["busy", "quiet"]


class CitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of city.toml; an unknown one is refused.

    `levels` names the layers of areas, largest first. `datum` is that of the coordinates in
    areas.geojson, and in places.csv unless `places_datum` names another. `small_count` is k:
    smaller counts are withheld from every view. `finest_counts` is the smallest level of areas
    whose live counts are told (the last of `levels` unless it is named): cells and small areas
    together tell more than each alone. Sources that begin with one of
    `no_dedupe_sources` are counted without looking for repeated event ids. `usual_minutes` is
    the window that the live page opens with, `busyness` the classes of its counts: a quiet city
    has a few passages a minute. `statistics` are the numbers of the pathogen and of
    the methods.
    """

    id: Word
    name: Text
    name_en: Text
    timezone: Text
    levels: Annotated[list[Word], Meta(min_length=1, max_length=8)]
    clock: Literal["live", "replay"]
    synthetic: bool
    notes: Label
    datum: Datum
    places_datum: Datum | None = None
    level_names: dict[str, Label] = {}
    small_count: Annotated[int, Meta(ge=0, le=1000)] = 5
    finest_counts: Word | None = None
    no_dedupe_sources: list[Text] = []
    usual_minutes: Minutes = 15
    busyness: Busyness = "busy"
    stream: Simulate | Replay | Silent = Silent()
    statistics: Statistics = Statistics()


def read_settings(folder: Path) -> tuple[CitySettings | None, list[Finding]]:
    """Read a pack's city.toml; None where it cannot be used."""
    path = folder / CITY_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        settings = msgspec.convert(table, CitySettings)
    except OSError as error:
        return None, [Finding(CITY_FILE, "file", error.strerror or "unreadable", "a readable file")]
    except UnicodeDecodeError as error:
        return None, [Finding(CITY_FILE, "file", f"byte {error.start} is not UTF-8", "UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return None, [Finding(CITY_FILE, "file", str(error), "TOML")]
    except msgspec.ValidationError as error:
        return None, [_refused(error)]
    return settings, _contradictions(settings, folder)


def _refused(error: msgspec.ValidationError) -> Finding:
    """Turn msgspec's "what - at `$.where`" into field and expectation."""
    what, _, where = str(error).partition(" - at `$")
    field = where.rstrip("`").lstrip(".") or "keys"
    return Finding(CITY_FILE, field, what, "the keys and types of a city.toml")


def _contradictions(settings: CitySettings, folder: Path) -> list[Finding]:
    found = []
    if settings.timezone not in available_timezones():
        found.append(("timezone", settings.timezone, "a time zone like Asia/Shanghai"))
    if len(set(settings.levels)) < len(settings.levels):
        found.append(("levels", ", ".join(settings.levels), "each level once"))
    for level in settings.level_names.keys() - set(settings.levels):
        found.append(("level_names", level, _one_of(settings.levels)))
    if settings.finest_counts not in (None, *settings.levels):
        found.append(("finest_counts", str(settings.finest_counts), _one_of(settings.levels)))
    numbers = settings.statistics
    if numbers.longest_interval_days <= numbers.serial_interval_days:
        longest = numbers.longest_interval_days
        field = "statistics.longest_interval_days"
        found.append((field, str(longest), "more than serial_interval_days"))
    if isinstance(settings.stream, Replay):
        found += _stream_contradictions(settings.stream, folder)
    return [Finding(CITY_FILE, *parts) for parts in found]


def _one_of(levels: list[str]) -> str:
    return f"one of {', '.join(levels)}"


def _stream_contradictions(stream: Replay, folder: Path) -> list[tuple[str, str, str]]:
    found = []
    named = [("trips", name) for name in stream.trips]
    for field, name in [*named, ("cases", stream.cases), ("zones", stream.zones)]:
        path = folder / name
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            found.append((f"stream.{field}", name, "a file inside the pack"))
    if stream.last < stream.first:
        found.append(("stream.last", stream.last.isoformat(), f"{stream.first} or later"))
    return found
