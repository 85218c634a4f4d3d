"""Counting again without state publishes only whole minutes, and every minute that may change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs import local
from jobs.steps.restart import read_until, start_again, start_of_log
from schemas.times import CHECKIN_LIMITS, MINUTE_MS, Limits
from tests.jobs.making import NOON, RULES, payload

LATENESS, SKEW = CHECKIN_LIMITS.lateness_ms, CHECKIN_LIMITS.skew_ms

delays = st.integers(-SKEW, LATENESS) | st.sampled_from([-SKEW, 0, LATENESS])
events = st.lists(
    st.tuples(st.integers(-2 * LATENESS, LATENESS).map(lambda ms: NOON + ms), delays),
    min_size=1,
    max_size=30,
)


@given(events)
def test_state_lost_at_noon_is_counted_again_to_the_same_slices(drawn):
    #        from_ms   publish_from_ms          noon
    #           |---5 min---|------ 24 h --------|
    #  .........[======= read again =================>
    arrived = sorted((arrival, arrival - delay) for arrival, delay in drawn)
    rows = [
        (payload(event_id=f"e{at}", event_ms=event), 0, at, arrival)
        for at, (arrival, event) in enumerate(arrived)
    ]
    start = start_again(NOON, CHECKIN_LIMITS)
    before = local.run([row for row in rows if row[3] <= NOON], RULES).place_minutes
    again = local.run(
        [row for row in rows if row[3] >= (start.from_ms or 0)], RULES, start.publish_from_ms
    ).place_minutes
    assert {**before, **again} == local.run(rows, RULES).place_minutes


@given(st.integers(0, 10**13))
def test_first_published_minute_is_whole_from_where_reading_starts(read_until_ms):
    start = start_again(read_until_ms, CHECKIN_LIMITS)
    assert start.publish_from_ms % MINUTE_MS == 0
    assert start.from_ms == max(0, start.publish_from_ms - SKEW)
    assert start.publish_from_ms <= max(0, read_until_ms - LATENESS)


def test_partition_that_was_behind_decides_where_to_start():
    behind, caught_up = (5, 9, NOON - 3_600_000), (9, 9, NOON - 7_200_000)
    assert read_until(NOON, [behind, caught_up]) == NOON - 3_600_000
    assert read_until(NOON, [caught_up]) == NOON
    assert read_until(NOON, []) == NOON


def test_whole_log_is_published_wholly_unless_its_beginning_was_deleted():
    assert start_of_log(0, CHECKIN_LIMITS).publish_from_ms == 0
    start = start_of_log(NOON + 1, Limits(lateness_ms=LATENESS, skew_ms=SKEW))
    assert start.publish_from_ms == NOON + SKEW + MINUTE_MS
    assert start.from_ms is None
