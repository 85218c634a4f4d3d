"""Each number of the picture by a second road."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cities.statistics import Statistics
from geo.cells import cells_to_strings
from geo.reproduction import reproduction
from jobs import local
from jobs.steps.picture import clusters
from jobs.steps.picture.blocks import COLUMNS, block, unpacked
from jobs.steps.picture.days import Calendar, DaySums, text_of
from jobs.steps.picture.keeping import changes, restored
from jobs.steps.picture.picture import ALL, DAYS_AT_ONCE, Due, Picture, last_values
from jobs.steps.picture.pieces import Message
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import numbers, rounded
from jobs.steps.picture.ticks import Ticks
from schemas.topics import AREA_RT, CELL_RISK, CLUSTERS, HOTSPOTS
from tests.jobs.picture.making import (
    CITY,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    SETTINGS,
    case_of,
    cases,
    ground,
    said_of,
    slice_of,
    slices,
    statements,
)

counts = st.lists(st.tuples(st.integers(0, 9), *[st.integers(0, 50)] * len(COLUMNS)), max_size=20)


def a_block(rows):
    table = np.array(rows, dtype=np.int32).reshape(-1, len(COLUMNS) + 1)
    return block(table[:, 0], table[:, 1:])


def same(a, b) -> bool:
    return a.place.tolist() == b.place.tolist() and a.counts.tolist() == b.counts.tolist()


@given(counts, counts)
def test_a_block_is_the_greatest_of_its_slices_in_any_order_and_however_often(a, b) -> None:
    x, y = a_block(a), a_block(b)
    joined = x.join(y.place, y.counts)
    assert same(joined, y.join(x.place, x.counts))
    assert same(joined, joined.join(x.place, x.counts))
    assert same(joined, a_block(a + b))


@given(counts)
def test_a_block_comes_back_from_its_bytes(rows) -> None:
    assert same(unpacked(a_block(rows).packed()), a_block(rows))


def test_sums_of_a_day_come_back_from_their_bytes() -> None:
    day = DaySums.empty(ground())
    day.add(np.array([[1, 2, 6]], dtype=np.int32), np.array([[3, 1, 1, 4, 2, 0]], dtype=np.int32))
    day.add_night(np.array([5], dtype=np.int32), np.array([[3, 1, 1, 4, 2, 0]], dtype=np.int32))
    again = DaySums.unpacked(day.packed())
    assert day.cells.sum() == 11
    for name in ("cells", "fever", "night"):
        assert getattr(again, name).tolist() == getattr(day, name).tolist()


def test_residents_are_all_somewhere_and_shares_of_every_area_add_up() -> None:
    table = ground()
    assert table.people.sum() == pytest.approx(
        table.gazetteer.residents[table.gazetteer.level == 0].sum()
    )
    assert table.fine_people.sum() == pytest.approx(table.people.sum())
    sums = np.asarray(table.of_area.sum(axis=1)).ravel()
    assert sums == pytest.approx(np.where(table.gazetteer.residents > 0, 1.0, 0.0))


def test_rt_of_the_city_is_that_of_its_curve() -> None:
    ages = [age for age in range(1, 40) for _ in range(1 + 40 // age)]
    live = Picture.of(ground(), SETTINGS)
    live.fold(cases(*(case_of(f"c{n}", days_ago=age) for n, age in enumerate(ages))))
    live.fold(slices(slice_of(1, NOON, 1)))
    daily = np.bincount(ages, minlength=60)[1:][::-1].astype(float)  # yesterday last
    found = reproduction(daily, np.zeros_like(daily), SETTINGS.serial_interval)
    said = {each["area_id"]: each for each in said_of(last_values(live.everything()), AREA_RT.name)}
    assert said["city"]["rt"] == pytest.approx(float(found.mean()[-1]), rel=1e-3)
    assert said["city"]["day"] == "2020-03-31"
    assert said["city"]["cases_7d"] == daily[-7:].sum()


def test_the_curve_of_rt_is_that_of_every_day_whose_window_holds_enough_cases() -> None:
    ages = [age for age in range(1, 9) for _ in range(9)] + [45]  # the newest days alone suffice
    said = recent_of_city(*(case_of(f"c{n}", days_ago=age) for n, age in enumerate(ages)))
    daily = np.bincount(ages, minlength=60)[1:][::-1].astype(float)  # yesterday last
    found = reproduction(daily, np.zeros_like(daily), SETTINGS.serial_interval)
    yesterday = date(2020, 3, 31).toordinal()
    wanted = {
        text_of(yesterday - ago): {
            name: pytest.approx(float(found.quantile(q)[-1 - ago]), rel=1e-3)
            for name, q in (("median", 0.5), ("low", 0.05), ("high", 0.95))
        }
        for ago in range(14) if found.sure[-1 - ago]
    }  # fmt: skip
    assert 2 <= len(wanted) < 14
    assert said == wanted


def test_a_late_case_restates_the_days_of_the_curve_it_falls_in() -> None:
    known = [case_of(f"c{n}", days_ago=n % 40) for n in range(400)]
    before = recent_of_city(*known)
    late = case_of("late", onset_days=8, weight=40.0, place_id="gate-00003")
    after = recent_of_city(*known, late)
    day = "2020-03-24"
    assert before.keys() == after.keys()
    assert len(before) == 14
    assert {d for d in before if d < day and before[d] != after[d]} == set()
    assert after[day]["median"] > before[day]["median"]


def recent_of_city(*reports: Message) -> dict[str, dict[str, float]]:
    """Fold cases, today's clock beside them; give the curve of the city by day."""
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 1)))
    live.fold(cases(*reports))
    (city,) = (
        each for each in said_of(last_values(live.everything()), AREA_RT.name)
        if each["area_id"] == "city"
    )  # fmt: skip
    days = [each["day"] for each in city["recent"]]
    assert days == sorted(days)
    return {each.pop("day"): each for each in city["recent"]}


