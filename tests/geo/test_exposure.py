"""Presence tracing: the Corona-Warn-App's own cases, joins by brute force, and odd stays."""

import json
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import exposure as ex
from geo import presence
from geo.errors import ParameterError
from tests.reference import HERE

FOLDER = HERE / "corona_warn_app"
MINUTE = 60_000


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_warnings_are_derived_like_the_apps():
    # corona-warn-app/cwa-app-ios at 02c629b: ten scenarios
    cases = json.loads((FOLDER / "checkin-timeinterval-derivation.json").read_text())["testCases"]
    assert len(cases) == 10
    found = presence.warnings_of(
        [ms(c["startDate"]) for c in cases], [ms(c["endDate"]) for c in cases]
    )
    for row, case in enumerate(cases):
        assert found.kept[row] == (case["expStartDate"] is not None)
        if case["expStartDate"]:
            assert found.start_ms[row] == ms(case["expStartDate"]), case["description"]
            assert found.end_ms[row] == ms(case["expEndDate"]), case["description"]


def test_overlaps_are_the_apps():
    # corona-warn-app/cwa-app-ios TraceWarningMatcherTests: thirteen scenarios
    cases = json.loads((FOLDER / "checkin-overlap-cases.json").read_text())["cases"]
    assert len(cases) == 13
    columns = [[ms(c[who][end]) for c in cases] for who in ("checkin", "warning") for end in (0, 1)]
    minutes = presence.overlap_minutes(*columns)
    assert minutes.tolist() == [c["expect_overlap_minutes"] for c in cases]


@pytest.mark.parametrize(
    ("minutes", "checkin", "day"), [(10, 1, 0), (20, 2, 0), (30, 2, 1), (60, 2, 2)]
)
def test_risk_of_a_checkin_and_a_day_is_the_apps(minutes, checkin, day):
    # CheckinRiskCalculationTests, its mocked settings: a check-in is low from 5 and high above
    # 15 minutes, a day low from 30 and high above 50, infectiousness 1
    just_below, just_above = -1e-9, 1e-9
    weighed = ex.normalised_minutes([minutes], [1.0], [1.0], [1.0])
    assert ex.exposure_levels(weighed, 5 + just_below, 15 + just_above)[0] == checkin
    assert ex.exposure_levels(weighed, 30 + just_below, 50 + just_above)[0] == day


def test_levels_follow_the_days_around_onset():
    # RKI's vector in cwa-app-ios SymptomsOnset
    days = list(range(-7, 10))
    assert ex.levels_by_onset(days).tolist() == [
        1, 1, 2, 4, 6, 7, 8, 8, 8, 6, 5, 3, 2, 2, 1, 1, 1,
    ]  # fmt: skip
    assert ex.levels_by_test([0, 2, 9, 30, -1], has_symptoms=True).tolist() == [5, 8, 1, 1, 5]
    assert ex.levels_by_test([0, 3, 4, 30], has_symptoms=False).tolist() == [4, 2, 1, 1]
    assert ex.infectiousness([1, 2, 3, 8, 99]).tolist() == [0, 0, 0.6, 1.6, 1.6]


stays = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 60)), max_size=12)


@given(stays, stays)
def test_pairs_equal_the_double_loop(visits, warnings):
    slow = []
    for i, (p, a, b) in enumerate(visits):
        for j, (q, c, d) in enumerate(warnings):
            shared = min(b, d) - max(a, c)
            if p == q and shared > 0:
                slow.append((i, j, float(shared)))
    v, w = (np.array(rows, dtype=np.int64).reshape(-1, 3).T for rows in (visits, warnings))
    found = presence.overlaps(
        v[0], (v[1] * MINUTE, v[2] * MINUTE), w[0], (w[1] * MINUTE, w[2] * MINUTE)
    )
    pairs = zip(found.visit.tolist(), found.warning.tolist(), found.minutes.tolist(), strict=True)
    assert sorted(pairs) == sorted(slow)


@given(st.integers(0, 10**7), st.integers(0, 300))
def test_a_warning_is_on_the_grid_and_about_as_long_as_the_stay_and_its_tail(start, minutes):
    start_ms, stay = start * 1000, minutes * MINUTE
    found = presence.warnings_of([start_ms], [start_ms + stay])
    length = int(found.end_ms[0] - found.start_ms[0])
    assert found.start_ms[0] % presence.SNAP_MS == 0
    assert length % presence.SNAP_MS == 0
    assert abs(length - stay - min(stay, 30 * MINUTE)) <= 5 * MINUTE
    assert abs(int(found.start_ms[0]) - start_ms) < presence.SNAP_MS


