"""The running day, of which a part has passed, and the first, which may hold the stock of weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geo.reproduction import is_followed
from jobs.steps.picture import risk
from jobs.steps.picture.days import Calendar
from jobs.steps.picture.picture import Picture
from schemas.topics import AREA_RT, CELL_RISK, CLUSTERS, HOTSPOTS
from tests.jobs.picture.making import CITY, SETTINGS, case_of, cases, everything_of, ground

PLACES = CITY.place_id[:8]


def at(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "hours", "long"),
    [
        ("2020-04-01T00:00:00", 0, 24),
        ("2020-04-01T12:14:59", 12, 24),
        ("2020-03-08T12:00:00", 11, 23),  # clocks went on at two
        ("2020-11-01T12:00:00", 13, 25),  # and back
    ],
)
def test_the_share_of_a_day_that_is_over_knows_how_long_the_day_is(moment, hours, long) -> None:
    elapsed = Calendar("America/New_York").elapsed(at(moment, "America/New_York"))
    assert elapsed == pytest.approx(hours / long)


def reports(days_ago: float, n: int, weight: float = 1.0):
    """Give cases of one day, spread over the city's places."""
    return [
        case_of(f"c{days_ago}-{i}", days_ago=days_ago, place_id=PLACES[i % 8], weight=weight)
        for i in range(n)
    ]


def of_cases(messages) -> dict[str, dict[str, dict]]:
    """Give all the picture says of some cases, by topic and key."""
    return everything_of(cases(*sorted(messages, key=lambda each: each.arrival_ms)))


def mean_risk(messages) -> float:
    """Give the mean relative risk of all cells, weighted by residents, as the picture says it."""
    said = {cell: risk["rr"] for cell, risk in of_cases(messages)[CELL_RISK.name].items()}
    people = dict(zip((f"{cell:x}" for cell in ground().cells), ground().people, strict=True))
    weights = [people[cell] for cell in said]
    return float(np.average(list(said.values()), weights=weights))


STEADY = [each for day in range(1, 15) for each in reports(day, 40)]


def test_a_morning_without_cases_is_not_held_against_the_city() -> None:
    """NOON is eight in the evening there."""
    before = mean_risk(STEADY)
    early = case_of("today", days_ago=0.82, place_id=PLACES[0])  # twenty past midnight
    assert mean_risk([*STEADY, early]) == pytest.approx(before, abs=0.02)
    late = case_of("today", days_ago=-0.16, place_id=PLACES[0])  # ten to midnight: a day of nothing
    assert mean_risk([*STEADY, late]) < before - 0.05


@pytest.mark.parametrize("days", [1, 5, 14])
def test_the_stock_of_the_first_day_is_no_trend_that_later_days_fall_short_of(days) -> None:
    after = [each for day in range(1, days + 1) for each in reports(day, 40)]
    stock = reports(days + 1, 8, weight=1_000.0)
    assert mean_risk([*stock, *after]) == pytest.approx(mean_risk(after), abs=0.15)


def test_a_day_is_worked_out_again_when_more_of_it_has_passed() -> None:
    picture = Picture.of(ground(), SETTINGS)
    picture.fold(cases(*STEADY, *reports(0, 5)))
    now = picture.curves()
    later = replace(now, elapsed=now.elapsed + 0.125)
    keys, again = (risk._chain(ground(), each, {}) for each in (now, later))
    assert keys[:-1] == again[:-1]
    assert keys[-1] != again[-1]


def spread_of(messages) -> dict:
    """Give what the picture says of the whole city's R and growth."""
    return of_cases(messages)[AREA_RT.name]["city"]


def test_no_r_and_no_trend_before_those_who_infected_are_known() -> None:
    stock = reports(11, 8, weight=1_000.0)
    young = spread_of([*stock, *(each for day in range(1, 11) for each in reports(day, 40))])
    assert young["is_sure"] is False
    assert (young["rt"], young["growth"], young["doubling_days"]) == (None, None, None)
    assert young["recent"] == []
    assert young["cases_7d"] == 7 * 40


