"""Areas: roll-ups by area for hover, and an area's chain of larger areas."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.hub.frame import COLUMN_OF, Frame, whole
from dashboard.hub.layers import Metric
from dashboard.hub.panels.counts import change, count
from schemas.times import MINUTE_MS


def chain(frame: Frame, area: int) -> list[dict[str, Any]]:
    """Name the areas an area lies in, largest first, itself last; empty for -1."""
    if area < 0:
        return []
    areas = frame.geography.gazetteer
    return [
        {
            "area_id": str(areas.area_id[row]),
            "level": areas.levels[int(areas.level[row])],
            "name": str(areas.area_name[row]),
            "name_en": str(areas.area_name_en[row]),
        }
        for row in areas.lineage[area].tolist()
        if row >= 0
    ]


def level_values(frame: Frame, level: int, metric: Metric, minutes: int) -> dict[str, Any]:
    """Give the count and change of every area of a level."""
    areas = frame.geography.gazetteer
    rows = np.flatnonzero(areas.level == level).tolist()
    column = COLUMN_OF[metric.counted]
    return {
        "minute_ms": frame.minute * MINUTE_MS,
        "arrival_ms": frame.arrival_ms,
        "values": {str(areas.area_id[row]): area_now(frame, row, column, minutes) for row in rows},
    }


def area_now(frame: Frame, row: int, column: int, minutes: int) -> dict[str, Any]:
    """Give one area's count in the last minutes and its change against an hour ago."""
    last = frame.areas(f"last_{minutes}")
    now, ago = frame.areas(whole(minutes)), frame.areas(f"ago_{minutes}")
    hidden = bool(now.hidden[row, column] or ago.hidden[row, column])
    return {
        "value": count(int(last.values[row, column]), bool(last.hidden[row, column]), frame.k),
        "change": change(
            int(now.values[row, column]),
            int(ago.values[row, column]),
            hidden=hidden,
            known=frame.knows_hour_ago(minutes),
        ),
    }
