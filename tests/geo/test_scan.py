"""Scans: slow versions, laws, null calibration, and what cannot be used."""

import math

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import gumbel_r, kstest

from geo import scan, scan_null
from geo.errors import ParameterError
from geo.zones import circle_zones, disk_zones, plane_distances, sphere_distances_km, windows

CELLS = np.array(h3.grid_disk(h3.latlng_to_cell(30.55, 114.3, 8), 8), dtype=np.uint64)
ZONES = disk_zones(CELLS, 3)
N = len(CELLS)


def test_disks_hold_the_cells_within_their_rings():
    for k in range(4):
        for row in (0, 30, N - 1):
            members = set(CELLS[ZONES[[k * N + row]].indices].tolist())
            assert members == set(h3.grid_disk(int(CELLS[row]), k)) & set(CELLS.tolist())


def test_windows_end_today_and_equal_the_loops():
    #  days      0  1  2  3
    #  1 day              [)
    #  3 days       [------)
    daily = np.random.default_rng(1).poisson(1.0, (N, 4)).astype(float)
    daily[0, 3] = np.nan
    found = windows(daily, ZONES, 3)
    for zone in (0, 50, 2 * N + 7):
        members = ZONES[[zone]].indices
        for length in (1, 2, 3):
            total = sum(
                np.nan_to_num(daily[i, 4 - d]) for i in members for d in range(1, length + 1)
            )
            assert found[zone, length - 1] == total


def test_circles_grow_place_by_place_and_stop_at_their_limits():
    away = plane_distances([0.0, 1, 3, 7], [0.0, 0, 0, 0])
    sets = {tuple(z.indices.tolist()) for z in rows(circle_zones(away))}
    assert sets == {
        (0,),
        (1,),
        (2,),
        (3,),
        (0, 1),
        (0, 1, 2),
        (1, 2),
        (2, 3),
        (1, 2, 3),
        (0, 1, 2, 3),
    }
    assert max(z.indices.size for z in rows(circle_zones(away, radius=2.5))) == 3
    assert circle_zones(away, most_places=1).shape[0] == 4
    half = circle_zones(away, people=[1, 1, 1, 1], most_people=0.5)
    assert max(z.indices.size for z in rows(half)) == 2
    assert circle_zones(np.zeros((0, 0))).shape == (0, 0)


def rows(zones: sparse.csr_array) -> list[sparse.csr_array]:
    return [zones[[i]] for i in range(zones.shape[0])]


def test_distances_on_the_sphere_are_known_ones():
    # Paris to London 343.6 km; a degree of latitude 111.19 km
    away = sphere_distances_km([48.8566, 51.5074, 49.8566], [2.3522, -0.1278, 2.3522])
    assert away[0, 1] == pytest.approx(343.6, abs=0.3)
    assert away[0, 2] == pytest.approx(111.19, abs=0.01)
    assert np.array_equal(away, away.T)


cases_and_expected = st.tuples(st.integers(0, 60), st.floats(0.01, 60))


@given(cases_and_expected)
def test_the_expectation_ratio_is_two_poisson_likelihoods(pair):
    c, b = pair
    rate = max(1.0, c / b)
    gain = (c * math.log(rate * b) - rate * b) - (c * math.log(b) - b)
    assert scan.expectation_llr([c], [b])[0] == pytest.approx(gain, abs=1e-9)


@given(st.integers(0, 40), st.integers(1, 60), st.integers(0, 40), st.integers(1, 60))
def test_the_bernoulli_ratio_is_three_binomial_likelihoods(c, n, rest_c, rest_n):
    c, rest_c = min(c, n), min(rest_c, rest_n)

    def log_likelihood(hits: int, tries: int) -> float:
        return sum(k * math.log(k / tries) for k in (hits, tries - hits) if k)

    gain = log_likelihood(c, n) + log_likelihood(rest_c, rest_n)
    gain -= log_likelihood(c + rest_c, n + rest_n)
    expected = gain if c / n > rest_c / rest_n else 0.0
    found = scan.bernoulli_llr([c], [n], c + rest_c, n + rest_n)[0]
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_bernoulli_ratio_has_satscans_value_for_north_humberside():
    # SaTScan's sample of 62 leukaemia cases and 141 controls: its clusters of 4 cases, no control
    assert scan.bernoulli_llr([4.0], [4.0], 62, 203)[0] == pytest.approx(4.836516, abs=1e-6)


@pytest.mark.parametrize(
    "llr",
    [
        lambda: scan.expectation_llr([0, 0, 5], [0, 3, 0]),
        lambda: scan.poisson_llr([0, 3, 5], [0, 9, 9], 9),
        lambda: scan.poisson_llr([0.0], [0.0], 0.0),
        lambda: scan.bernoulli_llr([5, 0, 3], [0, 4, 2], 5, 10),
        lambda: scan.bernoulli_llr([0.0], [0.0], 0.0, 0.0),
    ],
)
def test_no_expectation_no_excess_or_no_outside_is_no_cluster(llr):
    assert llr().tolist() == [0.0] * len(llr())


