"""Said: single records as the page reads them, with every small count withheld."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.hub.frame import Frame
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.masks import withheld
from dashboard.hub.panels.areas import chain
from dashboard.hub.panels.counts import Count
from dashboard.hub.panels.hottest import position
from dashboard.hub.statistics.codes import two_digits
from dashboard.hub.statistics.fold import CITY
from dashboard.hub.statistics.layers import areas_of_cells
from dashboard.hub.sums import IN, PASSAGES
from geo.risk.sensitivity import Score, after_a_quiet_week, with_one_more_case, without
from schemas.records import Aberration, AreaRt, CellDensity, CellRisk, Cluster, Hotspot
from schemas.records.picture import Statement
from schemas.topics import AREA_RT

SHARES = ("background", "neighbours", "inflow", "crowding", "fever")


def stamp(record: Statement) -> dict[str, Any]:
    """Give what a record says of itself."""
    return {
        "as_of_ms": record.as_of_ms,
        "completeness": record.completeness,
        "formula": record.formula,
        "simulated": record.simulated,
        "below_k": record.below_k,
    }


def cases(amount: float, k: int) -> Count:
    """Give weighted cases rounded to whole ones, or `"<k"` for 1..k-1 and for a part of one."""
    return f"<{k}" if 0 < amount < k else round(amount)


def about(amount: float, k: int) -> Count:
    """Give cases of overlapping neighbourhoods to the next multiple of k.

    Neighbourhoods overlap: the difference of two exact ones would be a single cell's cases.
    """
    return f"<{k}" if 0 < amount < k else k * round(amount / k)


def rounded(amount: float | None) -> float | None:
    """Give an amount to two significant digits."""
    return None if amount is None else float(two_digits(np.array([amount]))[0])


def where(frame: Frame, cell: str, res: int) -> dict[str, Any]:
    """Give a cell's name, centre and chain of areas."""
    row = frame.geography.row_of(cell, res) if res in RESOLUTIONS else -1
    area = int(areas_of_cells(frame, res)[row]) if row >= 0 else -1
    return {"cell": cell, **position(cell), "areas": chain(frame, area)}


def risk(record: CellRisk, k: int) -> dict[str, Any]:
    """Give a cell's score: interval, shares, what no component explains, what would change it."""
    return {
        "cell": record.cell,
        **stamp(record),
        "day": record.day,
        "class": record.risk_class,
        "rr": [record.rr, record.rr_lo, record.rr_hi],
        "above": {"1": record.p_above_1, "1.5": record.p_above_1_5, "2": record.p_above_2},
        "expected_7d": [record.expected_7d, record.expected_7d_lo, record.expected_7d_hi],
        "incidence_per_100k": record.incidence_per_100k,
        "city_per_100k": record.city_per_100k,
        "shares": {name: getattr(record.shares, name) for name in SHARES},
        "component_mean": record.component_mean,
        "local_factor": record.local_factor,
        "gate": record.gate,
        "residents": round(record.residents),
        "cases_14d": cases(record.cases_14d, k),
        "spread": record.spread,
        "changes": changes(record),
    }


def changes(record: CellRisk) -> dict[str, float]:
    """Say what would become of a score: nothing is said where too little is known."""
    ahead = record.expected_7d
    if ahead is None or record.risk_class < 0:
        return {}
    if min(record.rr, record.rr_lo, record.local_factor) <= 0:
        return {}
    score = Score(record.rr, record.rr_lo, record.rr_hi, record.local_factor, ahead)
    return {
        "one_more": round(with_one_more_case(score), 3),
        "quiet_week": round(after_a_quiet_week(score), 3),
        "no_neighbours": round(without(score, record.shares.neighbours), 3),
    }


def hotspot(record: Hotspot, k: int) -> dict[str, Any]:
    """Give how far a neighbourhood stands out."""
    return {
        "cell": record.cell,
        **stamp(record),
        "day": record.day,
        "days": record.days,
        "z": None if record.z is None else round(record.z, 1),
        "p": record.p,
        "p_adjusted": record.p_adjusted,
        "level": record.level,
        "p_cold": record.p_cold,
        "p_cold_adjusted": record.p_cold_adjusted,
        "level_cold": record.level_cold,
        "by_permutation": record.by_permutation,
        "cases": about(record.cases, k),
        "expected": round(record.expected, 1),
    }


