"""Occupancy: which in belongs to which out, and what keeps drift in bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo import occupancy as occ

HOUR = 3_600_000
readings = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 40), st.booleans()), max_size=40
)


def stays_of(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    person = columns[:, 0].astype(np.uint64)
    return occ.match_stays(person, columns[:, 1], columns[:, 2] * HOUR, columns[:, 3] == 1)


def test_an_in_is_matched_with_the_next_out_of_the_same_person_and_place():
    # person 7   in 8h [-------------------) out 17h
    # person 9        in 9h [--- no out ---
    stays = stays_of([(7, 0, 8, 1), (9, 0, 9, 1), (7, 0, 17, 0), (7, 1, 12, 0)])
    assert stays.end_ms.tolist() == [17 * HOUR, 25 * HOUR]
    assert stays.matched.tolist() == [True, False]
    assert occ.match_rates(stays, 2)[0] == 0.5
    assert np.isnan(occ.match_rates(stays, 2)[1])


def test_an_out_too_long_after_the_in_is_not_its_out():
    stays = stays_of([(1, 0, 0, 1), (1, 0, 17, 0)])
    assert stays.matched.tolist() == [False]
    assert stays.end_ms.tolist() == [16 * HOUR]


def test_a_second_in_ends_the_first_stay():
    stays = stays_of([(1, 0, 0, 1), (1, 0, 5, 1), (1, 0, 9, 0)])
    assert stays.end_ms.tolist() == [5 * HOUR, 9 * HOUR]
    assert stays.matched.tolist() == [False, True]


def test_the_end_of_a_stay_is_not_part_of_it():
    stays = stays_of([(1, 0, 1, 1), (1, 0, 2, 0)])
    assert [occ.occupancy_at(stays, t * HOUR, 1)[0] for t in (0, 1, 2)] == [0, 1, 0]


@given(readings)
def test_stays_equal_the_story_told_reading_by_reading(rows):
    expected = []
    for person, place in sorted({(p, c) for p, c, _, _ in rows}):
        own = sorted((t, i) for p, c, t, i in rows if (p, c) == (person, place))
        for k, (t, entering) in enumerate(own):
            if not entering:
                continue
            later = own[k + 1] if k + 1 < len(own) else None
            matched = later is not None and not later[1] and later[0] <= t + 16
            end = min(later[0], t + 16) if later else t + 16
            expected.append((place, t * HOUR, end * HOUR, matched))
    stays = stays_of(rows)
    found = zip(stays.place, stays.start_ms, stays.end_ms, stays.matched, strict=True)
    assert sorted(found) == sorted(expected)


@given(st.randoms(use_true_random=False), readings)
def test_the_order_of_reading_changes_nothing(random, rows):
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, two = stays_of(rows), stays_of(shuffled)
    assert sorted(zip(one.place, one.start_ms, one.end_ms, strict=True)) == sorted(
        zip(two.place, two.start_ms, two.end_ms, strict=True)
    )


def test_more_outs_than_ins_leave_nobody_rather_than_minus_people():
    assert occ.net_occupancy([3, 0], [1, 0], [9, 2]).tolist() == [0, 0]


def test_a_constant_drift_stays_bounded_by_twice_a_day_of_it():
    level = np.array([100.0])
    for _ in range(60):
        level = occ.nightly_reset(occ.net_occupancy(level, [5], [0]), [100])
    assert level[0] < 100 + 2 * 5


def test_occupancy_is_hidden_where_too_few_outs_were_seen():
    shown = occ.shown_occupancy([10, 10, 10], [0.79, 0.8, np.nan])
    assert np.isnan(shown[[0, 2]]).all()
    assert shown[1] == 10


def test_gates_that_see_one_direction_are_out_of_balance_and_small_counts_are_not_judged():
    found = occ.balance([100, 100, 9, 0, np.nan, 3], [70, 95, 3, 0, 4, -1])
    assert found[:4].tolist() == [0.7, 1.0, 1.0, 1.0]
    assert np.isnan(found[4:]).all()


def test_streams_that_are_equal_are_seldom_called_out_of_balance():
    rng = np.random.default_rng(7)
    for mean in (3, 30, 300):
        found = occ.balance(rng.poisson(mean, 20_000), rng.poisson(mean, 20_000))
        assert (found < 0.8).mean() <= 0.05
