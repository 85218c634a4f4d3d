"""Neighbourhoods: which rows of a table of cells lie within k rings of which.

A *weights matrix* is a sparse (n, n) `csr_array`: row i holds the weights with which the rows j
enter a sum for i. Cells outside the table have no row, so a sum over a disk at the city's edge
runs over fewer cells; the estimators divide by the same sum of denominators, which is the
edge correction.
"""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo.columns import Index, Reals, Weights, reals
from geo.errors import ColumnError, ParameterError

MAX_RINGS = 20


@dataclass(frozen=True, slots=True)
class Disks:
    """The cells of a table within k rings of each of its cells, itself included.

    Entry e says: `neighbour[e]` lies `ring[e]` rings from the row that owns it; row i owns
    entries `start[i]` up to, not including, `start[i + 1]`.
    """

    start: Index
    neighbour: Index
    ring: NDArray[np.int8]

    def weights(self, of_ring: ArrayLike) -> Weights:
        """Give the matrix that weights each neighbour by its ring distance.

        Parameters
        ----------
        of_ring : (r,) float64
            Weight of ring 0 (the cell itself), 1, ...; rings from r on weigh nothing.

        Returns
        -------
        (n, n) csr_array of float64
            Entries of weight 0 are not stored.
        """
        rings = reals("of_ring", of_ring)
        padded = np.append(rings, np.zeros(max(0, MAX_RINGS + 1 - len(rings))))
        n = len(self.start) - 1
        parts = (padded[self.ring], self.neighbour.copy(), self.start.copy())  # scipy edits them
        matrix = sparse.csr_array(parts, shape=(n, n))
        matrix.eliminate_zeros()
        return matrix


def grid_disks(cells: NDArray[np.uint64], k: int) -> Disks:
    """Find, for each cell, the cells of the same table within k rings.

    Parameters
    ----------
    cells : (n,) uint64
        Different H3 cells of one resolution, in any order.
    k : int
        Rings, 0..20; 0 leaves each cell alone.

    Returns
    -------
    Disks
        Entries of a row in order of ring. A pentagon has five neighbours; a cell none of whose
        neighbours is in the table (an island) has itself alone.

    Raises
    ------
    ColumnError
        A cell occurs twice.
    ParameterError
        `k` is out of range.

    Notes
    -----
    Ring distance is h3's grid distance. It costs about 10 us a cell at k = 3: do it once a
    city, not once a tick.
    """
    if not 0 <= k <= MAX_RINGS:
        raise ParameterError.of("k", k, f"0..{MAX_RINGS}")
    row_of = {int(cell): row for row, cell in enumerate(cells)}
    if len(row_of) != len(cells):
        raise ColumnError(f"cells has {len(cells) - len(row_of)} repeated entries: expected none")
    found = [_disk_of(int(cell), k, row_of) for cell in cells]
    start = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in found])]).astype(np.intp)
    rows = [row for disk, _ in found for row in disk]
    rings = [ring for _, disk in found for ring in disk]
    return Disks(start, np.array(rows, dtype=np.intp), np.array(rings, dtype=np.int8))


def _disk_of(cell: int, k: int, row_of: dict[int, int]) -> tuple[list[int], list[int]]:
    known = [
        (row_of[near], ring)
        for ring in range(k + 1)
        for near in h3.grid_ring(cell, ring)
        if near in row_of
    ]
    return [row for row, _ in known], [ring for _, ring in known]


def gaussian_rings(bandwidth: float, k: int) -> Reals:
    r"""Give Gaussian weights of ring 0..k.

    Notes
    -----
    :math:`w_d = \exp(-d^2 / 2 h^2)` with the bandwidth h in rings, above 0: 1, .6065, .1353,
    .0111 for h = 1, k = 3.
    """
    if not bandwidth > 0:
        raise ParameterError.of("bandwidth", bandwidth, "rings, above 0")
    rings = np.arange(k + 1, dtype=np.float64)
    return np.asarray(np.exp(-(rings**2) / (2 * bandwidth**2)), dtype=np.float64)


def adjacency(n: int, left: ArrayLike, right: ArrayLike, *, with_self: bool) -> Weights:
    """Give binary weights from pairs of neighbours, for areas that are not cells.

    Parameters
    ----------
    n : int
        Rows of the table of areas.
    left, right : (e,) int
        Rows that touch; each pair counts in both directions, a repeated pair counts once.
    with_self : bool
        Whether an area belongs to its own neighbourhood.

    Returns
    -------
    (n, n) csr_array of float64
        Zeros and ones; an area in no pair is an island.
    """
    a, b = np.asarray(left, dtype=np.intp), np.asarray(right, dtype=np.intp)
    own = np.arange(n) if with_self else np.arange(0)
    rows, columns = np.concatenate([a, b, own]), np.concatenate([b, a, own])
    matrix = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
    matrix.data[:] = 1.0
    return matrix


def row_standardised(weights: Weights) -> Weights:
    """Scale each row to sum 1; a row of an island stays empty."""
    sums = np.asarray(weights.sum(axis=1)).ravel()
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ weights)