def test_r_of_a_steady_city_is_about_one_whatever_stock_it_began_with() -> None:
    month = [each for day in range(1, 31) for each in reports(day, 40)]
    for begun in ([], reports(31, 8, weight=1_000.0)):
        found = spread_of([*begun, *month])
        assert found["is_sure"] is True
        assert 0.9 < found["rt"] < 1.1
        assert found["is_trend"] is False


def test_days_are_followed_once_nineteen_in_twenty_intervals_are_known() -> None:
    interval = np.array([0.0, 0.5, 0.4, 0.06, 0.04])
    usable = np.array([False] * 2 + [True] * 12)
    assert np.flatnonzero(is_followed(usable, interval)).tolist() == list(range(2 + 3 + 6, 14))
    assert is_followed(np.ones(5, dtype=bool), interval).all()
    assert not is_followed(np.zeros(5, dtype=bool), interval).any()


HEAP = [case_of(f"heap{i}", days_ago=4, place_id=PLACES[0], weight=100.0) for i in range(8)]
"""What a city knew on its first day, all of it at one place; three days of new cases follow."""
HEAP_OF_13 = [case_of("old", days_ago=13, place_id=PLACES[0], weight=1_000.0)]
THREE_DAYS = [each for day in range(1, 4) for each in reports(day, 40)]


def test_the_stock_of_the_first_day_is_no_incidence() -> None:
    said = of_cases([*HEAP, *THREE_DAYS])
    residents = ground().people.sum()
    measured_days = 2 + 20 / 24  # the newest report is of eight in the evening there
    for cell in said[CELL_RISK.name].values():
        assert cell["city_per_100k"] == pytest.approx(1e5 * 3 * 40 / measured_days / residents)
        assert cell["incidence_per_100k"] == pytest.approx(
            cell["rr"] * cell["city_per_100k"], rel=1e-4
        )
    city = said[AREA_RT.name]["city"]
    assert (city["cases_7d"], city["sample_size"]) == (2 * 40, 2 * 40)  # up to the day before
    assert city["incidence_per_100k"] == pytest.approx(1e5 * 40 / residents)
    assert max(cell["cases_14d"] for cell in said[CELL_RISK.name].values()) < 100


def test_a_first_day_alone_says_nothing_of_a_rate_and_never_zero() -> None:
    said = of_cases([*HEAP, case_of("late", days_ago=3.9, place_id=PLACES[1])])
    some = next(iter(said[CELL_RISK.name].values()))
    names = ("expected_7d", "expected_7d_lo", "incidence_per_100k", "city_per_100k")
    assert [some[name] for name in names] == [None] * 4
    city = said[AREA_RT.name]["city"]
    assert (city["cases_7d"], city["incidence_per_100k"]) == (None, None)


def test_the_stock_of_the_first_day_makes_no_hot_spot_and_no_cluster() -> None:
    with_it, without = (of_cases([*heap, *THREE_DAYS]) for heap in (HEAP, HEAP[:1]))
    assert any(spot["sample_size"] for spot in with_it[HOTSPOTS.name].values())
    assert with_it[HOTSPOTS.name] == without[HOTSPOTS.name]
    assert [cluster["found"] for cluster in with_it[CLUSTERS.name].values()] == [False, False]


def test_a_young_city_is_scanned_for_places_that_differ_not_for_days_before_it_began() -> None:
    """Twelve even days, then one place with a burst: the days before are unknown, not quiet."""
    even = [each for day in range(1, 13) for each in reports(day, 40)]
    assert not of_cases([*HEAP_OF_13, *even])[CLUSTERS.name]["1"]["found"]
    burst = [case_of(f"b{i}", days_ago=2.2, place_id=PLACES[3], weight=5.0) for i in range(12)]
    found = of_cases([*HEAP_OF_13, *even, *burst])[CLUSTERS.name]["1"]
    assert found["found"]
    assert f"{CITY.cells[3, 1]:x}" in found["cells"]
