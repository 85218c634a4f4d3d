"""The real streams shipped with the New York pack, replayed whole."""

from collections import Counter, defaultdict
from itertools import pairwise

import polars as pl
import pytest

from cities.pack import load
from schemas.codec import decode
from schemas.records import CaseReport, CheckIn
from schemas.topics import CASES, CHECKINS
from simulators.replay.files import Files, read_counts
from simulators.replay.open import open_replay
from tests.simulators.test_case_counts import standing_after

DAYS = ("2020-03-29", "2020-04-30")


@pytest.fixture(scope="module")
def pack():
    return load("nyc")


@pytest.fixture(scope="module")
def files(pack) -> Files:
    own = pack.stream
    return Files.of(pack.folder, own.trips, own.cases, own.zones)


@pytest.fixture(scope="module")
def replay(pack, files):
    return open_replay(files, pack.timezone, pack.gazetteer.area_index, DAYS)


@pytest.fixture(scope="module")
def messages(replay):
    found: dict[str, list[bytes]] = defaultdict(list)
    at = replay.begin_ms
    while at < replay.end_ms:
        until = min(replay.furthest(at), replay.end_ms)
        for part in replay.between(at, until):
            found[part.topic] += part.values
        at = until
    return found


def test_every_trip_of_the_window_gives_two_check_ins(files, messages):
    rows = sum(pl.read_parquet(path).height for path in files.trips)
    # A few trips end, or began, outside the window.
    assert 2 * rows - 40 <= len(messages[CHECKINS.name]) <= 2 * rows
    assert len(messages[CHECKINS.name]) > 70_000


def test_every_check_in_can_be_read_and_all_but_unknown_zones_lie_in_the_city(pack, messages):
    records = [decode(value, CheckIn) for value in messages[CHECKINS.name]]
    assert all(isinstance(record, CheckIn) for record in records)
    unknown = [record for record in records if record.place_id is not None]
    assert {record.place_id for record in unknown} <= {"zone-264", "zone-265"}
    assert 0 < len(unknown) < 0.02 * len(records)
    placed = [record for record in records if record.place_id is None]
    lat, lng = (pl.Series([getattr(r, name) for r in placed]).to_numpy() for name in ("lat", "lng"))
    assert pack.gazetteer.in_city(lat, lng).all()


def test_repeats_are_the_trips_booked_twice_and_no_others(messages):
    ids = Counter(decode(value, CheckIn).event_id for value in messages[CHECKINS.name])
    twice = sum(number - 1 for number in ids.values())
    assert 100 < twice < 0.01 * len(ids)


def test_standing_weights_equal_every_publication_of_the_window(files, replay, messages):
    reports = [decode(value, CaseReport) for value in messages[CASES.name]]
    known: dict[str, dict[str, int]] = defaultdict(dict)
    for row in read_counts(files.cases):
        known[row.day][row.area] = row.cases
    at = sorted({report.report_ms for report in replay.cases if report.report_ms < replay.end_ms})
    for day, instant in zip(sorted(known), at, strict=False):
        if day <= DAYS[1]:
            positive = {area: float(cases) for area, cases in known[day].items() if cases}
            assert standing_after(reports, instant) == positive


def test_inflated_counts_of_april_26_appear_and_are_taken_back(replay, messages):
    reports = [decode(value, CaseReport) for value in messages[CASES.name]]
    at = sorted({report.report_ms for report in reports})
    totals = [sum(standing_after(reports, instant).values()) for instant in at]
    rises = [later - earlier for earlier, later in pairwise(totals)]
    assert max(rises[5:]) == 27_902
    assert min(rises) == -22_802


def test_cases_are_reported_for_the_city_s_own_areas(pack, messages):
    weight: dict[str, float] = defaultdict(float)
    for value in messages[CASES.name]:
        report = decode(value, CaseReport)
        weight[report.area_id] += report.weight
    assert weight.keys() <= pack.gazetteer.area_index.keys()
    # What has no address, or no area of its own, is published as NA or 99999.
    assert weight["outside"] < 0.05 * sum(weight.values())
    assert len(weight) > 170
