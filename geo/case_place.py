"""Is a report one of a case of this city: whoever counts cases asks here, so that all agree."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from geo.gazetteer import MARGIN_DEG

OLDEST_MS = 31_536_000_000  # 1971-01-01

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer
    from schemas.records import CaseReport


def unusable(report: CaseReport, gazetteer: Gazetteer) -> str | None:
    """Say why a well-formed report is no case of this city; None where it is one.

    The reason begins with the field at fault, its value follows, then what was expected.
    """
    return misdated(report) or misplaced(report, gazetteer)


def misdated(report: CaseReport) -> str | None:
    """Say why a report's or an onset's time cannot be; None where they can.

    A clock that was reset, and seconds in the place of milliseconds, give times of 1970. One
    such case would make its city's curves 50 years long.
    """
    if report.report_ms < OLDEST_MS:
        return f"report_ms: {report.report_ms}: expected milliseconds since 1970, of 1971 or later"
    if report.onset_date is None:
        return None
    try:
        date.fromisoformat(report.onset_date)
    except ValueError:
        return f'onset_date: "{report.onset_date}": expected a day of the calendar'
    return None


def misplaced(report: CaseReport, gazetteer: Gazetteer) -> str | None:
    """Say why a case cannot be put anywhere in the city; None where it can.

    A case is where its place is, else at its coordinates, else somewhere in its area. What is
    not needed is not looked at: a known place with coordinates of elsewhere is that place.
    That a report has one of the three is seen when it is decoded.
    """
    if report.place_id is not None:
        known = report.place_id in gazetteer.place_index
        return None if known else f'place_id: "{report.place_id}": expected a place of the city'
    if report.lat is not None and report.lng is not None:
        return _far_off(report.lat, report.lng, gazetteer)
    known = report.area_id in gazetteer.area_index
    return None if known else f'area_id: "{report.area_id}": expected an area of the city'


def _far_off(lat: float, lng: float, gazetteer: Gazetteer) -> str | None:
    if gazetteer.in_city(np.array([lat]), np.array([lng]))[0]:
        return None
    west, south, east, north = gazetteer.bbox
    low, high = south - MARGIN_DEG, north + MARGIN_DEG
    if not low <= lat <= high:
        return f"lat: {lat}: expected within {low:.4f}..{high:.4f} of the city"
    low, high = west - MARGIN_DEG, east + MARGIN_DEG
    return f"lng: {lng}: expected within {low:.4f}..{high:.4f} of the city"
