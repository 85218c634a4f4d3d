"""H3 cells in columns: from coordinates, to text, corners, areas, disks and parents.

A cell is a `uint64`; 0 stands for "no cell" where a column must be filled (near pentagons).
Decided once, here:

- a pole is an ordinary point: every longitude there gives the same cell
- longitude -180 and 180 are the same meridian; beyond it is an error, never wrapped
- corners of a cell that crosses the antimeridian run on past ±180, so that its outline
  stays in one piece
- a pentagon has five corners; the sixth repeats the fifth
- NaN and infinity are errors that name the row
- areas are exact (`h3.cell_area`), never the mean of the resolution
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import repeat

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from geo.errors import CellError, CoordinateError, ResolutionError, ShapeError

Degrees = NDArray[np.float64]
Cells = NDArray[np.uint64]
Texts = NDArray[np.object_]

MAX_RESOLUTION = 15
NO_CELL = 0
CORNERS = 6
_TEXT = re.compile("[0-9a-f]{15}")


def latlng_to_cells(lat: Degrees, lng: Degrees, resolution: int) -> Cells:
    """Give the cell that holds each point.

    Parameters
    ----------
    lat, lng : (n,) float64
        WGS-84 degrees, in ±90 and ±180, ends included.
    resolution : int
        0 to 15.

    Returns
    -------
    (n,) uint64

    Raises
    ------
    CoordinateError
        A coordinate is NaN, infinite or out of range; names the first such row.
    ResolutionError
        The resolution is not one of H3's.
    ShapeError
        The columns differ in length.
    """
    check_resolution(resolution)
    check_points(lat, lng)
    # h3-py has no column call; lists of Python floats make the loop twice as fast as arrays.
    cells = map(h3.latlng_to_cell, lat.tolist(), lng.tolist(), repeat(resolution))
    return np.fromiter(cells, dtype=np.uint64, count=len(lat))


def cells_to_latlng(cells: Cells) -> tuple[Degrees, Degrees]:
    """Give latitude and longitude of each cell's centre, in degrees."""
    check_cells(cells)
    centres = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()]).reshape(-1, 2)
    return centres[:, 0], centres[:, 1]


def cells_to_parents(cells: Cells, resolution: int) -> Cells:
    """Give the ancestor of each cell at a coarser (or the same) resolution.

    An ancestor is found by the index, not by position: a cell's centre always lies in its
    parent, but a point near its edge may not.
    """
    check_resolution(resolution)
    check_cells(cells)
    parents = (h3.cell_to_parent(cell, resolution) for cell in cells.tolist())
    return np.fromiter(parents, dtype=np.uint64, count=len(cells))


def cells_to_strings(cells: Cells) -> Texts:
    """Write each cell as its 15 hexadecimal digits."""
    check_cells(cells)
    return as_texts(f"{cell:x}" for cell in cells.tolist())


def strings_to_cells(strings: Sequence[str] | Texts) -> Cells:
    """Read cells from their 15 hexadecimal digits; raises CellError on anything else."""
    cells = np.fromiter(map(_read_cell, range(len(strings)), strings), np.uint64, len(strings))
    check_cells(cells)
    return cells


def cells_to_resolutions(cells: Cells) -> NDArray[np.int64]:
    """Give the resolution of each cell."""
    check_cells(cells)
    return ((cells >> np.uint64(52)) & np.uint64(0xF)).astype(np.int64)


def cell_areas_km2(cells: Cells) -> NDArray[np.float64]:
    """Give the exact area of each cell on the sphere, in square kilometres."""
    check_cells(cells)
    areas = (h3.cell_area(cell, unit="km^2") for cell in cells.tolist())
    return np.fromiter(areas, dtype=np.float64, count=len(cells))


def cell_corners(cells: Cells) -> Degrees:
    """Give the six corners of each cell.

    Returns
    -------
    (n, 6, 2) float64
        Longitude and latitude of each corner, counter-clockwise. A pentagon repeats its fifth
        corner. Longitudes lie within 180 degrees of the cell's centre, so they may pass
        ±180. Corners are H3's vertices; the extra points that a cell gets where it crosses
        an edge of the icosahedron are left out.
    """
    check_cells(cells)
    corners = np.array([_corners(cell) for cell in cells.tolist()]).reshape(-1, CORNERS, 2)
    if len(cells):
        centre = cells_to_latlng(cells)[1][:, None]
        corners[:, :, 0] -= 360.0 * np.round((corners[:, :, 0] - centre) / 360.0)
    return corners