def test_an_outbreak_is_a_high_risk_a_hot_spot_and_a_cluster_there() -> None:
    live = Picture.of(ground(200), SETTINGS)
    quiet = [case_of(f"q{n}", days_ago=n % 50, area_id="d1") for n in range(200)]
    burst = [case_of(f"b{n}", days_ago=1 + n % 5, place_id="gate-00003") for n in range(60)]
    live.fold(cases(*quiet, *burst))
    live.fold(slices(slice_of(1, NOON, 1)))
    values = last_values(live.everything())
    (there,) = cells_to_strings(CITY.cells[[3], 1])
    risk = json.loads(values[CELL_RISK.name][there])
    assert risk["class"] == 3
    assert risk["rr_lo"] > 1
    assert sum(risk["shares"].values()) == pytest.approx(1.0, abs=1e-4)
    assert risk["rr"] == pytest.approx(risk["component_mean"] * risk["local_factor"], rel=1e-4)
    scores = sorted(each["z"] for each in said_of(values, HOTSPOTS.name))
    assert not any(each["level_cold"] for each in said_of(values, HOTSPOTS.name))
    assert json.loads(values[HOTSPOTS.name][there])["z"] > scores[len(scores) * 3 // 4] > 0
    first = json.loads(values[CLUSTERS.name]["1"])
    assert first["found"]
    assert there in first["cells"]
    assert first["observed"] >= 40


def test_only_days_that_changed_are_worked_out_again() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(cases(*(case_of(f"c{n}", days_ago=n % 60) for n in range(120))))
    list(live.everything())
    before = live.run.steps
    live.fold(cases(case_of("new")))
    list(live.everything())
    assert 60 <= before <= 61
    assert live.run.steps - before == 1


def test_the_filter_never_holds_a_tick_up_for_long() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(cases(*(case_of(f"c{n}", days_ago=n) for n in range(60))))
    list(live.tick(Due(density=False, statistics=True)))
    assert live.run.steps == DAYS_AT_ONCE
    assert live.statistics_due


def test_cases_that_never_stop_coming_do_not_hold_statistics_up_for_ever() -> None:
    """Each says anew how much is reported of the days since its onset, more than one tick's."""
    live, said = Picture.of(ground(), SETTINGS), []
    live.fold(cases(*(case_of(f"c{n}", days_ago=n % 60, onset_days=n % 28) for n in range(120))))
    for at in range(61):
        live.fold(cases(case_of(f"new-{at}", onset_days=27)))
        now = last_values(live.tick(Due(density=False, statistics=at % 30 == 0)))
        said += [at] if CELL_RISK.name in now else []
    assert said == [30]


@pytest.fixture
def long_scan(monkeypatch: pytest.MonkeyPatch) -> PictureSettings:
    """Give settings by which a scan takes 27 ticks, as on a map of many cells."""
    monkeypatch.setattr(clusters, "CELLS_AT_ONCE", 1)
    many = msgspec.structs.replace(SETTINGS.statistics, replicates=999)
    return replace(SETTINGS, statistics=many)


def test_a_scan_goes_on_at_every_tick_whatever_else_is_due(long_scan: PictureSettings) -> None:
    live = Picture.of(ground(), long_scan)
    live.fold(cases(*(case_of(f"c{n}", days_ago=n) for n in range(60))))
    said = [last_values(live.tick(ALL)).keys()]
    said += [last_values(live.tick(Due(statistics=True))).keys() for _ in range(26)]
    assert [CLUSTERS.name in topics for topics in said] == [False] * 26 + [True]


def test_a_scan_that_took_its_whole_hour_ends_when_the_next_is_due(
    long_scan: PictureSettings,
) -> None:
    live = Picture.of(ground(), long_scan)
    live.fold(cases(*(case_of(f"c{n}", days_ago=n) for n in range(60))))
    assert CLUSTERS.name not in last_values(live.tick(ALL))
    assert CLUSTERS.name in last_values(live.tick(Due(scan=True)))
    assert live.work is not None
    assert live.work.drawn == 37


def test_a_scan_that_began_before_most_cases_were_read_begins_anew(
    long_scan: PictureSettings,
) -> None:
    early = [case_of(f"c{n}", days_ago=4 * n) for n in range(10)]
    burst = [case_of(f"b{n}", days_ago=1 + n % 5, place_id="gate-00003") for n in range(60)]
    live = Picture.of(ground(), long_scan)
    live.fold(cases(*early))
    said = list(live.tick(Due(scan=True)))
    live.fold(cases(*burst))
    for _ in range(27):
        said += live.tick(Due())
    assert live.work is None
    whole = local.picture([cases(*early, *burst)], ground(), long_scan)
    for values in (found := statements(last_values(said)), wanted := statements(whole)):
        assert values[CLUSTERS.name]["1"]["found"]
    assert found[CLUSTERS.name] == wanted[CLUSTERS.name]


def test_a_state_that_was_kept_says_the_same_again() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 5), slice_of(2, NOON - DAY, 5)))
    live.fold(cases(case_of("a"), case_of("b", onset_days=3)))
    kept = dict(changes(live))
    again = restored(ground(), SETTINGS, kept.items())
    said = [statements(last_values(each.everything())) for each in (live, again)]
    assert said[0] == said[1]
    assert [key for key, _ in changes(again)] == ["clocks"]


