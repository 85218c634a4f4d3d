"""Neighbourhoods of cells: against h3 itself, at pentagons, at the edge."""

import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.disks import adjacency, gaussian_rings, grid_disks, row_standardised
from geo.errors import ColumnError, ParameterError

CENTRE = h3.latlng_to_cell(30.55, 114.3, 8)


def cells_within(centre: int, k: int) -> np.ndarray:
    return np.array(h3.grid_disk(centre, k), dtype=np.uint64)


@pytest.mark.parametrize("centre", [CENTRE, h3.get_pentagons(8)[0]])
def test_ring_is_the_grid_distance(centre):
    cells = cells_within(centre, 2)  # h3 cannot measure much further near a pentagon
    disks = grid_disks(cells, 1)
    owner = np.repeat(np.arange(len(cells)), np.diff(disks.start))
    for row, near, ring in zip(owner, disks.neighbour, disks.ring, strict=True):
        assert h3.grid_distance(int(cells[row]), int(cells[near])) == ring


def test_a_disk_far_from_the_edge_has_every_cell_and_one_at_the_edge_fewer():
    cells = cells_within(CENTRE, 3)
    size = np.diff(grid_disks(cells, 3).start)
    assert size[cells == CENTRE] == 37
    assert size.min() < 37


def test_a_pentagon_has_five_neighbours():
    pentagon = h3.get_pentagons(8)[0]
    cells = cells_within(pentagon, 1)
    assert np.diff(grid_disks(cells, 1).start)[cells == pentagon] == 6


def test_an_island_has_itself_alone():
    cells = np.array([CENTRE, h3.latlng_to_cell(0, 0, 8)], dtype=np.uint64)
    assert grid_disks(cells, 3).neighbour.tolist() == [0, 1]


def test_weights_are_symmetric_and_follow_the_ring():
    weights = grid_disks(cells_within(CENTRE, 4), 3).weights(gaussian_rings(1.0, 3)).toarray()
    assert np.array_equal(weights, weights.T)
    assert sorted(set(weights.ravel().round(4))) == [0, 0.0111, 0.1353, 0.6065, 1]


def test_rings_beyond_the_weights_weigh_nothing():
    disks = grid_disks(cells_within(CENTRE, 3), 3)
    assert disks.weights([1.0, 1.0]).toarray().sum(axis=1).max() == 7


def test_making_weights_leaves_the_disks_as_they_were():
    disks = grid_disks(cells_within(CENTRE, 3), 2)
    first = disks.weights([1.0]).nnz, disks.weights([1.0, 1.0, 1.0]).nnz
    assert first == (37, disks.weights([1.0, 1.0, 1.0]).nnz)
    assert first[1] == len(disks.neighbour)


def test_no_cells_have_no_neighbours():
    assert grid_disks(np.array([], dtype=np.uint64), 1).weights([1.0]).shape == (0, 0)


def test_a_repeated_cell_and_an_impossible_ring_are_refused():
    twice = np.array([CENTRE, CENTRE], dtype=np.uint64)
    with pytest.raises(ColumnError, match="1 repeated"):
        grid_disks(twice, 1)
    with pytest.raises(ParameterError, match="k is 21"):
        grid_disks(twice[:1], 21)


def test_pairs_of_areas_count_both_ways_and_once():
    weights = adjacency(4, [0, 1, 0], [1, 0, 2], with_self=False).toarray()
    assert weights.tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert adjacency(2, [], [], with_self=True).toarray().tolist() == [[1, 0], [0, 1]]


def test_standardised_rows_sum_to_one_and_islands_to_zero():
    weights = row_standardised(adjacency(4, [0, 0], [1, 2], with_self=False))
    assert np.asarray(weights.sum(axis=1)).ravel().tolist() == [1, 1, 1, 0]
