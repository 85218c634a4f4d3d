"""Records of the picture for tests: sound ones, of which a test changes what it is about."""

from __future__ import annotations

import json

from dashboard.config import Limits
from dashboard.hub.source import Batch
from dashboard.hub.state import CityState
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

AS_OF_MS = NOON * MINUTE_MS
STAMP = {
    "v": 1,
    "as_of_ms": AS_OF_MS,
    "complete_to_ms": AS_OF_MS - 500,
    "completeness": 0.8,
    "revision": 1,
    "formula": "test/1",
    "sample_size": 20.0,
}
SHARES = {"background": 0.5, "neighbours": 0.3, "inflow": 0.1, "crowding": 0.06, "fever": 0.04}


def risk(cell: str, res: int = 8, **more) -> dict:
    """Give a cell at twice the city's rate."""
    return {
        **STAMP,
        "cell": cell,
        "res": res,
        "day": "2025-01-01",
        "rr": 2.0,
        "rr_lo": 1.2,
        "rr_hi": 3.0,
        "p_above_1": 0.95,
        "p_above_1_5": 0.8,
        "p_above_2": 0.45,
        "class": 2,
        "expected_7d": 5.0,
        "expected_7d_lo": 1.0,
        "expected_7d_hi": 9.0,
        "incidence_per_100k": 6.0,
        "city_per_100k": 3.0,
        "shares": SHARES,
        "component_mean": 1.6,
        "local_factor": 1.25,
        "gate": 0.9,
        "residents": 5000.0,
        "cases_14d": 12.0,
        **more,
    }


def density(cell: str, res: int = 9, passages: int = 100, **more) -> dict:
    """Give a cell's passages of an hour."""
    return {
        **STAMP,
        "sample_size": float(passages),
        "cell": cell,
        "res": res,
        "window_end_ms": AS_OF_MS,
        "window_min": 60,
        "passages": passages,
        "per_km2": 10.0 * passages,
        "per_km2_lo": 8.0 * passages,
        "per_km2_hi": 12.0 * passages,
        **more,
    }


def hotspot(cell: str, **more) -> dict:
    """Give a neighbourhood that stands out."""
    return {
        **STAMP,
        "cell": cell,
        "res": 8,
        "day": "2025-01-01",
        "days": 14,
        "z": 4.0,
        "p": 1e-4,
        "p_adjusted": 0.01,
        "level": 1,
        "by_permutation": False,
        "cases": 31.0,
        "expected": 12.0,
        **more,
    }


def cluster(rank: int, cells, **more) -> dict:
    """Give a cluster of three times the expected cases."""
    return {
        **STAMP,
        "rank": rank,
        "found": True,
        "cluster_id": f"c-{rank}",
        "centre": cells[0] if cells else None,
        "res": 8,
        "rings": 1,
        "cells": list(cells),
        "start_day": "2024-12-28",
        "end_day": "2025-01-01",
        "days": 5,
        "observed": 24.0,
        "expected": 8.0,
        "ratio": 3.0,
        "ratio_lo": 2.0,
        "ratio_hi": 4.2,
        "llr": 10.0,
        "p": 0.001,
        "recurrence_days": 1000.0,
        "is_alarm": True,
        **more,
    }


def area_rt(area_id: str, level: str = "district", **more) -> dict:
    """Give an area where cases rise."""
    return {
        **STAMP,
        "area_id": area_id,
        "level": level,
        "day": "2024-12-29",
        "rt": 1.4,
        "rt_lo": 1.2,
        "rt_hi": 1.6,
        "p_above_1": 0.99,
        "is_sure": True,
        "from_area_id": area_id,
        "growth": 0.07,
        "growth_lo": 0.03,
        "growth_hi": 0.11,
        "is_trend": True,
        "doubling_days": 9.9,
        "doubling_days_lo": 6.3,
        "doubling_days_hi": 23.1,
        "rr": 1.3,
        "rr_lo": 1.1,
        "rr_hi": 1.5,
        "rr_above_1": 0.99,
        "cases_7d": 80.0,
        "cases_before": 50.0,
        "incidence_per_100k": 3.0,
        "residents": 100000.0,
        **more,
    }


def aberration(area_id: str, level: str = "street", **more) -> dict:
    """Give an area with more cases than its past leads to expect."""
    return {
        **STAMP,
        "area_id": area_id,
        "level": level,
        "series": "cases",
        "day": "2024-12-29",
        "days": 7,
        "count": 29.0,
        "expected": 8.5,
        "z": 3.9,
        "p": 2e-4,
        "p_adjusted": 0.012,
        "level_found": 1,
        **more,
    }


def said(**topics: list[dict]) -> dict[str, list[bytes]]:
    """Write records as messages; a topic's hyphen is an underscore here."""
    return {
        name.replace("_", "-"): [json.dumps(record).encode() for record in records]
        for name, records in topics.items()
    }


def state_with(city, passages: int = 50, **topics: list[dict]) -> CityState:
    """Give a state in which every place had this many passages, and these records were said."""
    state, g = CityState(city, Limits()), city.gazetteer
    records = [record_of(g, place, NOON, (0, 0, passages)) for place in range(len(g.place_id))]
    now_ms = (NOON + 2) * MINUTE_MS
    state.take(batch(records), now_ms)
    state.take(Batch(picture=said(**topics)), now_ms)
    return state