def grid_disk(cells: Cells, k: int) -> Cells:
    """Give every cell within `k` steps of each cell (its "k-ring" with the inside).

    Returns
    -------
    (n, 1 + 3k(k + 1)) uint64
        The cell itself first, then ring by ring, in ascending order within a ring. Near a
        pentagon a ring has fewer cells; the row is filled with 0 at the end.
    """
    check_cells(cells)
    disk = np.full((len(cells), 1 + 3 * k * (k + 1)), NO_CELL, dtype=np.uint64)
    for row, cell in enumerate(cells.tolist()):
        members = [near for ring in range(k + 1) for near in sorted(h3.grid_ring(cell, ring))]
        disk[row, : len(members)] = members
    return disk


def rows_of_cells(table: Cells, wanted: Cells) -> NDArray[np.int32]:
    """Give the row of each wanted cell in a table of distinct cells; -1 where it is not there.

    `wanted` may have any shape; the answer has the same.
    """
    if not len(table):
        return np.full(wanted.shape, -1, dtype=np.int32)
    order = np.argsort(table, kind="stable")
    at = np.minimum(np.searchsorted(table, wanted, sorter=order), len(table) - 1)
    found = order[at]
    return np.where(table[found] == wanted, found, -1).astype(np.int32)


def neighbour_rows(cells: Cells, k: int = 1) -> NDArray[np.int32]:
    """Give, for each of some distinct cells, the rows of those within `k` steps of it.

    Returns
    -------
    (n, 1 + 3k(k + 1)) int32
        Rows of `cells` in the order of `grid_disk`; -1 where the cell is not among them.
    """
    return rows_of_cells(cells, grid_disk(cells, k))


def are_pentagons(cells: Cells) -> NDArray[np.bool_]:
    """Say which cells are pentagons (12 at each resolution, most of them at sea)."""
    check_cells(cells)
    return np.fromiter(map(h3.is_pentagon, cells.tolist()), np.bool_, len(cells))


def as_texts(texts: Iterable[str]) -> Texts:
    """Make a column of text (an object array, so that no text is cut or padded)."""
    values = list(texts)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def check_resolution(resolution: int) -> None:
    """Raise ResolutionError unless a resolution is one of H3's."""
    if not 0 <= resolution <= MAX_RESOLUTION:
        raise ResolutionError.of(resolution)


def check_points(lat: Degrees, lng: Degrees) -> None:
    """Raise unless two columns of one length hold coordinates that exist."""
    if len(lat) != len(lng):
        raise ShapeError.of(lat=len(lat), lng=len(lng))
    _check_degrees("lat", lat, 90.0)
    _check_degrees("lng", lng, 180.0)


def check_cells(cells: Cells) -> None:
    """Raise CellError unless every entry is a cell; names the first that is not."""
    for row, cell in enumerate(cells.tolist()):
        if not h3.is_valid_cell(cell):
            raise CellError.at(row, f"{cell:x}")


def _check_degrees(name: str, column: Degrees, limit: float) -> None:
    bad = ~(np.abs(column) <= limit)  # written so that NaN counts as bad
    if bad.any():
        row = int(np.argmax(bad))
        raise CoordinateError.at(name, row, float(column[row]), limit)


def _read_cell(row: int, text: str) -> int:
    # h3-py also reads blanks, "0x" and capitals; one cell has one text here.
    if not isinstance(text, str) or not _TEXT.fullmatch(text):
        raise CellError.at(row, text)
    return int(text, 16)


def _corners(cell: int) -> list[tuple[float, float]]:
    points = [h3.vertex_to_latlng(vertex) for vertex in h3.cell_to_vertexes(cell)]
    corners = [(lng, lat) for lat, lng in points]
    return corners + corners[-1:] * (CORNERS - len(corners))
