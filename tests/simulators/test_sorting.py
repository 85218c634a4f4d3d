"""Orders found by vector instructions are those that `argsort` and `lexsort` find."""

import numpy as np
import pytest

from simulators.sorting import order_of, order_of_pairs

RANDOM = np.random.default_rng(3)
COLUMNS = {
    "none": np.empty(0, dtype=np.int64),
    "one": np.array([7], dtype=np.int32),
    "equal": np.full(1_000, -5, dtype=np.int32),
    "repeated": RANDOM.integers(-20, 20, 5_000).astype(np.int16),
    "instants": 1_586_000_000_000 + RANDOM.integers(0, 600_000, 10_000),
    "as wide as can be": RANDOM.integers(-(2**63), 2**63 - 1, 5_000),
    "nearly too wide": RANDOM.integers(0, 2**50, 5_000),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_order_of_a_column_is_the_stable_one(name: str):
    column = COLUMNS[name]
    found = order_of(column)
    assert found.dtype == np.int64
    assert found.tolist() == np.argsort(column, kind="stable").tolist()


def test_the_order_of_pairs_is_by_the_first_and_then_by_the_second():
    first, second = (RANDOM.integers(0, 60, 5_000).astype(np.int32) for _ in range(2))
    highest = np.array([2**31 - 1, 0, 2**31 - 1], dtype=np.int32)
    first, second = np.append(first, highest), np.append(second, highest[::-1])
    assert order_of_pairs(first, second).tolist() == np.lexsort((second, first)).tolist()
