"""Wall-clock readings become instants, through both changes of the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.replay.local_times import day_to_utc, end_after_start, local_to_utc

NEW_YORK = ZoneInfo("America/New_York")


def wall(text: str) -> np.ndarray:
    """Give the reading of a wall clock, as milliseconds of that clock."""
    return np.array([np.datetime64(text, "ms").astype(np.int64)])


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_winter_and_summer_have_their_own_offsets():
    assert local_to_utc(wall("2020-03-07T12:00"), NEW_YORK)[0] == utc("2020-03-07T17:00")
    assert local_to_utc(wall("2020-03-09T12:00"), NEW_YORK)[0] == utc("2020-03-09T16:00")


def test_reading_that_does_not_exist_comes_from_a_clock_not_yet_put_forward():
    # EST 01:59:59 | 03:00:00 EDT;  02:30 on an old clock is 03:30 EDT = 07:30 UTC
    assert local_to_utc(wall("2020-03-08T02:30"), NEW_YORK)[0] == utc("2020-03-08T07:30")


def test_reading_that_exists_twice_is_the_first_unless_told_otherwise():
    twice = wall("2020-11-01T01:30")
    assert local_to_utc(twice, NEW_YORK)[0] == utc("2020-11-01T05:30")
    assert local_to_utc(twice, NEW_YORK, fold=1)[0] == utc("2020-11-01T06:30")


def test_trip_through_the_repeated_hour_ends_after_it_started():
    #  01:50 (first)  ->  01:10 (second): twenty minutes
    start = local_to_utc(wall("2020-11-01T01:50"), NEW_YORK)
    end = end_after_start(start, wall("2020-11-01T01:10"), NEW_YORK)
    assert end[0] - start[0] == 20 * 60_000


def test_end_before_its_start_stays_as_it_was_read():
    start = local_to_utc(wall("2020-06-01T12:00"), NEW_YORK)
    assert end_after_start(start, wall("2020-06-01T11:59"), NEW_YORK)[0] == start[0] - 60_000


def test_local_day_begins_where_the_city_says():
    assert day_to_utc("2020-04-01", NEW_YORK) == utc("2020-04-01T04:00")
    assert day_to_utc("2020-04-01", NEW_YORK, hour=12) == utc("2020-04-01T16:00")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"])
@given(seconds=st.integers(1_577_836_800, 1_609_459_200))
def test_every_instant_comes_back_from_its_wall_clock(zone: str, seconds: int):
    here = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    reading = np.array([int(here.replace(tzinfo=UTC).timestamp() * 1000)])
    back = local_to_utc(reading, ZoneInfo(zone), fold=here.fold)
    assert back[0] == seconds * 1000