def test_a_stay_that_ends_before_it_starts_warns_nobody():
    assert not presence.warnings_of([50 * MINUTE], [10 * MINUTE]).kept[0]
    assert presence.overlap_minutes([50 * MINUTE], [10 * MINUTE], [0], [99 * MINUTE])[0] == 0


def test_visits_without_an_end_stay_as_long_as_others_there_do():
    end, imputed = presence.fill_open_visits(
        [0, 0, 0, 1], [0, 0, 100, 0], [10 * MINUTE, 30 * MINUTE, -1, -1]
    )
    assert end.tolist() == [10 * MINUTE, 30 * MINUTE, 100 + 20 * MINUTE, 30 * MINUTE]
    assert imputed.tolist() == [False, False, True, True]


def test_a_crowded_place_is_sampled_and_its_sum_stays_right():
    place = np.array([0] * 900 + [1] * 10)
    minutes = np.random.default_rng(1).gamma(2.0, 10.0, 910)
    sums = []
    for seed in range(200):
        rows, weight = presence.sampled_visits(
            place, np.zeros(910), np.random.default_rng(seed), most=100
        )
        assert len(rows) == 110
        assert weight.sum() == pytest.approx(910)
        sums.append((minutes[rows] * weight).sum())
    assert np.mean(sums) == pytest.approx(minutes.sum(), rel=0.02)


def test_weights_of_place_crowd_and_case_multiply():
    found = ex.normalised_minutes(
        [30, 30, 30, 30, -5], [1, 1.6, 1, 1, 1], [1, 1, 0.2, 1, 1], [2, 2, 2, 50, np.nan]
    )
    assert found == pytest.approx([30, 48, 6, 3, 0])
    with pytest.raises(ParameterError, match="contacts"):
        ex.normalised_minutes([1], [1], [1], [1], contacts=0)


def test_exposure_of_people_adds_up_to_exposure_of_cells():
    rng = np.random.default_rng(2)
    minutes, person = rng.gamma(1.0, 10.0, 500), rng.integers(0, 60, 500)
    home = rng.integers(0, 7, 60)
    by_person = ex.totals(person, minutes, 60)
    assert ex.totals(home, by_person, 7).sum() == pytest.approx(minutes.sum())
    assert ex.totals(home[person], minutes, 7) == pytest.approx(ex.totals(home, by_person, 7))


def test_withdrawing_a_case_takes_exactly_its_own_minutes_away():
    minutes, person = np.array([5.0, 7.0, 11.0]), np.array([0, 0, 1])
    of_case = np.array([3, 4, 3])
    without = ex.totals(person[of_case != 3], minutes[of_case != 3], 2)
    taken = ex.totals(person[of_case == 3], minutes[of_case == 3], 2)
    assert ex.totals(person, minutes, 2) - taken == pytest.approx(without)


def test_households_and_old_days_are_left_out():
    visitor, case = np.array([7, 0, 8], dtype=np.uint64), np.array([7, 0, 9], dtype=np.uint64)
    assert ex.is_household(visitor, case).tolist() == [True, False, False]
    assert ex.is_recent([89, 90, 100, 101], today=100).tolist() == [False, True, True, False]


def test_ten_normalised_minutes_are_high_and_none_are_none():
    assert ex.exposure_levels([0, 0.1, 9.99, 10, np.nan]).tolist() == [0, 1, 1, 2, 0]
    with pytest.raises(ParameterError, match="low and high"):
        ex.exposure_levels([1.0], 5.0, 5.0)


def test_radio_contacts_are_weighed_by_their_bucket():
    # Corona-Warn-App's buckets
    found = ex.contact_minutes(
        [60, 60, 60, 600, 60], [62, 63, 72.9, 73, 90], [63, 73, 79], [0.8, 1, 0.1, 0]
    )
    assert found == pytest.approx([0.8, 1.0, 1.0, 1.0, 0.0])


def test_half_the_people_fall_ill_at_the_dose_of_one_half():
    # CAiMIRA: ID50 of 50 virions; infectivity of omicron 0.2
    assert ex.infection_probability([50.0])[0] == pytest.approx(0.5)
    assert ex.infection_probability([10.0], infectivity=0.2)[0] == pytest.approx(0.5)
    assert ex.infection_probability([100.0], immunity=0.5)[0] == pytest.approx(0.5)
    assert ex.infection_probability([0.0])[0] == 0


def test_fresh_air_dilutes_and_unknown_air_says_nothing():
    found = ex.wells_riley([1, 1, 1], 20.0, [1, 1, 1], [50, 500, 0])
    assert found[0] == pytest.approx(1 - np.exp(-0.2))
    assert found[1] < found[0]
    assert np.isnan(found[2])