def test_nothing_new_is_not_said_twice() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(slices(slice_of(1, NOON, 5)))
    live.fold(cases(case_of()))
    assert list(live.everything())
    assert not list(live.everything())
    assert not list(live.tick(ALL))


def test_local_days_and_nights_of_a_time_zone() -> None:
    calendar = Calendar("Asia/Shanghai")
    midnight = NOON + 4 * HOUR  # 2020-04-02 00:00 in Shanghai
    assert text_of(calendar.day_of(midnight - 1)) == "2020-04-01"
    assert text_of(calendar.day_of(midnight)) == "2020-04-02"
    half_past_three = midnight + 3 * HOUR + 30 * MINUTE
    assert calendar.night_of(half_past_three - 1) == date(2020, 4, 1).toordinal()
    assert calendar.night_of(half_past_three) == date(2020, 4, 2).toordinal()


@given(st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-12))
def test_columns_are_rounded_as_single_numbers_are(value: float) -> None:
    (found,) = numbers([value])
    assert found == pytest.approx(rounded(value), rel=2e-5)
    assert numbers([np.nan, np.inf, 5e-324]) == [None, None, 0.0]


def test_ticks_say_everything_first_and_then_what_is_due() -> None:
    ticks = Ticks.of(Statistics())
    assert ticks.next_ms(12_345) == 20_000
    assert ticks.due(3_600_000) == Due(density=True, statistics=True, scan=True)
    assert ticks.due(3_610_000) == Due()
    assert ticks.due(3_900_000) == Due(statistics=True, scan=True)  # the first scan once more
    assert ticks.due(4_200_000) == Due(statistics=True)
    assert ticks.due(7_490_000) == Due(statistics=True)
    assert ticks.due(7_500_000) == Due(scan=True)
    assert ticks.due(5_000) == Due(statistics=True, scan=True)  # the clock was set back


def test_without_residents_a_burst_is_found_by_comparing_cells_with_days() -> None:
    live = Picture.of(ground(0), SETTINGS)
    steady = [case_of(f"s{n}", days_ago=n % 28, place_id=f"gate-{n % 12:05d}") for n in range(168)]
    burst = [case_of(f"b{n}", days_ago=1 + n % 3, place_id="gate-00003") for n in range(30)]
    live.fold(cases(*steady, *burst))
    (there,) = cells_to_strings(CITY.cells[[3], 1])
    first = json.loads(last_values(live.everything())[CLUSTERS.name]["1"])
    assert first["found"]
    assert there in first["cells"]
    assert first["observed"] > 2 * first["expected"]
