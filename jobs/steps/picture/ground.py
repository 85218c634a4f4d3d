"""The ground: everything of a city that the statistics need and that never changes in a run.

Residents are known by smallest area. They are spread evenly over the area's polygon: over the
cells of resolution 9 whose centre lies in it, and from each of those to the cell of resolution
8 that holds the same centre. A case reported by area is spread by the same shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from geo.area_tree import NONE
from geo.cells import (
    Cells,
    Texts,
    cell_areas_km2,
    cells_to_latlng,
    cells_to_strings,
    latlng_to_cells,
    rows_of_cells,
)
from geo.columns import Reals, Weights
from geo.disks import gaussian_rings, grid_disks
from geo.gazetteer import Gazetteer
from geo.zones import disk_zones

FINE, COARSE = 9, 8
"""Resolutions: density by fine cells, statistics of cases by coarse ones."""

COLUMN_OF = {7: 0, 8: 1, 9: 2}
KERNEL_RINGS = 3
Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Ground:
    """A city's tables of cells, neighbourhoods and people.

    Attributes
    ----------
    gazetteer : Gazetteer
    fine : (f,) uint64
        Cells of resolution 9 of registered places, and those where somebody lives; sorted.
    fine_people : (f,) float64
        Residents of each; `fine_km2` their areas, `fine_kernel` their neighbourhoods.
    cells : (n,) uint64
        Cells of resolution 8, sorted; `names` (n,) are their texts.
    people, area_km2 : (n,) float64
    of_area : (a, n) csr_array
        Share of each area's residents that live in each cell; rows of areas where people live
        add to 1, the others are empty.
    home : (a_levels, n) int32
        Row of the area, at each level, that most residents of a cell belong to; -1 where
        nobody lives.
    kernel, ring : (n, n) csr_array
        Gaussian weights of 3 rings, and ones for the cell and its neighbours.
    zones : (z, n) csr_array
        Disks of the scan.
    """

    gazetteer: Gazetteer
    fine: Cells
    fine_people: Reals
    fine_km2: Reals
    fine_kernel: Weights
    cells: Cells
    names: Texts
    people: Reals
    area_km2: Reals
    of_area: Weights
    home: Rows
    kernel: Weights
    ring: Weights
    zones: Weights
    scan_rings: int

    @classmethod
    def of(cls, gazetteer: Gazetteer, scan_rings: int) -> Ground:
        """Work the tables out; costs some seconds for ten thousand cells, so once a run."""
        area, fine, share = _lived_in(gazetteer)
        lat, lng = cells_to_latlng(fine)
        coarse = latlng_to_cells(lat, lng, COARSE)
        cells = np.unique(np.concatenate([coarse, gazetteer.cells[:, COLUMN_OF[COARSE]]]))
        of_smallest = _shares(gazetteer, area, rows_of_cells(cells, coarse), share, len(cells))
        residents = gazetteer.residents.astype(np.float64)
        smallest = gazetteer.lineage[:, -1] != NONE
        lives = of_smallest.T @ np.where(smallest, residents, 0.0)
        table = np.unique(np.concatenate([fine, gazetteer.cells[:, COLUMN_OF[FINE]]]))
        disks = grid_disks(cells, KERNEL_RINGS)
        kernel = gaussian_rings(1.0, KERNEL_RINGS)
        return cls(
            gazetteer=gazetteer,
            fine=table,
            fine_people=np.bincount(
                rows_of_cells(table, fine), weights=share * residents[area], minlength=len(table)
            ).astype(np.float64),
            fine_km2=cell_areas_km2(table),
            fine_kernel=grid_disks(table, KERNEL_RINGS).weights(kernel),
            cells=cells,
            names=cells_to_strings(cells),
            people=np.asarray(lives, dtype=np.float64),
            area_km2=cell_areas_km2(cells),
            of_area=_up(gazetteer, of_smallest, residents),
            home=_homes(gazetteer, of_smallest, residents),
            kernel=disks.weights(kernel),
            ring=disks.weights(np.ones(2)),
            zones=disk_zones(cells, scan_rings),
            scan_rings=scan_rings,
        )


def _lived_in(gazetteer: Gazetteer) -> tuple[Rows, Cells, Reals]:
    """Give pairs of a smallest area and a fine cell of it, with the share of its residents."""
    areas, cells, shares = [], [], []
    somebody = bool(gazetteer.residents.any())  # a city of cases alone has its cells all the same
    for row in np.flatnonzero(gazetteer.lineage[:, -1] != NONE).tolist():
        polygon = gazetteer.polygons[row]
        if polygon is None or (somebody and gazetteer.residents[row] <= 0):
            continue
        inside = sorted(h3.geo_to_cells(polygon, FINE)) or [_cell_within(polygon)]
        areas += [row] * len(inside)
        cells += inside
        shares += [1.0 / len(inside)] * len(inside)
    return np.array(areas, dtype=np.int32), np.array(cells, dtype=np.uint64), np.array(shares)


def _cell_within(polygon: object) -> int:
    """Give the fine cell of a polygon so small that no centre of a cell lies in it."""
    point = shapely.point_on_surface(polygon)
    return int(h3.latlng_to_cell(point.y, point.x, FINE))


def _shares(gazetteer: Gazetteer, area: Rows, cell: Rows, share: Reals, cells: int) -> Weights:
    shape = (len(gazetteer.area_id), cells)
    return sparse.coo_array((share, (area, cell)), shape=shape).tocsr()


def _up(gazetteer: Gazetteer, of_smallest: Weights, residents: Reals) -> Weights:
    """Give the shares of areas of every level from those of the smallest."""
    member = _ancestors(gazetteer)
    smallest = gazetteer.lineage[:, -1] != NONE
    lives = sparse.diags_array(np.where(smallest, residents, 0.0)) @ of_smallest
    sums = sparse.csr_array(member @ lives)
    total = np.asarray(sums.sum(axis=1)).ravel()
    scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ sums)


def _ancestors(gazetteer: Gazetteer) -> Weights:
    """Give ones where an area (row) holds a smallest area (column), itself included."""
    smallest = np.flatnonzero(gazetteer.lineage[:, -1] != NONE)
    above = gazetteer.lineage[smallest]
    rows, columns = above.ravel(), np.repeat(smallest, above.shape[1])
    n = len(gazetteer.area_id)
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))


def _homes(gazetteer: Gazetteer, of_smallest: Weights, residents: Reals) -> Rows:
    """Give the smallest area most residents of each cell belong to, and the areas above it."""
    lives = sparse.csc_array(sparse.diags_array(residents) @ of_smallest)
    homes = np.full((len(gazetteer.levels), of_smallest.shape[1]), NONE, dtype=np.int32)
    for cell in np.flatnonzero(np.diff(lives.indptr)).tolist():
        part = slice(lives.indptr[cell], lives.indptr[cell + 1])
        most = lives.indices[part][np.argmax(lives.data[part])]
        homes[:, cell] = gazetteer.lineage[most]
    return homes
