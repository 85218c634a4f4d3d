"""The filter of a cell's own risk and the weights of components: their laws, case by case."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from geo.risk.filtering import (
    LocalFactors,
    blended,
    log_predictive,
    new_factors,
    next_factors,
    prior_strength,
    restated,
)
from geo.risk.mixture import MixtureSettings, next_pseudo_cases, weights_of


def test_mixed_evidence_lies_between_that_of_two_filters():
    one = LocalFactors(np.array([2.0, 9.0]), np.array([4.0, 3.0]), 2.0)
    other = LocalFactors(np.array([6.0, 5.0]), np.array([2.0, 5.0]), 1.0)
    assert blended(one, other, 0.0).shape.tolist() == one.shape.tolist()
    assert blended(one, other, 1.0).rate.tolist() == other.rate.tolist()
    half = blended(one, other, 0.5)
    assert half.anchor == 1.5
    assert half.mean() == pytest.approx([8 / 6, 14 / 8])


def test_a_late_case_restated_equals_having_been_there():
    #  day 0   1   2   3
    #      |   x   |   |     x: the case that came late
    on_time = late = new_factors(1)
    for t in range(4):
        on_time = next_factors(on_time, [2.0 if t == 1 else 0.0], [0.5], strength=2.0)
        late = next_factors(late, [1.0 if t == 1 else 0.0], [0.5], strength=2.0)
    mended = restated(late, [1.0], [0.0], days_ago=2)
    assert mended.shape == pytest.approx(on_time.shape)
    assert mended.rate == pytest.approx(on_time.rate)


def test_a_case_that_goes_back_and_forth_leaves_no_trace():
    factors = next_factors(new_factors(1), [3.0], [1.0], strength=2.0)
    there = restated(factors, [1.0], [0.0], days_ago=3)
    back = restated(there, [-1.0], [0.0], days_ago=3)
    assert back.shape == pytest.approx(factors.shape)


def test_a_case_of_forty_days_ago_hardly_counts_and_one_from_the_future_counts_as_today():
    factors = new_factors(1)
    assert restated(factors, [1.0], [0.0], days_ago=40).shape[0] == pytest.approx(
        2 + np.exp(-40 / 14)
    )
    assert restated(factors, [1.0], [0.0], days_ago=-3).shape[0] == 3.0


def test_more_retractions_than_cases_cannot_go_below_the_prior():
    factors = next_factors(new_factors(2), [1.0, -5.0], [0.1, 0.1], strength=2.0)
    assert factors.shape.tolist() == [3.0, 2.0]
    assert restated(factors, [-9.0, np.nan], [0.0, 0.0], days_ago=1).shape.tolist() == [2.0, 2.0]


@given(st.floats(0.1, 30), st.floats(0.1, 30), st.floats(0.01, 10), st.integers(0, 20))
def test_the_predictive_is_scipys_negative_binomial(a, b, mean, y):
    found = log_predictive(LocalFactors(np.array([a]), np.array([b]), a), [y], [mean])
    assert found[0] == pytest.approx(nbinom.logpmf(y, a, b / (b + mean)), rel=1e-7, abs=1e-9)


def test_cases_in_bursts_of_two_say_what_half_as_many_alone_say():
    bursts = next_factors(new_factors(1), [4.0], [1.0], strength=2.0, overdispersion=2.0)
    alone = next_factors(new_factors(1), [2.0], [0.5], strength=2.0)
    assert bursts.shape == pytest.approx(alone.shape)
    assert bursts.rate == pytest.approx(alone.rate)
    late = restated(new_factors(1), [4.0], [0.0], days_ago=0, overdispersion=2.0)
    assert late.shape[0] == 4.0


def test_bursts_are_not_taken_for_differences_between_cells():
    rng = np.random.default_rng(10)
    cases = rng.negative_binomial(3.0, 0.5, 20_000)  # variance 2 x mean in every cell alike
    expected = np.full(20_000, 3.0)
    assert prior_strength(cases, expected) < 5
    assert prior_strength(cases, expected, overdispersion=2.0) > 20


def test_cases_shift_weights_to_the_component_that_foresaw_them():
    settings = MixtureSettings((0.5, 0.5), 50.0)
    components = np.array([[1.0, 4.0], [1.0, 0.25]])
    there = next_pseudo_cases(settings.prior(), components, np.array([30.0, 0.0]), settings)
    elsewhere = next_pseudo_cases(settings.prior(), components, np.array([0.0, 30.0]), settings)
    assert weights_of(there)[1] > 0.5 > weights_of(elsewhere)[1]
    assert there.sum() == pytest.approx(80)
