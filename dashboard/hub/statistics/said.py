"""Said: single records as the page reads them, with every small count withheld."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.frame import Frame
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.masks import withheld
from dashboard.hub.panels.areas import chain
from dashboard.hub.panels.counts import Count, is_small
from dashboard.hub.panels.hottest import position
from dashboard.hub.statistics.codes import Flags, two_digits
from dashboard.hub.statistics.layers import areas_of_cells, in_steps_of_k
from dashboard.hub.sums import FEVER, IN, OUT, PASSAGES
from geo.risk.sensitivity import Score, after_a_quiet_week, with_one_more_case, without
from schemas.records import Aberration, AreaRt, CellDensity, CellRisk, Cluster, Hotspot
from schemas.records.picture import Statement
from schemas.topics import ABERRATIONS, AREA_RT

SHARES = ("background", "neighbours", "inflow", "crowding", "fever")


def stamp(record: Statement) -> dict[str, Any]:
    """Give what a record says of itself; not `below_k`, which tells apart what is withheld."""
    return {
        "as_of_ms": record.as_of_ms,
        "completeness": record.completeness,
        "formula": record.formula,
        "simulated": record.simulated,
    }


def cases(amount: float, k: int) -> Count:
    """Give weighted cases rounded to whole ones, or `"<k"` for 1..k-1 and for a part of one."""
    return f"<{k}" if is_small(amount, k) else round(amount)


def about(amount: float, k: int) -> Count:
    """Give cases of overlapping neighbourhoods to the next multiple of k.

    Neighbourhoods overlap: the difference of two exact ones would be a single cell's cases.
    """
    if k == 0:
        return round(amount)
    return f"<{k}" if is_small(amount, k) else k * round(amount / k)


def about_p(p: float | None) -> float | None:
    """Give a p-value to one significant digit: an exact one would tell the cases behind it."""
    return None if p is None else float(f"{p:.1g}")


def rounded(amount: float | None) -> float | None:
    """Give an amount to two significant digits."""
    return None if amount is None else float(two_digits(np.array([amount]))[0])


def present(people: float, k: int) -> Count:
    """Give people present as the map does: two significant digits, or `"<k"` for 1..k-1."""
    return f"<{k}" if is_small(people, k) else round(two_digits(np.array([people]))[0])


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
        "p": about_p(record.p),
        "p_adjusted": about_p(record.p_adjusted),
        "level": record.level,
        "p_cold": about_p(record.p_cold),
        "p_cold_adjusted": about_p(record.p_cold_adjusted),
        "level_cold": record.level_cold,
        "by_permutation": record.by_permutation,
        "cases": about(record.cases, k),
        "expected": round(record.expected, 1),
    }


def cluster(record: Cluster, k: int) -> dict[str, Any]:
    """Give a cluster as a list and a hover text need it; its outline comes apart."""
    small = is_small(record.observed, k)
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
    small_before = is_small(record.expected, frame.k)
    return {
        **body,
        "withheld": False,
        "per_km2": [rounded(v) for v in (record.per_km2, record.per_km2_lo, record.per_km2_hi)],
        "smoothed_per_km2": rounded(in_steps_of_k(record, frame.k)),
        "occupancy": None if record.occupancy is None else present(record.occupancy, frame.k),
        "expected": f"<{frame.k}" if small_before else rounded(record.expected),
        "ratio": None if small_before else rounded(record.ratio),
    }


def spread_of_area(frame: Frame, record: AreaRt) -> dict[str, Any]:
    """Give how cases spread in an area; what is not sure is left out and said so."""
    cases_7d, hidden = record.cases_7d, is_withheld(frame, record.area_id, "cases")
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


def is_withheld(frame: Frame, area_id: str, series: str) -> bool:
    """Say whether an area's count of the week is withheld: small, or beside one that is."""
    row = frame.geography.gazetteer.area_index.get(area_id, -1)  # the last row is the city
    return bool(week_counts(frame)[series][row])


def week_counts(frame: Frame) -> dict[str, Flags]:
    """Say of each area, the city last, whether its counts of the week are withheld, by series.

    Areas are parts of areas: a shown total beside all parts but one would give that one away.
    """
    return frame.picture.once("week", frame.geography, lambda: _week_counts(frame))


def _week_counts(frame: Frame) -> dict[str, Flags]:
    geography = frame.geography
    links, top = geography.area_links, geography.gazetteer.parent < 0
    said = list(frame.picture.of(ABERRATIONS).values())
    # as if they were two directions: of the corrected cases and the counted ones of an area
    # both are withheld or none, for each tells the other
    values = np.zeros((len(top) + 1, 5), dtype=np.int64)
    values[:, IN] = _by_area(frame, ((r.area_id, r.cases_7d) for r in _spreads(frame)))
    values[:, OUT] = _by_area(frame, ((r.area_id, r.count) for r in said if r.series == "cases"))
    values[:, FEVER] = _by_area(frame, ((r.area_id, r.count) for r in said if r.series == "fever"))
    values[-1, [OUT, FEVER]] = values[:-1, [OUT, FEVER]][top].sum(axis=0)
    values[:, PASSAGES] = values[:, IN] + values[:, OUT]
    hidden = withheld(values, values[links.child], links, frame.k)
    hidden[geography.untold, FEVER] = True
    return {"cases": hidden[:, : PASSAGES + 1].any(axis=1), "fever": hidden[:, FEVER]}


def _spreads(frame: Frame) -> Iterable[AreaRt]:
    return frame.picture.of(AREA_RT).values()


def _by_area(frame: Frame, told: Iterable[tuple[str, float | None]]) -> NDArray[np.int64]:
    """Give whole counts by area, the city last; a part of one counts as one, for it is small."""
    areas = frame.geography.gazetteer
    counts = np.zeros(len(areas.area_id) + 1, dtype=np.int64)
    for area_id, amount in told:
        if amount:
            counts[areas.area_index.get(area_id, -1)] = max(1, int(amount))
    return counts


def aberration(frame: Frame, record: Aberration) -> dict[str, Any]:
    """Give whether an area's days are unusual."""
    hidden = is_withheld(frame, record.area_id, record.series)
    return {
        "area_id": record.area_id,
        "level": record.level,
        **stamp(record),
        "series": record.series,
        "day": record.day,
        "days": record.days,
        "count": f"<{frame.k}" if hidden else round(record.count),
        "expected": None if record.expected is None or hidden else round(record.expected, 1),
        "p": about_p(record.p) if hidden else record.p,
        "p_adjusted": about_p(record.p_adjusted) if hidden else record.p_adjusted,
        "level_found": record.level_found,
    }
