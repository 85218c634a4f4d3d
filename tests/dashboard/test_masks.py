"""No count of 1..k-1 is shown, and none can be had by subtracting what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.hub.frame import _cell_links
from dashboard.hub.masks import links, withheld, withheld_series
from dashboard.hub.sums import by_group
from tests.dashboard.trees import and_above, drawn_tree

K = 5
COLUMNS = ("in", "out", "pass", "passages", "fever")


def table_of(atoms: np.ndarray) -> np.ndarray:
    """Turn in, out, pass, fever (n, 4) into the five shown columns."""
    three = atoms[:, :3]
    return np.concatenate([three, three.sum(axis=1, keepdims=True), atoms[:, 3:]], axis=1)


def random_tree(seed: int):
    """Draw a tree of two to four levels with counts at its leaves, many of them small."""
    rng = np.random.default_rng(seed)
    parent, leaves = drawn_tree(rng)
    mean = rng.gamma(0.5, rng.choice([1, 4, 15]), len(leaves))
    atoms = rng.poisson(mean[:, None] * rng.choice([0, 0.5, 1], (len(leaves), 4)))
    values = np.zeros((len(parent), 5), dtype=np.int64)
    for leaf, row in zip(leaves, table_of(atoms), strict=True):
        values[list(and_above(parent, leaf))] += row
    return np.array(parent), values


def masked_tree(parent: np.ndarray, values: np.ndarray) -> np.ndarray:
    parts = links(parent[1:].astype(np.int64), np.arange(1, len(parent)))
    return withheld(values, values[parts.child], parts, K)


def subtract(known: dict, sums: list[tuple]) -> dict:
    """Solve every sum with exactly one unknown, again and again, as an attacker would.

    `sums` are (total, parts); `known` maps the shown nodes to their counts.
    """
    known, found = dict(known), True
    while found:
        found = False
        for total, parts in sums:
            missing = [node for node in (total, *parts) if node not in known]
            if len(missing) == 1:
                (node,) = missing
                rest = sum(known[p] for p in parts if p != node)
                known[node] = rest if node == total else known[total] - rest
                found = True
    return known


@pytest.mark.parametrize("seed", range(250))
def test_subtraction_finds_nothing_that_is_withheld(seed):
    parent, values = random_tree(seed)
    hidden = masked_tree(parent, values)
    nodes = [(n, c) for n in range(len(parent)) for c in range(5)]
    shown = {(n, c): values[n, c] for n, c in nodes if not hidden[n, c]}
    sums = [((n, 3), [(n, c) for c in range(3)]) for n in range(len(parent))]
    for n in sorted(set(parent[1:].tolist())):
        sums += [((n, c), [(child, c) for child in np.flatnonzero(parent == n)]) for c in range(5)]
    # an attacker knows zeros for what they are, so none of them is an unknown
    assert subtract(shown, sums).keys() == shown.keys()


@pytest.mark.parametrize("seed", range(120))
def test_linear_algebra_finds_nothing_in_one_column_of_a_tree(seed):
    parent, values = random_tree(seed)
    values = np.repeat(values[:, 4:], 5, axis=1) * [0, 0, 0, 0, 1]  # fever: no directions
    hidden = masked_tree(parent, values)[:, 4]
    leaves = np.setdiff1d(np.arange(len(parent)), parent)
    known_zero = values[leaves, 4] == 0
    holds = np.zeros((len(parent), len(leaves)))
    for column, leaf in enumerate(leaves):
        holds[list(and_above(parent, leaf)), column] = not known_zero[column]
    basis = np.linalg.svd(holds[~hidden], full_matrices=False)
    rows = basis[2][basis[1] > 1e-9]
    for row in holds[hidden]:
        assert np.abs(row - rows.T @ (rows @ row)).max() > 1e-7


@pytest.mark.parametrize("seed", range(100))
def test_small_counts_are_withheld_and_zero_never(seed):
    parent, values = random_tree(seed)
    hidden = masked_tree(parent, values)
    assert hidden[(values > 0) & (values < K)].all()
    assert not hidden[values == 0].any()


def random_cells(seed: int):
    """Draw places in cells of three resolutions, some across the edge of the larger one."""
    rng = np.random.default_rng(seed)
    m, n9 = int(rng.integers(4, 40)), int(rng.integers(2, 16))
    n8 = max(1, n9 // int(rng.integers(2, 5)))
    n7 = max(1, n8 // 3)
    at9 = rng.integers(0, n9, m)
    at8 = np.where(rng.random(m) < 0.1, rng.integers(0, n8, m), at9 * n8 // n9)
    at7 = np.where(rng.random(m) < 0.1, rng.integers(0, n7, m), at8 * n7 // n8)
    mean = rng.gamma(0.5, rng.choice([1, 4, 15]), m)
    places = table_of(rng.poisson(mean[:, None] * rng.choice([0, 0.5, 1], (m, 4))))
    return np.stack([at7, at8, at9], axis=1), (n7, n8, n9), places


@pytest.mark.parametrize("seed", range(150))
def test_a_shown_cell_never_leaves_exactly_one_smaller_cell_unknown(seed):
    cells, sizes, places = random_cells(seed)
    parts = _cell_links(cells, sizes)
    values = np.concatenate(
        [by_group(places, cells[:, c], sizes[c]) for c in (2, 1, 0)]
        + [places.sum(axis=0, keepdims=True)]
    )
    shares = by_group(places[np.tile(np.arange(len(cells)), 3)], parts.pair, len(parts.child))
    hidden = withheld(values, shares, parts, K)
    assert hidden[(values > 0) & (values < K)].all()
    assert not hidden[values == 0].any()
    ends = [*parts.start[1:], len(parts.child)]
    for total, start, end in zip(parts.parents, parts.start, ends, strict=True):
        inside, share = parts.child[start:end], shares[start:end]
        unknown = (hidden[inside] & (share > 0)).sum(axis=0)
        assert ((unknown != 1) | hidden[total]).all()
        assert ((unknown > 0) | ~hidden[total]).all()


def test_the_next_smallest_part_is_withheld_beside_a_small_one():
    parent = np.array([-1, 0, 0, 0, 0])
    fever = np.array([3 + 20 + 9 + 30, 3, 20, 9, 30])
    values = np.zeros((5, 5), dtype=np.int64)
    values[:, 4] = fever
    assert masked_tree(parent, values)[:, 4].tolist() == [False, True, False, True, False]


def test_small_counts_that_could_only_be_ones_get_company_or_hide_their_total():
    parent = np.array([-1, 0, 0, 0, 0, 0])
    values = np.zeros((6, 5), dtype=np.int64)
    values[:, 4] = [5, 1, 1, 1, 1, 1]
    assert masked_tree(parent, values)[:, 4].all()


def test_a_direction_is_withheld_with_the_others_of_its_place():
    values = np.array([[40, 50, 2, 92, 0]])
    hidden = withheld(values, values[:0], links(np.zeros(0, int), np.zeros(0, int)), K)
    assert hidden.tolist() == [[True, True, True, False, False]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=60, max_size=60))
def test_a_minute_cannot_be_had_from_the_windows_that_hold_it(passages):
    values = np.zeros((60, 5), dtype=np.int64)
    values[:, 0] = values[:, 3] = passages
    hidden = withheld_series(values, ((0, 15), (15, 60)), K)
    for part in (slice(45, 60), slice(0, 45)):
        shown_sum = values[part, 3].sum()
        if shown_sum >= K:
            held = values[part, 3][hidden[part, 3]]
            assert len(held) != 1
            # all ones: only where nothing else is left to withhold
            if 0 < held.sum() == len(held):
                assert (values[part, 3] <= 1).all()
