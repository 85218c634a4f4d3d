"""Curve: the reproduction number of an area's last days, one entry a day, gaps as gaps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from schemas.records import AreaRt

DAYS: Final = 14


def rt_curve(record: AreaRt) -> list[dict[str, Any]]:
    """Give the days up to the record's, oldest first.

    `rt` is median, lower and upper end of the 90 % interval; null on a day whose cases are too
    few for an estimate. A record without any such day has no curve.
    """
    known = {each.day: [each.median, each.low, each.high] for each in record.recent}
    if not known:
        return []
    last = date.fromisoformat(record.day)
    days = [(last - timedelta(days=ago)).isoformat() for ago in reversed(range(DAYS))]
    return [{"day": day, "rt": known.get(day)} for day in days]
