"""Bad and odd input: decided, and never an exception."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as replace_struct

from jobs import local
from jobs.steps.picture.cases import Cases, read_case
from jobs.steps.picture.curves import columns_of
from jobs.steps.picture.days import Calendar, text_of
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.keeping import changes, restored
from jobs.steps.picture.picture import ALL, Picture, last_values
from jobs.steps.picture.pieces import Message, Piece
from schemas.codec import Refusal, decode
from schemas.topics import (
    ABERRATIONS,
    AREA_RT,
    CASES,
    CELL_DENSITY,
    CELL_RISK,
    CLUSTERS,
    HOTSPOTS,
    PLACE_MINUTES,
    topic_named,
)
from tests.jobs.picture.making import (
    CITY,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SETTINGS,
    STATISTICS,
    case_of,
    cases,
    ground,
    said_of,
    slice_of,
    slices,
    statements,
)

TODAY = "2020-04-01"
OUTBREAK = [case_of(f"c{n}", days_ago=n % 20) for n in range(60)]


def batch(*pieces: Piece, people: int = 40):
    return local.picture(pieces, ground(people), SETTINGS)


def day_of(message: Message) -> str:
    held = Cases(CITY)
    held.fold(0, [message])
    columns = columns_of(held.standing, Calendar("Asia/Shanghai"), 30)
    return text_of(int(columns.day[0]))


def test_every_record_is_what_its_topic_promises() -> None:
    said = batch(slices(slice_of(1, NOON, 9), slice_of(2, NOON - DAY, 3)), cases(*OUTBREAK))
    assert said.keys() == {
        t.name for t in (CELL_DENSITY, CELL_RISK, HOTSPOTS, CLUSTERS, AREA_RT, ABERRATIONS)
    }
    for topic, keys in said.items():
        for value in keys.values():
            assert not isinstance(decode(value, topic_named(topic).record), Refusal), value


def test_every_record_has_an_interval_sample_and_formula() -> None:
    months = [case_of(f"m{n}", days_ago=n % 60) for n in range(300)]
    said = batch(slices(slice_of(1, NOON, 9)), cases(*OUTBREAK, *months))
    ends = {
        CELL_DENSITY.name: "per_km2", CELL_RISK.name: "rr", HOTSPOTS.name: "ratio",
        CLUSTERS.name: "ratio", AREA_RT.name: "rt", ABERRATIONS.name: "ratio",
    }  # fmt: skip
    for topic, name in ends.items():
        known = [each for each in said_of(said, topic) if each[name] is not None]
        assert known, topic
        for each in known:
            upper = each[f"{name}_hi"]
            assert each[f"{name}_lo"] <= each[name]
            assert upper is None or upper >= each[name]
        stamp = {"as_of_ms", "formula", "completeness", "sample_size", "revision"}
        assert all(stamp <= each.keys() for each in said_of(said, topic))


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_in": 2**63},
        {"n_pass": 2**31},
        {"place_id": "met", "cell9": "f" * 15},
        {"place_id": "met", "cell8": f"{CITY.cells[1, 2]:x}"},
    ],
)
def test_a_slice_that_counts_cannot_have_written_changes_nothing(wrong) -> None:
    sound = slice_of(1, NOON, 9)
    broken = Message(NOON, json.dumps(json.loads(sound.payload) | wrong).encode())
    assert batch(slices(broken, sound)) == batch(slices(sound))


def test_a_case_of_1970_that_was_kept_before_is_let_go() -> None:
    held = Picture.of(ground(), SETTINGS)
    held.fold(cases(case_of("sound"), case_of("broken")))
    standing = held.cases.standing
    standing["broken"] = replace_struct(standing["broken"], first_report_ms=1_585_742_400)
    kept = [(key, value) for key, value in changes(held) if value is not None]
    assert restored(ground(), SETTINGS, kept).cases.standing.keys() == {"sound"}


def test_nothing_folded_says_nothing() -> None:
    assert batch() == {}


def test_without_cases_every_score_is_one_and_insufficient() -> None:
    said = batch(slices(slice_of(1, NOON, 9)))
    risks = said_of(said, CELL_RISK.name)
    assert risks
    assert {each["rr"] for each in risks} == {1.0}
    assert {each["class"] for each in risks} == {-1}
    assert not any(each["found"] for each in said_of(said, CLUSTERS.name))
    assert {each["rt"] for each in said_of(said, AREA_RT.name)} == {None}


def test_a_city_without_residents_scores_nobody() -> None:
    said = batch(slices(slice_of(1, NOON, 9)), cases(*OUTBREAK), people=0)
    assert not said_of(said, CELL_RISK.name)
    assert not said_of(said, HOTSPOTS.name)
    city = next(each for each in said_of(said, AREA_RT.name) if each["area_id"] == "city")
    assert city["rr"] is None
    assert city["incidence_per_100k"] is None


def test_gaps_in_the_population_are_no_score_there_and_change_nothing_else_to_nothing() -> None:
    gap = {f"g{x}-{y}" for x in (0, 3) for y in range(4)}
    empty = np.isin(CITY.area_id, sorted(gap))
    holes = replace(CITY, residents=np.where(empty, 0, CITY.residents * 200))
    floor = Ground.of(holes, STATISTICS.scan_rings)
    there = {str(name) for name in floor.names[floor.people == 0]}
    assert there
    assert floor.people.sum() == holes.residents[holes.level == 2].sum()
    found = local.picture(
        [slices(slice_of(1, NOON, 9)), cases(*OUTBREAK, case_of("gap", area_id="g0-0"))],
        floor, SETTINGS,
    )  # fmt: skip
    for topic in (CELL_RISK, HOTSPOTS):
        said = {each["cell"] for each in said_of(found, topic.name)}
        assert said
        assert not said & there
    assert all(each["rr"] > 0 for each in said_of(found, CELL_RISK.name))
    areas = {each["area_id"]: each for each in said_of(found, AREA_RT.name)}
    assert areas["g0-0"]["rr"] is None
    assert areas["g0-0"]["incidence_per_100k"] is None
    assert areas["d0"]["rr"] > 0


def test_a_count_that_falls_takes_cases_back() -> None:
    many, fewer = case_of("sum", weight=7.0), case_of("sum", revision=2, weight=3.0)
    as_published = statements(batch(cases(*OUTBREAK, case_of("sum", weight=3.0))))
    assert statements(batch(cases(*OUTBREAK, many, fewer))) == as_published


def test_a_city_of_one_cell_is_no_hot_spot() -> None:
    polygon = CITY.polygons[CITY.smallest[0]].buffer(-0.0099)
    polygons = np.where(np.arange(len(CITY.polygons)) == CITY.smallest[0], polygon, None)
    residents = np.where(np.arange(len(CITY.residents)) == CITY.smallest[0], 900, 0)
    alone = replace(CITY, polygons=polygons, residents=residents)
    area = CITY.area_id[CITY.smallest[0]]
    found = local.picture(
        [cases(*(case_of(f"c{n}", days_ago=n // 30, area_id=area) for n in range(31)))],
        Ground.of(alone, 2), SETTINGS,
    )  # fmt: skip
    (spot,) = said_of(found, HOTSPOTS.name)
    assert spot["z"] is None
    assert spot["level"] == 0
    (risk,) = said_of(found, CELL_RISK.name)
    assert risk["cases_14d"] == pytest.approx(30)
    assert risk["spread"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("onset", "day"),
    [
        (None, TODAY),
        (0, TODAY),
        (3, "2020-03-29"),
        (-2, TODAY),  # onset after its report: no delay
        (31, TODAY),  # further back than reports take: the report's day
        (40_000, TODAY),
    ],
)
def test_a_case_counts_on_its_onset_where_that_can_be_believed(onset: int | None, day: str) -> None:
    assert day_of(case_of(onset_days=onset)) == day


def test_a_category_that_goes_back_and_forth_counts_as_its_highest_revision() -> None:
    there = case_of(revision=1, category="confirmed")
    away = case_of(revision=2, category="contact")
    back = case_of(revision=3, category="confirmed")
    once = statements(batch(cases(*OUTBREAK, there)))
    assert statements(batch(cases(*OUTBREAK, back, there, away))) == once


def test_a_retracted_case_leaves_no_trace() -> None:
    gone = case_of("extra", revision=2, status="retracted")
    without = statements(batch(cases(*OUTBREAK)))
    assert statements(batch(cases(*OUTBREAK, case_of("extra"), gone))) == without


def test_a_case_redated_by_forty_days_restates_every_day_since() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(cases(*OUTBREAK, case_of("moved")))
    said = list(live.everything())
    moved = case_of("moved", revision=2, days_ago=40)
    live.fold(cases(moved))
    said += live.everything()
    assert statements(last_values(said)) == statements(batch(cases(*OUTBREAK, moved)))


def test_a_late_slice_restates_the_window_it_falls_in() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 5), slice_of(2, NOON, 1)))
    said = list(live.tick(ALL))
    live.fold(slices(slice_of(1, NOON - 30 * MINUTE, 4, NOON + 62_000)))
    said += live.tick(ALL)
    values = {each["passages"] for each in said_of(last_values(said), CELL_DENSITY.name)}
    assert values == {9, 1}


def test_a_partition_days_behind_loses_nothing() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 5), partition=0))
    list(live.tick(ALL))
    late = [slice_of(2, NOON - 3 * DAY, 7), slice_of(2, NOON, 2)]
    for each in late:
        live.fold(slices(each, partition=1))
        said = list(live.everything())
    whole = statements(batch(slices(slice_of(1, NOON, 5)), slices(*late, partition=1)))
    live.spoken.last.clear()
    said = list(live.everything())
    assert statements(last_values(said)) == whole


def test_a_slice_sent_again_after_its_minute_was_dropped_counts_once() -> None:
    live = Picture.of(ground(), SETTINGS)
    first = slice_of(1, NOON - 2 * DAY, 5)
    for each in (first, slice_of(1, NOON, 1), first):
        live.fold(slices(each))
        list(live.tick(ALL))
    assert live.minutes.ignored == 1
    assert sum(int(day.cells[:, 0].sum()) for day in live.minutes.days.values()) == 6


def test_a_clock_that_jumps_ahead_and_back_stops_nothing() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 5, NOON + 5 * HOUR)))
    live.fold(slices(slice_of(1, NOON + MINUTE, 6)))
    list(live.everything())
    assert sum(int(day.cells[:, 0].sum()) for day in live.minutes.days.values()) == 11


@pytest.mark.parametrize(
    "payload",
    [b"", b"not json", b"\xff", b"{}", b"[]", b'{"v":1}', "�".encode(), b"1 2 3\n4 5"],
)
@pytest.mark.parametrize("topic", [PLACE_MINUTES.name, CASES.name, "another"])
def test_what_is_no_record_changes_nothing(topic: str, payload: bytes) -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(Piece.of(topic, 0, [Message(NOON, payload)]))
    assert not live.cases.standing
    assert not live.minutes.blocks
    list(live.everything())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"place_id": "nowhere"}, "place_id"),
        ({"area_id": "nowhere"}, "area_id"),
        ({"lat": 48.85, "lng": 2.35}, "lat"),
        ({"place_id": "gate-00001", "onset_date": "2020-02-31"}, "onset_date"),
        ({"place_id": "gate-00001", "report_ms": NOON + 400_000}, None),
        ({"place_id": "gate-00001", "weight": -3.0}, "weight"),
        ({"place_id": "gate-00001", "weight": float("nan")}, "weight"),
    ],
)
def test_a_case_that_is_none_has_a_reason(fields: dict[str, object], reason: str | None) -> None:
    found = read_case(case_of(**fields), CITY)
    assert found.startswith(reason) if reason else not isinstance(found, str)


def test_a_case_from_the_future_or_a_month_late_does_not_count() -> None:
    held = Cases(CITY)
    report = case_of().payload
    held.fold(0, [Message(NOON - 300_001, report), Message(NOON + 30 * DAY + 1, report)])
    assert held.accounts == {"rejected": 1, "late": 1}
    held.fold(0, [Message(NOON - 300_000, report), Message(NOON + 30 * DAY, report)])
    assert held.accounts["accepted"] == 2


def test_cases_of_the_top_level_and_outside_it_add_up_to_the_city() -> None:
    yesterday = case_of("x", days_ago=1.0, area_id="outside")
    found = list(said_of(batch(cases(*OUTBREAK, yesterday)), AREA_RT.name))
    by_area = {each["area_id"]: each["cases_7d"] for each in found}
    assert by_area["outside"] > 0
    districts = sum(each["cases_7d"] for each in found if each["level"] == "district")
    assert by_area["city"] == pytest.approx(districts)
