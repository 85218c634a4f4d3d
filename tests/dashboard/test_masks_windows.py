"""Windows lie within each other: their differences are not told where they are small.

age    60 ........... 15 .......... 2  1  0
[------ C ------|----- B ----|A |B )       60 = A + B + C, 15 = A + B, 1 = A
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.hub.masks import links, told_by_shorter, withheld, withheld_series
from dashboard.hub.panels.kpi import STRETCHES
from tests.dashboard.trees import and_above, drawn_tree
from tests.oracles.attacker import worked_out

K = 5
FEVER = 4
WINDOWS = (1, 15, 60)
few_minutes = st.dictionaries(
    st.sampled_from([0, 1, 1, 2, 5, 9, 14, 15, 16, 40, 59]),
    st.sampled_from([1, 2, 3, 4, 5, 9, 40]),
    min_size=1,
    max_size=6,
)


def one_column(counts: np.ndarray) -> np.ndarray:
    """Put counts (n,) where there are no directions."""
    table = np.zeros((len(counts), 5), dtype=np.int64)
    table[:, FEVER] = counts
    return table


def random_tree(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw parents (n,), and whether each of the leaves (l,) is in each node: (n, l)."""
    parent, leaves = drawn_tree(np.random.default_rng(seed))
    holds = np.zeros((len(parent), len(leaves)), dtype=np.int64)
    for column, leaf in enumerate(leaves):
        holds[list(and_above(parent, leaf)), column] = 1
    return np.array(parent), holds


def masked(parent: np.ndarray, values: list[np.ndarray]) -> list[np.ndarray]:
    """Mask a column of counts in windows, the shortest first."""
    parts = links(parent[1:].astype(np.int64), np.arange(1, len(parent)))
    tables = [one_column(v) for v in values]
    hidden = []
    for at, table in enumerate(tables):
        told = told_by_shorter(table, tables[:at], K)
        hidden.append(withheld(table, table[parts.child], parts, K, told)[:, FEVER])
    return hidden


def drawn_windows(seed: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Draw a tree and its leaves' counts in the windows (1, 15, 60), many alike."""
    parent, holds = random_tree(seed)
    rng = np.random.default_rng(seed + 1_000)
    mean = rng.gamma(0.5, rng.choice([1, 4, 15]), holds.shape[1])
    pieces = rng.poisson(mean * np.array([[0.3], [0.5], [0.2]]))
    return parent, holds, list(pieces.cumsum(axis=0))


@pytest.mark.parametrize("seed", range(300))
def test_linear_algebra_finds_no_small_difference_of_windows_in_a_tree(seed):
    parent, holds, leaves = drawn_windows(seed)
    values = [holds @ counts for counts in leaves]
    hidden = masked(parent, values)
    # an unknown is a leaf in a window; who is shown a zero knows it
    blocks = [holds * (counts > 0) for counts in leaves]
    zero = np.zeros_like(holds)
    rows = [
        np.concatenate([block if at == w else zero for w in range(len(WINDOWS))], axis=1)
        for at, block in enumerate(blocks)
    ]
    shown = np.concatenate([row[~mask] for row, mask in zip(rows, hidden, strict=True)])
    for mask, row in zip(hidden, rows, strict=True):
        assert not worked_out(shown, row[mask]).any()
    for longer, shorter in ((1, 0), (2, 1), (2, 0)):
        rest = values[longer] - values[shorter]
        small = (values[shorter] > 0) & (rest > 0) & (rest < K)
        assert not worked_out(shown, (rows[longer] - rows[shorter])[small]).any()


def test_some_differences_are_small_so_that_the_test_above_can_fail():
    found = 0
    for seed in range(300):
        _, holds, leaves = drawn_windows(seed)
        one, fifteen, sixty = (holds @ counts for counts in leaves)
        rests = ((fifteen, one), (sixty, fifteen))
        found += sum(int(((v >= K) & (n - v > 0) & (n - v < K)).sum()) for n, v in rests)
    assert found > 500


def test_a_window_goes_where_it_would_tell_what_came_since():
    # 15 minutes: 20; 60 minutes: 23, so 3 before; nothing can be taken from the small 4
    fifteen, sixty = one_column(np.array([20, 4, 0, 20])), one_column(np.array([23, 7, 3, 25]))
    told = told_by_shorter(sixty, [fifteen], K)
    assert told[:, FEVER].tolist() == [True, False, False, False]


@settings(max_examples=1_000, deadline=None)
@given(few_minutes)
def test_linear_algebra_finds_no_withheld_minute_of_a_series(passed):
    #  minutes shown + window of 1 (age 1) + window of 15 + window of 60, at one place
    ages = np.arange(60)[::-1]
    minutes = np.array([passed.get(age, 0) for age in ages.tolist()])
    values = one_column(minutes)
    inside = np.stack([ages == 1, ages < 15, ages < 60]).astype(np.int64)
    windows = [one_column(inside[[w]] @ minutes) for w in range(3)]
    hidden_minutes = withheld_series(values, STRETCHES, K)[:, FEVER]
    shown_windows = []
    for at, window in enumerate(windows):
        told = told_by_shorter(window, windows[:at], K)[0, FEVER]
        if not (told or 0 < window[0, FEVER] < K):
            shown_windows.append(at)
    unknown = (minutes > 0).astype(np.int64)
    one_each = np.diag(unknown)
    shown = np.concatenate([one_each[~hidden_minutes], inside[shown_windows] * unknown])
    # a larger one that was to hide a small one may be found, as long as the small one is not
    assert not worked_out(shown, one_each[(minutes > 0) & (minutes < K)]).any()
    assert hidden_minutes[(minutes > 0) & (minutes < K)].all()


def test_the_minute_that_is_a_window_of_its_own_hides_no_other():
    # ages 5 and 1: 3 and 9, and 40 at age 9; 9 is on the map of one minute, so 40 must go
    minutes = np.zeros(60, dtype=np.int64)
    minutes[[-1 - 5, -1 - 1, -1 - 9]] = 3, 9, 40
    hidden = withheld_series(one_column(minutes), STRETCHES, K)[:, FEVER]
    assert np.flatnonzero(hidden).tolist() == [59 - 9, 59 - 5]
