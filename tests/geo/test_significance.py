"""Significance: discoveries by the printed rule, permutation p-values by brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest
from statsmodels.stats.multitest import multipletests

from geo.errors import ColumnError, ParameterError
from geo.significance import discoveries, neighbour_draws
from tests.oracles import statistics as oracle

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(p_values)
def test_discoveries_are_those_of_statsmodels_and_of_the_step_up_rule(p):
    found = discoveries(p)
    reject, adjusted, _, _ = multipletests(p, 0.05, "fdr_bh")
    assert found.adjusted == pytest.approx(adjusted)
    assert found.discovered.tolist() == reject.tolist()
    assert found.discovered.tolist() == oracle.benjamini_hochberg(p, 0.05)


@given(p_values)
def test_bonferroni_finds_part_of_what_false_discovery_finds(p):
    found = discoveries(p)
    assert not (found.bonferroni & ~found.discovered).any()


@given(p_values)
def test_cells_that_were_not_tested_change_nothing(p):
    with_gaps = discoveries([*p, np.nan, np.nan])
    assert with_gaps.adjusted[: len(p)] == pytest.approx(discoveries(p).adjusted)
    assert not with_gaps.discovered[len(p) :].any()


def test_nothing_tested_finds_nothing():
    assert not discoveries([]).discovered.any()
    assert not discoveries([np.nan, np.nan]).discovered.any()


def test_permutation_p_tends_to_the_share_of_all_subsets():
    values = np.array([5.0, 1, 4, 2, 8, 3, 9])
    degree = np.array([2, 3, 2, 2, 0, 2, 2])
    observed = np.array([9.0, 12, 7, 11, 0, 12, 5])
    p = neighbour_draws(values, degree, observed, np.random.default_rng(1), 60_000)
    for i in range(7):
        rest = [v for j, v in enumerate(values) if j != i]
        sums = [sum(s) for s in itertools.combinations(rest, int(degree[i]))]
        if degree[i]:
            exact = np.mean([s >= observed[i] for s in sums])
            assert p[i] == pytest.approx(exact, abs=0.01)
    assert np.isnan(p[4])


def test_p_values_are_uniform_where_there_is_no_pattern():
    rng = np.random.default_rng(2)
    p = []
    for _ in range(300):
        values = rng.exponential(size=400)
        p.append(neighbour_draws(values, [6] * 400, [values[1:7].sum()] * 400, rng, 199)[0])
    assert kstest(p, "uniform").pvalue > 0.01


def test_a_cell_is_never_its_own_neighbour_in_a_draw():
    # The one large value can only be drawn as a neighbour by the others.
    values = np.array([1000.0, 0, 0, 0])
    p = neighbour_draws(values, [2] * 4, [1000.0] * 4, np.random.default_rng(3), 999)
    assert p[0] == 1 / 1000
    assert p[1:] == pytest.approx([2 / 3] * 3, abs=0.06)


def test_the_smallest_p_is_one_in_draws_plus_one():
    values = np.arange(50.0)
    p = neighbour_draws(values, [3] * 50, [1e9] * 50, np.random.default_rng(4), 99)
    assert p == pytest.approx([0.01] * 50)


def test_impossible_input_is_refused():
    rng = np.random.default_rng(5)
    with pytest.raises(ParameterError, match="draws is 5"):
        neighbour_draws([1.0, 2.0], [1, 1], [1.0, 1.0], rng, 5)
    with pytest.raises(ColumnError, match="degree has 2"):
        neighbour_draws([1.0, 2.0], [2, 1], [1.0, 1.0], rng)
    with pytest.raises(ParameterError, match="rate"):
        discoveries([0.5], 0.0)
    assert len(neighbour_draws([], [], [], rng)) == 0
