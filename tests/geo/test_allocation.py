"""Allocation: published optima, brute force, and what cannot be placed."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import shortest_path

from geo import allocation as al
from geo.errors import ColumnError, ParameterError
from tests.reference import elsewhere


def test_the_textbook_flow_costs_150():
    # Bradley, Hax & Magnanti, Applied Mathematical Programming, figure 8.1
    found = al.cheapest_flow(
        [0, 0, 1, 1, 1, 2, 2, 3, 4],
        [1, 2, 2, 3, 4, 3, 4, 4, 2],
        [15, 8, 20, 4, 10, 15, 4, 20, 5],
        [4, 4, 2, 2, 6, 1, 3, 2, 3],
        [20, 0, 0, -5, -15],
    )
    assert found.cost == 150
    balance = np.zeros(5)
    np.add.at(balance, [0, 0, 1, 1, 1, 2, 2, 3, 4], found.flow)
    np.subtract.at(balance, [1, 2, 2, 3, 4, 3, 4, 4, 2], found.flow)
    assert balance.tolist() == [20, 0, 0, -5, -15]


def test_a_flow_that_cannot_be_sent_is_refused():
    with pytest.raises(ColumnError, match="supply adds to 1"):
        al.cheapest_flow([0], [1], [5], [1], [1, 0])
    with pytest.raises(ColumnError, match="cannot be sent"):
        al.cheapest_flow([0], [1], [1], [1], [2, -2])


def pmed1() -> tuple[np.ndarray, int]:
    rows = [line.split() for line in elsewhere("12_allocation/pmed1.txt").read_text().splitlines()]
    n, _, p = map(int, rows[0])
    edges = np.full((n, n), np.inf)
    for a, b, cost in (map(int, row) for row in rows[1:] if row):
        edges[a - 1, b - 1] = edges[b - 1, a - 1] = cost  # a repeated edge: the last one counts
    return shortest_path(np.where(np.isfinite(edges), edges, 0), directed=False), p


def test_the_p_median_of_pmed1_is_5819():
    # OR-Library (J. E. Beasley), pmed1: 100 nodes, p = 5
    distance, p = pmed1()
    chosen, site_of, total = al.choose_sites(np.ones(100), distance, p)
    assert total == 5819
    assert len(chosen) == 5
    assert distance[np.arange(100), site_of].sum() == 5819


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_sites_are_those_of_trying_all(seed, p):
    rng = np.random.default_rng(seed)
    weight, cost = rng.integers(0, 9, 8).astype(float), rng.integers(1, 50, (8, 5)).astype(float)
    _, _, total = al.choose_sites(weight, cost, p)
    best = min(
        (weight * cost[:, list(sites)].min(axis=1)).sum()
        for sites in itertools.combinations(range(5), p)
    )
    assert total == pytest.approx(best)


def test_more_sites_than_candidates_are_refused():
    with pytest.raises(ParameterError, match="sites is 3"):
        al.choose_sites([1.0], [[1.0, 2.0]], 3)


wards = st.tuples(
    st.lists(st.integers(0, 6), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)


@given(wards)
def test_no_patient_is_lost_no_bed_used_twice_and_none_left_out_while_one_is_free(case):
    sick, hospitals, seed = case
    free = np.array([f for f, _ in hospitals])
    beds = free + np.array([taken for _, taken in hospitals])
    way = np.random.default_rng(seed).integers(60, 3600, (len(sick), len(beds))).astype(float)
    found = al.place_patients(sick, beds, free, way)
    assert (found.patients.sum(axis=1) + found.unplaced).tolist() == sick
    assert (found.patients.sum(axis=0) <= free).all()
    assert found.unplaced.sum() == max(0, sum(sick) - free.sum())
    assert found.travel_s == (found.patients * way).sum()


def test_load_spreads_before_a_hospital_is_full():
    #   20 beds each, 300 s further to the second
    near_only = al.place_patients([17], [20, 20], [20, 20], [[100.0, 400.0]])
    spread = al.place_patients([20], [20, 20], [20, 20], [[100.0, 400.0]])
    far = al.place_patients([20], [20, 20], [20, 20], [[100.0, 5000.0]])
    assert near_only.patients.tolist() == [[17, 0]]
    assert spread.patients.tolist() == [[17, 3]]
    assert far.patients.tolist() == [[20, 0]]


def test_patients_who_reach_no_hospital_are_counted_and_not_sent():
    found = al.place_patients([3, 2], [9], [9], [[np.nan], [100.0]])
    assert found.unplaced.tolist() == [3, 0]
    assert found.patients.tolist() == [[0], [2]]
    none = al.place_patients([], [9], [9], np.zeros((0, 1)))
    assert none.patients.shape == (0, 1)
    assert al.place_patients([4], [5], [0], [[10.0]]).unplaced.tolist() == [4]


def test_more_free_beds_than_beds_are_still_only_the_free_ones():
    assert al.place_patients([9], [5], [7], [[10.0]]).unplaced.tolist() == [2]


def test_old_bed_counts_are_trusted_less():
    assert al.usable_beds([10, 10, np.nan, -4], [1, 3, 1, 1]).tolist() == [10, 9, 0, 0]


@given(st.lists(st.floats(0, 50), max_size=20))
def test_whole_patients_keep_the_total(demand):
    parts = al.whole_parts(demand)
    assert parts.sum() == int(np.rint(sum(demand)))
    assert all(abs(part - need) <= 1 for part, need in zip(parts, demand, strict=True))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_dispatch_is_the_best_of_all_assignments(seed, vehicles, orders):
    eta = np.random.default_rng(seed).integers(1, 900, (vehicles, orders)).astype(float)
    found = al.dispatch(eta, [-1] * vehicles)
    served = found[found >= 0]
    assert len(set(served.tolist())) == len(served) == min(vehicles, orders)
    total = eta[np.flatnonzero(found >= 0), served].sum()
    if vehicles <= orders:
        tries = itertools.permutations(range(orders), vehicles)
        best = min(sum(eta[v, o] for v, o in enumerate(t)) for t in tries)
    else:
        tries = itertools.permutations(range(vehicles), orders)
        best = min(sum(eta[v, o] for o, v in enumerate(t)) for t in tries)
    assert total == best


def test_a_crew_keeps_its_order_unless_changing_saves_two_minutes():
    eta = np.array([[300.0, 250.0], [320.0, 250.0]])
    assert al.dispatch(eta, [0, 1]).tolist() == [0, 1]
    assert al.dispatch(eta, [1, 0]).tolist() == [1, 0]
    faster = np.array([[300.0, 10.0], [20.0, 250.0]])
    assert al.dispatch(faster, [0, 1]).tolist() == [1, 0]


def test_an_order_nobody_reaches_stays_open_and_others_are_served():
    eta = np.array([[np.nan, 100.0], [np.inf, 50.0]])
    assert al.dispatch(eta, [-1, -1]).tolist() == [-1, 1]
    assert al.dispatch(np.zeros((0, 3)), []).tolist() == []
