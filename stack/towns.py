"""What the stack needs to know of a city before its pack is loaded by anyone else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from stack.errors import SettingsError
from stack.layout import CHECKOUT

CITIES = CHECKOUT / "cities"


def folder_of(city: str) -> Path:
    """Find the folder of a city pack by its name or path.

    Raises
    ------
    SettingsError
        There is no such pack.
    """
    named = CITIES / city
    for folder in (named, Path(city)):
        if (folder / "city.toml").is_file():
            return folder.resolve()
    known = sorted(path.parent.name for path in CITIES.glob("*/city.toml"))
    raise SettingsError(
        f"--city {city}: no such city pack: expected one of {', '.join(known) or 'none yet'}, "
        f"or a folder with a city.toml"
    )


def lasting(city: str) -> str:
    """Give a word for a city that means the same from any folder: its name, or its whole path."""
    folder = folder_of(city)
    return folder.name if folder.parent == CITIES.resolve() else str(folder)


def require_whole(city: str) -> None:
    """Make sure that a pack can be loaded.

    Raises
    ------
    SettingsError
        It has a fault.
    """
    from cities.errors import CityError  # noqa: PLC0415 - geometry is slow to import
    from cities.pack import load  # noqa: PLC0415

    try:
        load(city)
    except CityError as error:
        raise SettingsError(f"--city {city}: {error}: see ./hexline city check {city}") from None


def require_speed(speed: str | None) -> None:
    """Make sure that a replay can be played at a speed.

    Raises
    ------
    SettingsError
        It is neither a number above 0 nor `max`.
    """
    if not speed:
        return
    from simulators.cli import speed_of  # noqa: PLC0415 - help must be fast
    from simulators.errors import SettingError  # noqa: PLC0415

    try:
        speed_of(speed)
    except SettingError as error:
        raise SettingsError(str(error)) from None


def settings_of(city: str) -> dict[str, Any]:
    """Read the city.toml of a pack.

    Raises
    ------
    SettingsError
        There is no such pack, or its city.toml is no TOML.
    """
    settings = folder_of(city) / "city.toml"
    try:
        return tomllib.loads(settings.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{settings}: {error}; see ./hexline city check {city}") from None


def is_replayed(city: str) -> bool:
    """Say whether a city's arrival clock is that of a replay."""
    return str(settings_of(city).get("clock", "live")) == "replay"
