"""Unique persons: exact against a set, sketched within the stated error, merged in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import persons
from geo.errors import ParameterError

hashes = st.lists(st.integers(0, 2**64 - 1), max_size=50)


def sketch(values):
    return persons.sketch_persons(np.array(values, dtype=np.uint64))


def estimate(one):
    return persons.sketched_persons([one]).persons[0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=60))
def test_exact_persons_are_the_size_of_a_set(rows):
    where = np.array([r for r, _ in rows], dtype=int)
    person = np.array([p for _, p in rows], dtype=np.uint64)
    expected = [len({p for r, p in rows if r == row}) for row in range(5)]
    assert persons.exact_persons(where, person, 5).tolist() == expected


@given(hashes, hashes, hashes)
def test_a_sketch_is_a_commutative_monoid(a, b, c):
    merge = persons.merge_sketches
    x, y, z = sketch(a), sketch(b), sketch(c)
    assert estimate(merge([x, sketch([])])) == pytest.approx(estimate(x))
    assert estimate(merge([x, y])) == pytest.approx(estimate(merge([y, x])))
    assert estimate(merge([x, x])) == pytest.approx(estimate(x))
    left, right = merge([merge([x, y]), z]), merge([x, merge([y, z])])
    assert estimate(left) == pytest.approx(estimate(right))
    assert estimate(left) == pytest.approx(len({*a, *b, *c}), abs=0.5)


def test_the_stated_error_is_the_error_found():
    rng = np.random.default_rng(11)
    wrong = []
    for _ in range(60):
        drawn = rng.integers(2**63, size=50_000).astype(np.uint64)
        wrong.append(estimate(sketch(drawn)) / len(np.unique(drawn)) - 1)
    assert abs(np.mean(wrong)) < 3 * 0.0163 / np.sqrt(60)
    assert np.std(wrong) < 1.25 * 0.0163


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(12)
    drawn = [rng.integers(2**63, size=30_000).astype(np.uint64) for _ in range(60)]
    found = persons.sketched_persons([persons.sketch_persons(d) for d in drawn])
    held = (found.lower <= 30_000) & (found.upper >= 30_000)
    assert held.mean() >= 0.9


def test_only_rows_above_the_limit_are_sketched():
    where = np.array([0] * 10 + [1] * 300)
    person = np.arange(310, dtype=np.uint64)
    found = persons.unique_persons(where, person, 3, exact_limit=200)
    assert found.exact.tolist() == [True, False, True]
    assert found.persons[[0, 2]].tolist() == [10, 0]
    assert found.lower[1] <= 300 <= found.upper[1]


def test_a_sketch_of_an_impossible_size_is_refused():
    with pytest.raises(ParameterError, match="log2_buckets is 3"):
        persons.sketch_persons(np.array([1], dtype=np.uint64), 3)
