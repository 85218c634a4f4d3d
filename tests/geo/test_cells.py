import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cells as c
from geo.errors import CellError, CoordinateError, ResolutionError, ShapeError
from tests.oracles.geo import cells_within

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
points = st.lists(st.tuples(latitudes, longitudes), max_size=8)
resolutions = st.integers(0, 15)


def columns(pairs):
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def cells_at(*pairs, resolution=9):
    return c.latlng_to_cells(*columns(pairs), resolution)


def pentagons(resolution):
    return np.array([int(text, 16) for text in h3.get_pentagons(resolution)], dtype=np.uint64)


@given(points, resolutions)
@settings(deadline=None)
def test_column_of_points_is_each_point_by_itself(pairs, resolution):
    found = c.cells_to_strings(c.latlng_to_cells(*columns(pairs), resolution))
    assert list(found) == [h3.latlng_to_cell(lat, lng, resolution) for lat, lng in pairs]


@given(points, resolutions)
@settings(deadline=None)
def test_text_and_back_is_the_same_cell(pairs, resolution):
    cells = c.latlng_to_cells(*columns(pairs), resolution)
    assert c.strings_to_cells(c.cells_to_strings(cells)).tolist() == cells.tolist()


@given(points, resolutions)
@settings(deadline=None)
def test_centre_of_a_cell_lies_in_that_cell(pairs, resolution):
    cells = c.latlng_to_cells(*columns(pairs), resolution)
    assert c.latlng_to_cells(*c.cells_to_latlng(cells), resolution).tolist() == cells.tolist()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 90.000001, -91.0])
def test_bad_latitude_is_named_with_its_row(bad):
    with pytest.raises(CoordinateError, match=r"lat\[1\] is .*: expected degrees in ±90"):
        cells_at((30.0, 114.0), (bad, 114.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 180.5, -181.0, 294.3])
def test_longitude_is_never_wrapped(bad):
    with pytest.raises(CoordinateError, match=r"lng\[0\] is .*: expected degrees in ±180"):
        cells_at((30.0, bad))


@pytest.mark.parametrize("resolution", [-1, 16])
def test_resolution_outside_h3_is_refused(resolution):
    with pytest.raises(ResolutionError, match=r"expected 0\.\.15"):
        cells_at((30.0, 114.0), resolution=resolution)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ShapeError, match="lat has 2, lng has 1"):
        c.latlng_to_cells(np.zeros(2), np.zeros(1), 9)


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_pole_is_one_point_whatever_its_longitude(pole):
    assert len(set(cells_at(*[(pole, lng) for lng in (-180.0, -77.0, 0.0, 180.0)]).tolist())) == 1


def test_both_names_of_the_antimeridian_give_one_cell():
    east, west = cells_at((12.3, 180.0), (12.3, -180.0))
    assert east == west


def test_corners_across_the_antimeridian_stay_in_one_piece():
    corners = c.cell_corners(cells_at((0.01, 179.9999), (0.01, -179.9999), resolution=5))
    assert np.ptp(corners[:, :, 0], axis=1).max() < 1.0
    assert np.abs(corners[:, :, 0]).max() > 180.0


def test_corners_are_the_boundary_h3_gives_where_a_cell_crosses_no_edge():
    cell = cells_at((30.6, 114.3))
    expected = h3.cell_to_boundary(h3.int_to_str(int(cell[0])))
    found = {(round(y, 9), round(x, 9)) for x, y in c.cell_corners(cell)[0].tolist()}
    assert found == {(round(y, 9), round(x, 9)) for y, x in expected}


def test_corners_run_counter_clockwise():
    x, y = c.cell_corners(cells_at((30.6, 114.3)))[0].T
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0


def test_pentagon_repeats_its_fifth_corner():
    corners = c.cell_corners(pentagons(6)[:1])[0]
    assert corners[4].tolist() == corners[5].tolist()
    assert len({tuple(corner) for corner in corners.tolist()}) == 5