def test_permutation_expects_the_product_of_the_margins():
    daily = np.array([[1.0, 2, 0], [0, 1, 3]])
    zones = sparse.csr_array(np.eye(2))
    found = scan.permutation_expected(daily, zones, 2)
    assert found == pytest.approx(np.array([[3 * 3, 3 * 6], [4 * 3, 4 * 6]]) / 7)
    assert scan.permutation_expected(0 * daily, zones, 2).tolist() == [[0, 0], [0, 0]]


def test_clusters_share_no_cell_and_fall_in_order():
    rng = np.random.default_rng(2)
    daily = rng.poisson(0.3, (N, 5)).astype(float)
    daily[40:44] += 6
    seen, due = windows(daily, ZONES, 5), windows(np.full((N, 5), 0.3), ZONES, 5)
    found = scan.clusters(scan.expectation_llr(seen, due), seen, due, ZONES, most=6)
    taken = np.concatenate([ZONES[[int(z)]].indices for z in found.zone])
    assert len(set(taken.tolist())) == len(taken)
    assert (np.diff(found.llr) <= 0).all()
    assert set(range(40, 44)) & set(ZONES[[int(found.zone[0])]].indices.tolist())


def test_a_single_case_is_no_cluster_and_a_quiet_city_has_none():
    daily = np.zeros((N, 3))
    daily[5, 2] = 1
    seen, due = windows(daily, ZONES, 3), windows(np.full((N, 3), 1e-4), ZONES, 3)
    llr = scan.expectation_llr(seen, due)
    assert len(scan.clusters(llr, seen, due, ZONES).zone) == 0
    assert len(scan.clusters(llr, seen, due, ZONES, fewest_cases=1).zone) == 1


def test_a_baseline_adds_up_to_the_city_and_knows_weekdays_by_half():
    #  four weeks of   M  T  W  T  F  S  S      the next days: M T ...
    week = [10.0, 10, 10, 10, 10, 10, 24]
    found = scan.trailing_baseline(week * 4, [3.0, 1.0, np.nan, 0.0], 14)
    mean = 84 / 7
    assert found.sum(axis=1) == pytest.approx([0.75 * 14 * mean, 0.25 * 14 * mean, 0, 0])
    assert found[:, 6].sum() == pytest.approx((mean + 24) / 2)
    assert found[:, 7].sum() == pytest.approx(found[:, 0].sum())


def test_a_day_of_a_negative_count_is_as_if_it_were_missing():
    days = np.random.default_rng(1).poisson(20, 28).astype(float)
    fallen, missing = days.copy(), days.copy()
    fallen[[3, 17]], missing[[3, 17]] = -40, np.nan
    people = np.array([100.0, 300.0])
    wanted = scan.trailing_baseline(missing, people, 7)
    assert scan.trailing_baseline(fallen, people, 7) == pytest.approx(wanted)
    assert not scan.trailing_baseline(np.full(28, -1.0), people, 7).any()


def test_a_baseline_of_nothing_expects_nothing_and_half_weeks_are_refused():
    assert not scan.trailing_baseline([np.nan] * 7, [1.0], 3).any()
    assert not scan.trailing_baseline([1.0] * 7, [0.0], 3).any()
    gap = scan.trailing_baseline([np.nan, 4, 4, 4, 4, 4, 4], [1.0], 7)
    assert gap == pytest.approx(np.full((1, 7), 4.0))
    with pytest.raises(ParameterError, match="city_daily is 8"):
        scan.trailing_baseline([1.0] * 8, [1.0], 3)


def test_the_power_table_is_the_printed_one():
    # 1 % threshold about 12.4 on 1,951 cells
    expected = scan.least_expected(12.4, [2, 3, 5, 10])
    assert expected == pytest.approx([32, 9.6, 3.1, 0.9], rel=0.05)
    assert scan.least_expected(12.4, [1.0, 0.5]).tolist() == [np.inf, np.inf]
    for risk, due in zip([2, 3, 5, 10], expected, strict=True):
        assert scan.expectation_llr([risk * due], [due])[0] == pytest.approx(12.4)


@pytest.mark.parametrize("dispersion", [1.0, 1.6])
def test_maxima_equal_those_of_counts_drawn_the_slow_way(dispersion):
    baseline = np.random.default_rng(3).gamma(1.0, 0.2, (N, 4))
    rng = np.random.default_rng(4)
    fast = scan_null.expectation_maxima(baseline, ZONES, dispersion, rng, draws=400)
    due, slow = windows(baseline, ZONES, 4), []
    for _ in range(400):
        if dispersion == 1:
            drawn = rng.poisson(baseline)
        else:
            drawn = rng.negative_binomial(baseline / (dispersion - 1), 1 / dispersion)
        slow.append(scan.expectation_llr(windows(drawn, ZONES, 4), due).max())
    assert kstest(fast, slow).pvalue > 0.01


