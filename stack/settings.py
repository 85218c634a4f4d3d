"""What a stack was started with, so that a second `up` continues it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stack.errors import SettingsError
from stack.files import write
from stack.layout import Layout
from stack.ports import DEFAULT_BASE

DEFAULT_CITY = "wuhan"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one state folder.

    `rate` is in check-ins a second, `speed` in seconds of the replayed city a second or `max`;
    None leaves the choice to the city's stream.
    """

    city: str = DEFAULT_CITY
    ports: int = DEFAULT_BASE
    stream: bool = True
    rate: float | None = None
    speed: str | None = None


def load(path: Path) -> Settings | None:
    """Read the settings of a state folder; None where nothing was started yet."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except msgspec.MsgspecError as error:
        raise SettingsError(
            f"{path} cannot be read ({error}): remove it and give --city and --ports again"
        ) from None


def require_ports(layout: Layout, ports: int) -> None:
    """Refuse ports that are not those of what was started in a state folder.

    Raises
    ------
    SettingsError
        Its ports are others, so that another stack is meant than the one that would answer.
    """
    stored = load(layout.settings_file)
    if stored is not None and stored.ports != ports:
        raise SettingsError(
            f"the ports of {layout.root} begin at {stored.ports}, not at {ports}: "
            f"choose the folder of that stack with --state DIR"
        )


def save(settings: Settings, path: Path) -> None:
    """Write the settings, in one step so that a crash leaves the old ones or the new."""
    write(settings, path)


def merged(
    stored: Settings | None,
    *,
    city: str | None,
    ports: int | None,
    stream: bool | None,
    rate: float | None,
    speed: str | None,
) -> Settings:
    """Put what was asked for on top of what the state folder has.

    Raises
    ------
    SettingsError
        The state folder holds another city's data.
    """
    base = stored or Settings()
    if stored is not None and city is not None and city != stored.city:
        raise SettingsError(
            f"this state folder holds the city {stored.city!r}, not {city!r}: "
            f"choose another folder with --state DIR"
        )
    if stream is None and (rate is not None or speed is not None):
        stream = True  # a pace is a pace of something
    asked = {"city": city, "ports": ports, "stream": stream, "rate": rate, "speed": speed}
    return msgspec.structs.replace(base, **{k: v for k, v in asked.items() if v is not None})
