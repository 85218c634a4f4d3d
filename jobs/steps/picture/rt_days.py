"""Reproduction number of the last days: the curve of each area, as far as its cases carry it."""

from __future__ import annotations

import numpy as np

from geo.reproduction import Reproduction
from jobs.steps.picture.days import text_of
from jobs.steps.picture.statements import Fields, numbers

RECENT_DAYS = 14
POINTS = {"median": 0.5, "low": 0.05, "high": 0.95}


def rt_days(found: Reproduction, end: int) -> list[list[Fields]]:
    """Give the days of each area whose window holds enough cases, up to the day `end`."""
    recent = found.sure[:, -RECENT_DAYS:]
    area, at = np.nonzero(recent)
    day = at + found.sure.shape[1] - recent.shape[1]
    parts = (found.shape, found.scale, found.cases, found.sure)
    sure = Reproduction(*(part[area, day] for part in parts))
    columns = [numbers(sure.quantile(probability)) for probability in POINTS.values()]
    names = [text_of(end - ago) for ago in reversed(range(recent.shape[1]))]
    said: list[list[Fields]] = [[] for _ in range(len(recent))]
    for row, each, *points in zip(area.tolist(), at.tolist(), *columns, strict=True):
        said[row].append({"day": names[each], **dict(zip(POINTS, points, strict=True))})
    return said
