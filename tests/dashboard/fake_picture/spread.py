"""Records of `area-rt`: how cases spread in every area and in the city."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import gamma

from schemas.records import AreaRt
from schemas.records.picture import RtDay
from tests.dashboard.fake_picture.ground import DAYS, PRIOR, Ground, encode


def areas(ground: Ground) -> list[bytes]:
    """Say how cases spread in every area and in the city."""
    g = ground.city.gazetteer
    now, before = ground.by_area(ground.cases / 2), ground.by_area(ground.expected / 2)
    people = ground.by_area(ground.residents)
    rows = [*range(len(g.area_id)), -1]
    names = [*map(str, g.area_id), "city"]
    now, before = (
        np.append(now, ground.cases.sum() / 2),
        np.append(before, ground.expected.sum() / 2),
    )
    people = np.append(people, ground.residents.sum())
    sure = now + before >= 20
    records = []
    for row, name in zip(rows, names, strict=True):
        level = "city" if row < 0 else g.levels[int(g.level[row])]
        from_area = enough(ground, row, sure, names)
        records.append(
            spread(ground, name, level, *(float(v[row]) for v in (now, before, people)), from_area)
        )
    return [encode(record) for record in records]


def enough(ground: Ground, row: int, sure: np.ndarray, names: list[str]) -> str | None:
    """Find the nearest area up the chain with enough cases."""
    parent = ground.city.gazetteer.parent
    while row >= 0 and not sure[row]:
        row = int(parent[row])
    return names[row] if row >= 0 else "city"


def days(ground: Ground, now: float, before: float) -> tuple[RtDay, ...]:
    """Say how cases came from what was expected to what they are; thin days are left out."""
    found = []
    for back in reversed(range(DAYS)):
        cases = before + (now - before) * (1 - back / DAYS) + 0.15 * now * math.sin(back)
        if cases + before < 22:
            continue
        low, median, high = gamma.ppf([0.05, 0.5, 0.95], 1 + cases, scale=1 / (0.2 + before))
        day = ground.day(3 + back)
        found.append(RtDay(day=day, median=float(median), low=float(low), high=float(high)))
    return tuple(found)


def spread(ground: Ground, name, level, now, before, people, from_area) -> AreaRt:  # noqa: PLR0917
    """Say how cases spread in one area."""
    is_sure = from_area == name
    growth = math.log((now + 0.5) / (before + 0.5)) / 7
    width = 1.645 * math.sqrt(1 / (now + 0.5) + 1 / (before + 0.5)) / 7
    ends = [growth, growth - width, growth + width]
    is_trend = is_sure and (ends[1] > 0 or ends[2] < 0)
    doubling = sorted(math.log(2) / e for e in ends[1:]) if is_trend else [None, None]
    shape, scale = 1 + now, 1 / (0.2 + max(before, 0.1))
    rt = [float(gamma.mean(shape, scale=scale)), *gamma.ppf([0.05, 0.95], shape, scale=scale)]
    rr = [
        (PRIOR + now) / (PRIOR + before),
        *gamma.ppf([0.05, 0.95], PRIOR + now, scale=1 / (PRIOR + before)),
    ]
    return AreaRt(
        **ground.stamp("rt/1", round(now), 0.86),
        area_id=name,
        level=level,
        day=ground.day(3),
        rt=rt[0] if is_sure else None,
        rt_lo=float(rt[1]) if is_sure else None,
        rt_hi=float(rt[2]) if is_sure else None,
        p_above_1=float(gamma.sf(1, shape, scale=scale)) if is_sure else None,
        is_sure=is_sure,
        from_area_id=from_area,
        growth=ends[0],
        growth_lo=ends[1],
        growth_hi=ends[2],
        is_trend=is_trend,
        doubling_days=math.log(2) / growth if is_trend else None,
        doubling_days_lo=doubling[0],
        doubling_days_hi=doubling[1],
        rr=rr[0],
        rr_lo=float(rr[1]),
        rr_hi=float(rr[2]),
        rr_above_1=float(gamma.sf(1, PRIOR + now, scale=1 / (PRIOR + before))),
        cases_7d=float(now),
        cases_before=float(before),
        incidence_per_100k=1e5 * float(now) / 7 / float(people) if people else None,
        residents=float(people),
        recent=days(ground, now, before),
    )
