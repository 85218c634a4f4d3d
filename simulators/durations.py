"""Durations as people write them: 90s, 15m, 2h, 3d."""

from __future__ import annotations

import re

from simulators.errors import SettingError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> float:
    """Read a duration.

    >>> seconds_of("2h")
    7200.0

    Raises
    ------
    SettingError
        The text is not a number above 0 with one of the units s, m, h, d.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if match is None or float(match[1]) == 0:
        raise SettingError(f"duration {text!r}: expected something like 90s, 15m, 2h or 3d")
    return float(match[1]) * _UNITS_S[match[2]]