def test_areas_of_all_cells_sum_to_the_sphere():
    cells = np.array([int(text, 16) for text in h3.get_res0_cells()], dtype=np.uint64)
    children = [int(x, 16) for cell in cells.tolist() for x in h3.cell_to_children(f"{cell:x}", 2)]
    sphere_km2 = 4 * np.pi * 6371.007180918475**2  # the radius of H3
    total = c.cell_areas_km2(np.array(children, dtype=np.uint64)).sum()
    assert total == pytest.approx(sphere_km2, rel=1e-9)


def test_area_is_the_cell_s_own_and_not_the_mean_of_the_resolution():
    areas = c.cell_areas_km2(cells_at((30.6, 114.3), (40.7, -74.0), (0.0, 0.0)))
    assert len(set(areas.round(6).tolist())) == 3
    assert h3.average_hexagon_area(9) not in areas.tolist()


@given(latitudes, longitudes, resolutions, st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_disk_is_what_walking_reaches(lat, lng, resolution, k):
    cell = c.latlng_to_cells(np.array([lat]), np.array([lng]), resolution)
    disk = c.grid_disk(cell, k)[0]
    assert {f"{near:x}" for near in disk.tolist() if near} == cells_within(f"{cell[0]:x}", k)
    assert disk[0] == cell[0]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_disk_around_a_pentagon_is_filled_with_no_cell(k):
    cell = pentagons(7)[:1]
    disk = c.grid_disk(cell, k)[0]
    assert disk.shape == (1 + 3 * k * (k + 1),)
    assert {f"{near:x}" for near in disk.tolist() if near} == cells_within(f"{cell[0]:x}", k)
    assert not disk[1 + 5 * k * (k + 1) // 2 :].any()


def test_neighbour_rows_are_symmetric_and_point_at_themselves_first():
    cells = c.grid_disk(cells_at((30.6, 114.3)), 3)[0]
    rows = c.neighbour_rows(cells)
    pairs = {(one, int(other)) for one, near in enumerate(rows) for other in near if other >= 0}
    assert rows[:, 0].tolist() == list(range(len(cells)))
    assert pairs == {(other, one) for one, other in pairs}
    assert (rows == -1).any()  # the rim has neighbours that are not in the table


def test_rows_in_an_empty_table_are_missing():
    assert c.rows_of_cells(np.empty(0, dtype=np.uint64), cells_at((1, 1))).tolist() == [-1]


def test_parent_by_index_need_not_hold_the_point():
    #   a point near the edge of its cell at 9 may lie beyond the outline of that cell's parent
    chance = np.random.default_rng(3)
    lat, lng = chance.uniform(30.5, 30.6, 500), chance.uniform(114.2, 114.3, 500)
    by_index = c.cells_to_parents(c.latlng_to_cells(lat, lng, 9), 7)
    direct = c.latlng_to_cells(lat, lng, 7)
    assert 0 < (by_index != direct).sum() < 100


def test_resolution_is_read_back_at_both_ends():
    for resolution in (0, 15):
        cells = cells_at((30.6, 114.3), resolution=resolution)
        assert c.cells_to_resolutions(cells).tolist() == [resolution]


@pytest.mark.parametrize(
    "text",
    ["", "zz", "0x8928308280fffff", " 8928308280fffff", "8928308280FFFFF", "ffffffffffffff0"],
)
def test_text_that_is_not_a_cell_s_one_spelling_is_refused(text):
    with pytest.raises(CellError, match=r"cells\[0\]"):
        c.strings_to_cells([text])


def test_number_that_is_not_a_cell_is_named():
    with pytest.raises(CellError, match=r"cells\[1\] is '7'"):
        c.cell_areas_km2(np.array([*cells_at((1, 1)), 7], dtype=np.uint64))


def test_empty_columns_give_empty_columns():
    none = np.empty(0)
    cells = c.latlng_to_cells(none, none, 9)
    assert cells.shape == (0,)
    assert c.cell_corners(cells).shape == (0, 6, 2)
    assert c.grid_disk(cells, 2).shape == (0, 19)
    assert c.cells_to_latlng(cells)[0].shape == (0,)


def test_pentagons_are_known():
    assert c.are_pentagons(pentagons(3)).all()
    assert not c.are_pentagons(cells_at((30.6, 114.3))).any()
