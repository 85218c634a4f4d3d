"""Density: windows as sums of slices, decay that composes, smoothing that keeps its edges."""

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from geo import density
from geo.disks import gaussian_rings, grid_disks
from geo.errors import ParameterError

CELLS = np.array(h3.grid_disk(h3.latlng_to_cell(39.9, 116.4, 8), 5), dtype=np.uint64)
KERNEL = grid_disks(CELLS, 3).weights(gaussian_rings(1.0, 3))
slices = st.lists(st.lists(st.integers(0, 9), min_size=8, max_size=8), min_size=1, max_size=4)


@given(slices, st.integers(1, 10))
def test_a_window_is_the_sum_of_its_slices(counts, width):
    # slices   0  1  2  3  4
    # width 3     [--------)
    found = density.rolling_sums(np.array(counts), width)
    for i, row in enumerate(counts):
        for j in range(8):
            assert found[i, j] == sum(row[max(0, j - width + 1) : j + 1])


def test_a_negative_correction_of_a_slice_is_just_a_smaller_sum():
    assert density.rolling_sums(np.array([[5, -2, 1]]), 2).tolist() == [[5, 3, -1]]


@given(st.floats(0, 1e4), st.floats(0, 300), st.floats(0, 300))
def test_decay_in_two_steps_is_decay_in_one(count, first, second):
    two = density.decayed_counts(
        density.decayed_counts([count], [first], [0], 30), [second], [0], 30
    )
    assert two == pytest.approx(
        density.decayed_counts([count], [first + second], [0], 30), abs=1e-9
    )


def test_a_steady_stream_is_read_right_from_its_first_minute():
    decayed = np.zeros(1)
    for minute in range(1, 200):
        for _ in range(10):  # 4 events a minute, one every tenth of it
            decayed = density.decayed_counts(decayed, [0.1], [0.4], 30)
        assert density.exponential_rates(decayed, [minute], 30)[0] == pytest.approx(4, rel=0.01)


def test_a_clock_that_jumps_back_does_not_make_counts_grow():
    assert density.decayed_counts([10.0], [-60.0], [0.0], 30.0) == pytest.approx([10.0])


def test_a_rate_before_counting_began_is_unknown():
    assert np.isnan(density.exponential_rates([0.0], [0.0], 30.0)).all()


def test_density_takes_each_cells_own_area():
    area = np.array([h3.cell_area(int(c), "km^2") for c in CELLS])
    assert density.density_per_km2(area * 7, area) == pytest.approx(np.full(len(area), 7.0))


def test_density_without_area_or_with_a_negative_count_is_unknown():
    assert np.isnan(density.density_per_km2([1, -1, np.nan, 1], [0, 1, 1, np.nan])).all()


def test_a_rate_is_shown_only_where_fifty_people_live():
    found = density.rate_per_1000([5, 5, 5], [49, 50, 0])
    assert found[1] == pytest.approx(100)
    assert np.isnan(found[[0, 2]]).all()


def test_a_flat_density_stays_flat_up_to_the_edge():
    area = np.linspace(0.05, 0.11, len(CELLS))
    assert density.smoothed_ratio(3 * area, area, KERNEL) == pytest.approx(np.full(len(area), 3.0))


def test_smoothing_equals_the_double_loop():
    rng = np.random.default_rng(4)
    persons, area = rng.poisson(3, len(CELLS)).astype(float), rng.uniform(0.5, 1, len(CELLS))
    persons[3] = np.nan
    for i in range(0, len(CELLS), 7):
        above = below = 0.0
        for j, other in enumerate(CELLS):
            d = h3.grid_distance(int(CELLS[i]), int(other))
            if d <= 3 and j != 3:
                above += np.exp(-(d**2) / 2) * persons[j]
                below += np.exp(-(d**2) / 2) * area[j]
        assert density.smoothed_ratio(persons, area, KERNEL)[i] == pytest.approx(above / below)


def test_a_city_without_one_usable_cell_has_no_density():
    nothing = np.full(len(CELLS), np.nan)
    assert np.isnan(density.smoothed_ratio(nothing, np.ones(len(CELLS)), KERNEL)).all()


@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_at_the_ends_of_the_interval_the_count_has_five_percent_left(count):
    lower, upper = density.poisson_interval([count])
    assert poisson.cdf(count, upper[0]) == pytest.approx(0.05)
    assert poisson.sf(count - 1, lower[0]) == pytest.approx(0.05 if count else 1.0)


def test_an_unknown_count_has_an_unknown_interval():
    assert np.isnan(density.poisson_interval([np.nan, -1])).all()


def test_crowding_counts_the_others_each_person_meets():
    # 3 persons meet 2 others each, 1 meets nobody: (3 * 2 + 1 * 0) / 4
    found = density.mean_crowding([[3, 1, 0], [0, 0, 0], [np.nan, 2, np.nan]])
    assert found[[0, 2]] == pytest.approx([1.5, 1.0])
    assert np.isnan(found[1])


def test_a_pane_that_is_no_count_is_left_out_of_crowding():
    assert density.mean_crowding([[3, np.inf, -2, np.nan, 1]]) == pytest.approx([1.5])
    assert np.isnan(density.mean_crowding([[np.inf, -1]])).all()


def test_bands_place_a_value_among_its_own_hours():
    history = np.tile(np.arange(1.0, 101.0), (6, 1))
    history[5] = np.nan
    bands = density.crowding_bands([50, 60, 80, 95, 99, 50], history)
    assert bands.tolist() == [0, 1, 2, 3, 4, -1]


def test_small_counts_are_marked_and_zero_is_not():
    assert density.is_too_few([0, 1, 4, 5, np.nan]).tolist() == [False, True, True, False, False]


def test_impossible_parameters_are_refused():
    with pytest.raises(ParameterError, match="width is 0"):
        density.rolling_sums(np.zeros((1, 3), dtype=np.int64), 0)
    with pytest.raises(ParameterError, match="tau_min"):
        density.decayed_counts([1], [1], [1], 0)
