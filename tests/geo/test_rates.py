"""Rates: published numbers, laws of shrinkage, and rows that cannot be used."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from geo import rates
from geo.density import smoothed_ratio
from geo.errors import ShapeError
from tests.oracles import statistics as oracle
from tests.reference import HERE, column, elsewhere, gal, table

SIDS = HERE / "pysal" / "sids2.csv"
STL = HERE / "pysal" / "stl_hom.csv"


def sids() -> tuple[np.ndarray, np.ndarray]:
    return column(SIDS, "SID74"), column(SIDS, "BIR74")


def with_self(weights: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(weights + sparse.eye_array(weights.shape[0]))


def test_auckland_prior_is_the_one_spdep_prints():
    # r-spatial/spdep, documentation of EBest
    file = elsewhere("03_eb_rates_spdep/auckland.csv")
    deaths, children = column(file, "Deaths.1977.85"), 9 * column(file, "Under.5.1981")
    prior = rates.marshall_prior(deaths, children)
    assert prior.variance == pytest.approx(7.284173e-07, rel=1e-6)
    assert prior.mean == pytest.approx(0.002633436, rel=1e-6)


def test_sids_excess_risk_is_the_one_pysal_tests():
    # pysal/esda tests/test_smoothing.py
    expected = [0.453433, 0.0, 0.775871, 0.973810, 3.133190]
    assert rates.excess_risk(*sids())[:5] == pytest.approx(expected, rel=1e-6)


def test_sids_empirical_bayes_rates_are_the_ones_pysal_tests():
    # pysal/esda tests/test_smoothing.py
    expected = [0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349]
    assert rates.shrunk_rates(*sids())[:5] == pytest.approx(expected, abs=5e-8)


def test_sids_spatial_rates_are_the_ones_pysal_tests():
    # pysal/esda tests/test_smoothing.py: each county with its neighbours
    weights = with_self(gal(HERE / "pysal" / "sids2.gal", list(table(SIDS)["FIPSNO"])))
    expected = [0.0009922, 0.0012639, 0.0009740, 0.0007605, 0.0050154]
    assert smoothed_ratio(*sids(), weights)[:5] == pytest.approx(expected, abs=5e-8)


def test_st_louis_local_rates_are_the_ones_pysal_tests():
    # pysal/esda tests/test_smoothing.py: Spatial_Empirical_Bayes
    weights = gal(HERE / "pysal" / "stl.gal", [str(i) for i in range(1, 79)])
    found = rates.locally_shrunk_rates(
        column(STL, "HC7984"), column(STL, "PO7984"), with_self(weights)
    )
    expected = [4.01485749e-05, 3.62437513e-05, 4.93034844e-05, 5.09387329e-05]
    assert found[:4] == pytest.approx(expected, rel=1e-8)


def test_huddersfield_proportions_follow_the_slow_binomial_version():
    file = elsewhere("03_eb_rates_spdep/huddersfield.csv")
    cases, total = column(file, "cases"), column(file, "total")
    slow = oracle.binomial_shrinkage(cases.tolist(), total.tolist())
    assert rates.shrunk_proportions(cases, total) == pytest.approx(slow, rel=1e-10)


columns = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5000)), min_size=2, max_size=30)


@given(columns)
def test_a_shrunk_rate_lies_between_crude_rate_and_mean(rows):
    cases, people = np.array(rows, dtype=float).T
    crude, shrunk = rates.crude_rates(cases, people), rates.shrunk_rates(cases, people)
    mean = cases.sum() / people.sum()
    assert np.all(shrunk >= np.minimum(crude, mean) - 1e-12)
    assert np.all(shrunk <= np.maximum(crude, mean) + 1e-12)


@given(columns)
def test_expected_cases_add_up_to_the_cases(rows):
    cases, people = np.array(rows, dtype=float).T
    assert rates.expected_cases(cases, people).sum() == pytest.approx(cases.sum())


@given(columns)
def test_local_rates_equal_the_slow_version(rows):
    cases, people = np.array(rows, dtype=float).T
    n = len(cases)
    near = [{i, (i + 1) % n, (i * 7) % n} for i in range(n)]
    weights = np.zeros((n, n))
    for i, members in enumerate(near):
        weights[i, list(members)] = 1.0
    found = rates.locally_shrunk_rates(cases, people, sparse.csr_array(weights))
    assert found == pytest.approx(oracle.local_shrinkage(rows, near), rel=1e-6, abs=1e-9)


def test_rates_that_vary_less_than_chance_are_all_shrunk_to_the_mean():
    # esda's Empirical_Bayes gives -0.004 and 0.024 here, for it does not clip its variance
    found = rates.shrunk_rates([10, 11, 9], [1000, 1000, 1000])
    assert found == pytest.approx([0.01, 0.01, 0.01])


@pytest.mark.parametrize(
    "estimate", [rates.shrunk_rates, rates.shrunk_proportions, rates.standardised_rates]
)
def test_a_row_that_cannot_be_used_moves_no_other_row(estimate):
    cases, people = [3, 8, 1, 12], [500, 400, 300, 600]
    bad_cases = [*cases, 1, 1, np.nan, -2]
    bad_people = [*people, 0, np.nan, 100, 100]
    found = estimate(bad_cases, bad_people)
    assert found[:4] == pytest.approx(estimate(cases, people))
    assert np.isnan(found[4:]).all()


@pytest.mark.parametrize(
    "estimate", [rates.shrunk_rates, rates.shrunk_proportions, rates.standardised_rates]
)
def test_no_cases_anywhere_is_a_rate_of_zero(estimate):
    assert estimate([0, 0, 0], [100, 200, 300]) == pytest.approx([0, 0, 0])


@pytest.mark.parametrize(
    "estimate", [rates.shrunk_rates, rates.shrunk_proportions, rates.standardised_rates]
)
def test_columns_without_one_usable_row_give_nan(estimate):
    assert np.isnan(estimate([np.nan, 1.0], [100, 0])).all()
    assert len(estimate([], [])) == 0


def test_one_area_alone_keeps_its_crude_rate():
    assert rates.shrunk_rates([5], [100]) == pytest.approx([0.05])


def test_an_island_keeps_its_crude_rate_and_an_unusable_neighbour_is_left_out():
    weights = sparse.csr_array(np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]))
    found = rates.locally_shrunk_rates([4, np.nan, 5], [100, 100, 200], weights)
    assert found[[0, 2]] == pytest.approx([0.04, 0.025])
    assert np.isnan(found[1])


def test_age_standardised_expectation_weighs_each_stratum_by_its_rate():
    assert rates.standardised_expected([[100, 50], [0, 10]], [0.01, 0.1]) == pytest.approx([6, 1])


def test_columns_of_different_length_are_refused():
    with pytest.raises(ShapeError, match="cases has 2, people has 1"):
        rates.crude_rates([1, 2], [10])