def cluster(record: Cluster, k: int) -> dict[str, Any]:
    """Give a cluster as a list and a hover text need it; its outline comes apart."""
    small = 0 < record.observed < k
    return {
        "rank": record.rank,
        "cluster_id": record.cluster_id,
        **stamp(record),
        "centre": record.centre,
        "res": record.res,
        "n_cells": len(record.cells),
        "area_id": record.area_id,
        "start_day": record.start_day,
        "end_day": record.end_day,
        "days": record.days,
        "observed": cases(record.observed, k),
        "expected": round(record.expected, 1),
        "ratio": None if small else [record.ratio, record.ratio_lo, record.ratio_hi],
        "p": record.p,
        "recurrence_days": record.recurrence_days,
        "is_alarm": record.is_alarm,
        "residents": round(record.residents),
    }


def density(frame: Frame, record: CellDensity, hidden: bool) -> dict[str, Any]:
    """Give how crowded a cell is, or that this is withheld."""
    body = {"cell": record.cell, **stamp(record), "window_min": record.window_min}
    if hidden:
        return {**body, "withheld": True}
    small_before = 0 < (record.expected or 0) < frame.k
    return {
        **body,
        "withheld": False,
        "per_km2": [rounded(v) for v in (record.per_km2, record.per_km2_lo, record.per_km2_hi)],
        "smoothed_per_km2": rounded(record.smoothed_per_km2),
        "occupancy": None if record.occupancy is None else cases(record.occupancy, frame.k),
        "expected": f"<{frame.k}" if small_before else rounded(record.expected),
        "ratio": None if small_before else rounded(record.ratio),
    }


def spread_of_area(frame: Frame, record: AreaRt) -> dict[str, Any]:
    """Give how cases spread in an area; what is not sure is left out and said so."""
    week = week_counts(frame)
    row = frame.geography.gazetteer.area_index.get(record.area_id, -1)
    cases_7d = record.cases_7d
    hidden = week[row] if record.area_id != CITY else 0 < (cases_7d or 0) < frame.k
    return {
        "area_id": record.area_id,
        **stamp(record),
        "day": record.day,
        "is_sure": record.is_sure,
        "from_area_id": record.from_area_id,
        "rt": _three(record.is_sure, record.rt, record.rt_lo, record.rt_hi),
        "p_above_1": record.p_above_1 if record.is_sure else None,
        "is_trend": record.is_trend,
        "growth": _three(True, record.growth, record.growth_lo, record.growth_hi),
        "doubling_days": _three(
            record.is_trend,
            record.doubling_days,
            record.doubling_days_lo,
            record.doubling_days_hi,
        ),
        "rr": _three(True, record.rr, record.rr_lo, record.rr_hi),
        "rr_above_1": record.rr_above_1,
        "cases_7d": f"<{frame.k}" if hidden else None if cases_7d is None else round(cases_7d),
        "incidence_per_100k": None if hidden else record.incidence_per_100k,
        "residents": round(record.residents),
    }


def _three(is_said: bool, *numbers: float | None) -> list[float | None] | None:
    return list(numbers) if is_said and numbers[0] is not None else None


def week_counts(frame: Frame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each area whether its cases of the week are withheld, small ones and those beside.

    Areas are parts of areas: a shown total beside all parts but one would give that one away.
    """
    return frame.picture.once("week", frame.geography, lambda: _week_counts(frame))


def _week_counts(frame: Frame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    areas, links = frame.geography.gazetteer, frame.geography.area_links
    values = np.zeros((len(areas.area_id) + 1, 5), dtype=np.int64)
    for area_id, record in frame.picture.of(AREA_RT).items():
        row = areas.area_index.get(area_id, -1)  # the last row is the city
        # a part of one case is a small count too
        values[row, [IN, PASSAGES]] = int(np.ceil(record.cases_7d or 0))
    return withheld(values, values[links.child], links, frame.k)[:, PASSAGES]


def aberration(record: Aberration, k: int) -> dict[str, Any]:
    """Give whether an area's days are unusual."""
    small = 0 < record.count < k
    return {
        "area_id": record.area_id,
        "level": record.level,
        **stamp(record),
        "series": record.series,
        "day": record.day,
        "days": record.days,
        "count": cases(record.count, k),
        "expected": None if record.expected is None or small else round(record.expected, 1),
        "p": record.p,
        "p_adjusted": record.p_adjusted,
        "level_found": record.level_found,
    }
