"""Where a case report belongs is decided once, by the report and the city alone."""

from __future__ import annotations

import pytest

from geo.case_place import unusable
from geo.gazetteer import MARGIN_DEG
from schemas.codec import decode, encode
from schemas.records import CaseReport
from tests.dashboard.fake_city import fake_city

G = fake_city(side=2, places_per_grid=1).gazetteer
WEST, SOUTH, EAST, NORTH = G.bbox
HERE = {"lat": (SOUTH + NORTH) / 2, "lng": (WEST + EAST) / 2}


def reason(**fields) -> str | None:
    report = CaseReport(
        v=1, case_id="c", revision=1, category="confirmed", status="open", source="s",
        **{"report_ms": 1_585_742_400_000, **fields},
    )  # fmt: skip
    assert decode(encode(report), CaseReport) == report
    return unusable(report, G)


@pytest.mark.parametrize(
    "fields",
    [
        {"place_id": G.place_id[0]},
        HERE,
        {"area_id": G.area_id[0]},
        {"area_id": "outside"},
        {"place_id": G.place_id[0], "lat": 48.85, "lng": 2.35},  # the place decides
        {**HERE, "area_id": "nowhere"},  # the coordinates decide
        {"place_id": G.place_id[0], "onset_date": "2020-02-29"},
        {"place_id": G.place_id[0], "report_ms": 31_536_000_000},
        {"lat": SOUTH - MARGIN_DEG, "lng": EAST + MARGIN_DEG},
    ],
)
def test_a_case_of_the_city_is_usable(fields):
    assert reason(**fields) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"place_id": "nowhere"}, 'place_id: "nowhere"'),
        ({"place_id": "nowhere", **HERE}, 'place_id: "nowhere"'),
        ({"area_id": "nowhere"}, 'area_id: "nowhere"'),
        ({**HERE, "lat": 48.85}, "lat: 48.85"),
        ({**HERE, "lng": 2.35}, "lng: 2.35"),
        ({"lat": NORTH + MARGIN_DEG + 1e-6, "lng": HERE["lng"]}, "lat: "),
        ({"place_id": G.place_id[0], "report_ms": 1_585_742_400}, "report_ms: 1585742400"),
        ({"place_id": G.place_id[0], "report_ms": 31_535_999_999}, "report_ms: "),
        ({"place_id": G.place_id[0], "onset_date": "2021-02-29"}, 'onset_date: "2021-02-29"'),
    ],
)
def test_the_reason_begins_with_the_field_at_fault_and_says_what_was_expected(fields, field):
    said = reason(**fields)
    assert said.startswith(field)
    assert "expected" in said
