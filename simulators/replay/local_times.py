"""Local wall-clock times of a city as instants, with the two hours a year that need a decision.

    clocks go forward             01:30  [02:30 does not exist]  03:30
    clocks go back                01:30 (first)   01:30 (second)  02:30

- A time that does not exist was read from a clock that nobody had put forward yet: it is taken
  by the offset from before the change (02:30 that night is the instant shown as 03:30).
- A time that exists twice is the first of the two; only where a later event is known to follow
  an earlier one, and would come before it, is it the second.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.times import HOUR_MS

Instants = NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_to_utc(local_ms: Instants, zone: ZoneInfo, fold: int = 0) -> Instants:
    """Turn wall-clock readings into instants.

    Parameters
    ----------
    local_ms : (n,) int64
        Readings as milliseconds since 1970-01-01 00:00 of the wall clock itself.
    zone : ZoneInfo
        The city's time zone; its offset may change at full hours only.
    fold : {0, 1}
        Which of two equal readings is meant where the clock went back.

    Returns
    -------
    (n,) int64
        Milliseconds since 1970 UTC.
    """
    hours, where = np.unique(local_ms // HOUR_MS, return_inverse=True)
    offsets = np.fromiter(
        (_offset_ms(int(hour), zone, fold) for hour in hours), dtype=np.int64, count=len(hours)
    )
    return np.asarray(local_ms - offsets[where], dtype=np.int64)


def _offset_ms(local_hour: int, zone: ZoneInfo, fold: int) -> int:
    wall = (_EPOCH + timedelta(hours=local_hour)).replace(tzinfo=zone, fold=fold)
    offset = wall.utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def end_after_start(start_ms: Instants, end_local_ms: Instants, zone: ZoneInfo) -> Instants:
    """Give the instants of ends, choosing the second of two readings where only that follows.

    An end that precedes its start either way stays as it was read: that is dirt in the data.
    """
    first = local_to_utc(end_local_ms, zone, fold=0)
    second = local_to_utc(end_local_ms, zone, fold=1)
    # Where the clock went forward the second reading lies before the first: never chosen.
    return np.where((first < start_ms) & (second >= start_ms), second, first)


def day_to_utc(day: str, zone: ZoneInfo, hour: int = 0) -> int:
    """Give the instant of a local hour of a local day (`YYYY-MM-DD`)."""
    wall = datetime.fromisoformat(day).replace(hour=hour, tzinfo=zone)
    return (wall - _EPOCH) // timedelta(milliseconds=1)
