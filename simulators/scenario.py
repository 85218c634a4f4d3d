"""Scenarios: small typed files that say what happens in a simulated city, and refuse the rest.

A scenario is a TOML file; each part has defaults, so a file says only what is special about
it. Overlays (`--with silent-gates`) are files of the same form: their tables are laid over the
scenario's, their lists are added to it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from simulators.errors import SettingError

FOLDER = Path(__file__).resolve().parent / "scenarios"

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0, le=1e6)]
NotNegative = Annotated[float, Meta(ge=0.0, le=1e6)]
Hour = Annotated[float, Meta(ge=0.0, le=24.0)]
DayNumber = Annotated[int, Meta(ge=0, le=3650)]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a scenario: an unknown key is refused."""


class Phase(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a day on: a lockdown level, 0 (none) to 3 (closed compounds), and a curfew."""

    from_day: DayNumber
    level: Annotated[int, Meta(ge=0, le=3)] = 0
    curfew_from: Hour = 24.0
    curfew_to: Hour = 0.0

    def __post_init__(self) -> None:
        """Refuse a curfew that leaves no hour."""
        if self.curfew_from <= self.curfew_to:
            raise ValueError(
                f"curfew from {self.curfew_from:g} to {self.curfew_to:g} o'clock leaves no hour "
                "to be out: expected it to begin after it ends, like from 21 to 5"
            )


class Mobility(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people move: outings a day and person, and the law of distance.

    The chance to go somewhere falls as `(d + offset_km) ** -exponent * exp(-d / cutoff_km)`
    (Gonzalez, Hidalgo & Barabasi 2008, Nature 453:779: exponent 1.75, offset 1.5 km).
    """

    errands: NotNegative = 0.75
    visits_to_friends: Share = 0.10
    exponent: Positive = 1.75
    offset_km: Positive = 1.5
    cutoff_km: Positive = 60.0
    outsiders: Share = 0.01


class Epidemic(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disease on the true contacts; `seeds` people have it when the run begins.

    `household_attack` is the chance that an infected person of mean infectiousness infects a
    susceptible member of the household in the course of the disease. `per_hour` is the chance
    to infect somebody met for an hour at the height of infectiousness. `dispersion` is k of
    the gamma distributed infectiousness of people (smaller: fewer infect more).
    """

    seeds: DayNumber = 0
    imported_daily: NotNegative = 0.0
    household_attack: Share = 0.25
    per_hour: Share = 0.03
    dispersion: Positive = 0.5
    latent_days: Positive = 3.0
    incubation_days: Positive = 5.2
    infectious_days: Positive = 6.0
    asymptomatic: Share = 0.3
    season_amplitude: Share = 0.0


class Returning(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Households that are away when the run begins and come back in a peak, some infected.

    The day of return is normal about `peak_day`; who would be back before the run begins is not
    away. `infected` is a share of the people who come back.
    """

    share: Share = 0.0
    peak_day: NotNegative = 5.0
    spread_days: Positive = 2.0
    infected: Share = 0.0


class Reporting(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How cases come to be known; delays are means in days."""

    ascertained: Share = 0.6
    first_delay: Positive = 2.0
    test_delay: Positive = 1.5
    weekend: Share = 0.6
    duplicates: Share = 0.03
    corrections: Share = 0.05
    false_suspects: NotNegative = 0.5
    fever_reports: NotNegative = 1.0
    contacts_listed: Share = 0.7


class Dirt(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong between a gate and the bus; shares of devices or of check-ins."""

    clock_skew: Share = 0.0
    clock_skew_s: NotNegative = 90.0
    clock_drift: Share = 0.0
    clock_drift_s_per_day: NotNegative = 20.0
    thermometer: Share = 0.0
    thermometer_c: NotNegative = 0.6
    weather: Share = 0.0
    offline: Share = 0.0
    offline_hours: Positive = 3.0
    duplicates: Share = 0.0
    missed: Share = 0.0
    swapped: Share = 0.0
    malformed: Share = 0.0
    odd: Share = 0.0
    silent: Share = 0.0
    silent_from_hour: Hour = 8.0
    silent_hours: Positive = 6.0
    new_keys: Share = 0.0
    wrong_datum: Share = 0.0


EventKind = Literal[
    "gathering",
    "surge",
    "super_spreader",
    "silent_household",
    "fever_household",
    "frequent_person",
    "blind_spot",
    "denied_wave",
    "returnees",
    "slow_growth",
    "testing_drive",
]


class Event(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something injected, with its time and size; where, if no place is named, is drawn."""

    kind: EventKind
    day: DayNumber
    hour: Hour = 12.0
    hours: Positive = 2.0
    size: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    place: str | None = None


class Scenario(_Strict, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a run needs to know besides the city, the number of people and the seed."""

    name: Annotated[str, Meta(pattern=r"^[\w-]+$")]
    about: str = ""
    days: Annotated[int, Meta(ge=1, le=3650)] = 7
    phase: tuple[Phase, ...] = ()
    mobility: Mobility = Mobility()
    epidemic: Epidemic = Epidemic()
    returning: Returning = Returning()
    reporting: Reporting = Reporting()
    dirt: Dirt = Dirt()
    event: tuple[Event, ...] = ()

    def phase_on(self, day: int) -> Phase:
        """Give the phase of a day: the last one that has begun."""
        begun = [phase for phase in self.phase if phase.from_day <= day]
        return max(begun, key=lambda phase: phase.from_day, default=Phase(from_day=0))


def shipped() -> list[str]:
    """Name the scenarios and overlays that come with Hexline."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_scenario(name: str, overlays: Sequence[str] = ()) -> Scenario:
    """Read a scenario by name or path, with overlays on it.

    Raises
    ------
    SettingError
        A file is missing or not TOML, or a key or value is not one of a scenario.
    """
    tables = _tables(name)
    for overlay in overlays:
        tables = _laid_over(tables, {k: v for k, v in _tables(overlay).items() if k not in _WORDS})
    try:
        return msgspec.convert(tables, Scenario)
    except msgspec.ValidationError as error:
        raise SettingError(f"scenario {' + '.join([name, *overlays])}: {error}") from None


_WORDS = ("name", "about", "days")


def _tables(name: str) -> dict[str, Any]:
    path = next((p for p in (FOLDER / f"{name}.toml", Path(name)) if p.is_file()), None)
    if path is None:
        raise SettingError(f"scenario {name!r}: expected a file or one of {', '.join(shipped())}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: not TOML: {error}") from None


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            merged[key] = _laid_over(below[key], value)
        elif isinstance(value, list) and isinstance(below.get(key), list):
            merged[key] = [*below[key], *value]
        else:
            merged[key] = value
    return merged