def test_null_counts_have_the_mean_and_dispersion_asked_for():
    baseline = np.array([[0.5, 2.0], [0.0, 7.0]])
    drawn = scan_null._counts(baseline, 1.8, 40_000, np.random.default_rng(5))
    assert drawn.mean(axis=2) == pytest.approx(baseline, rel=0.03)
    ratio = drawn.var(axis=2)[baseline > 0] / baseline[baseline > 0]
    assert ratio == pytest.approx([1.8] * 3, rel=0.06)


@pytest.mark.parametrize("zones", [ZONES, ZONES[: N + 5], ZONES[:3]])
def test_maxima_do_not_depend_on_how_zones_are_added_up(zones):
    baseline = np.full((N, 3), 0.1)
    rng = np.random.default_rng(6)
    fast = scan_null.expectation_maxima(baseline, zones, 1.0, rng, draws=30)
    again = np.random.default_rng(6)
    drawn = scan_null._counts(baseline, 1.0, 30, again)
    due = windows(baseline, zones, 3)
    slow = [scan.expectation_llr(windows(drawn[:, :, r], zones, 3), due).max() for r in range(30)]
    assert fast == pytest.approx(slow, abs=1e-5)


@pytest.mark.parametrize("phi", [1.0, 1.5, 2.0])
def test_false_alarms_keep_to_the_nominal_rate_under_overdispersion(phi):
    # 800 quiet days with the dispersion estimated: 1 % nominal is 8, more than 17 one in 600
    rng = np.random.default_rng(7)
    baseline = rng.gamma(1.0, 0.15, N)

    def drawn(days: int) -> np.ndarray:
        mean = np.repeat(baseline[:, None], days, axis=1)
        return rng.poisson(mean) if phi == 1 else rng.negative_binomial(mean / (phi - 1), 1 / phi)

    past = drawn(56)
    estimated = scan_null.overdispersion(past, np.repeat(baseline[:, None], 56, axis=1))
    assert estimated == pytest.approx(phi, rel=0.1)
    due = np.repeat(baseline[:, None], 7, axis=1)
    maxima = scan_null.expectation_maxima(due, ZONES, estimated, rng)
    expected = windows(due, ZONES, 7)
    alarms = 0
    for _ in range(800):
        llr = scan.expectation_llr(windows(drawn(7), ZONES, 7), expected).max()
        alarms += scan_null.monte_carlo_p(llr, maxima) <= 0.01
    assert alarms <= 17


def test_gumbel_is_fitted_by_moments():
    drawn = gumbel_r.rvs(4.0, 1.3, size=50_000, random_state=8)
    law = scan_null.fit_gumbel(drawn)
    assert (law.location, law.scale) == pytest.approx((4.0, 1.3), rel=0.02)
    assert law.p([6.0]) == pytest.approx(gumbel_r(law.location, law.scale).sf([6.0]))


def test_p_is_the_rank_and_gumbel_only_where_ranks_run_out():
    maxima = gumbel_r.rvs(4.0, 1.0, size=999, random_state=9)
    assert scan_null.monte_carlo_p([maxima.max() + 1, maxima.min() - 1], maxima).tolist() == [
        0.001,
        1.0,
    ]
    found = scan_null.cluster_p([5.0, 30.0], maxima)
    assert found[0] == scan_null.monte_carlo_p([5.0], maxima)[0]
    assert found[1] < 1e-8


def test_recurrence_is_days_over_p():
    assert scan_null.recurrence_interval_days([0.01, 1.0]).tolist() == [100, 1]
    adjusted = scan_null.recurrence_interval_days([0.05], analyses=10)[0]
    assert adjusted == pytest.approx(1 / (1 - 0.95**0.1))
    assert scan_null.alarm_p() == pytest.approx(1 / 365)


def test_dispersion_is_never_below_that_of_poisson_counts():
    assert scan_null.overdispersion([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert scan_null.overdispersion([np.nan, 3.0], [1.0, 0.0]) == 1.0


def test_permutation_maxima_are_those_of_the_whole_map_dealt_out_the_slow_way():
    rng = np.random.default_rng(3)
    cell, day = rng.choice(rng.choice(N, 12), 60), rng.integers(0, 9, 60)
    found = scan_null.permutation_maxima(
        cell, day, (N, 9), ZONES, longest=4, rng=np.random.default_rng(5), draws=20
    )
    again = np.random.default_rng(5)
    for largest in found:
        table = np.zeros((N, 9))
        np.add.at(table, (cell, again.permutation(day)), 1.0)
        due = scan.permutation_expected(table, ZONES, 4)
        assert largest == scan.poisson_llr(windows(table, ZONES, 4), due, 60.0).max()


def test_days_without_any_expectation_have_maxima_of_zero():
    rng = np.random.default_rng(10)
    assert (
        scan_null.expectation_maxima(np.zeros((N, 2)), ZONES, 1.0, rng, draws=9).tolist()
        == [0.0] * 9
    )
    with pytest.raises(ParameterError, match=r"dispersion is 0\.5"):
        scan_null.expectation_maxima(np.zeros((N, 2)), ZONES, 0.5, rng)
    with pytest.raises(ParameterError, match="longest is 3"):
        windows(np.zeros((N, 2)), ZONES, 3)
