import time
from dataclasses import replace

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.area_tree import lineages, sums_up
from geo.cells import as_texts
from geo.errors import AreaTreeError, CoordinateError, GazetteerError
from geo.gazetteer import Areas, LocatedCells, Places, gazetteer
from tests.oracles.geo import ancestors, first_polygon_that_holds, sum_below

LEVELS = ("district", "grid")

#   lat 30.02 +-------+-------+
#             |   a2  |   b2  |     district a = a1 + a2, b = b1 + b2
#       30.01 +-------+-------+
#             |   a1  |   b1  |
#       30.00 +-------+-------+
#           114.00  114.01  114.02 lng
IDS = ["a", "b", "a1", "a2", "b1", "b2"]
PARENT = [-1, -1, 0, 0, 1, 1]


def areas(**changes):
    polygons = np.full(6, None, dtype=object)
    polygons[2:] = [
        shapely.box(114 + x, 30 + y, 114.01 + x, 30.01 + y) for x in (0, 0.01) for y in (0, 0.01)
    ]
    made = Areas(
        area_id=as_texts(IDS),
        area_name=as_texts(IDS),
        area_name_en=as_texts(IDS),
        level=np.array([0, 0, 1, 1, 1, 1], dtype=np.int8),
        parent=np.array(PARENT, dtype=np.int32),
        residents=np.array([999, 999, 1, 2, 3, 4], dtype=np.int64),
        polygons=polygons,
    )
    return replace(made, **changes)


def places(lat, lng, grid=None, ids=None):
    n = len(lat)
    return Places(
        place_id=as_texts(ids or [f"p{i}" for i in range(n)]),
        place_name=as_texts(["gate"] * n),
        place_kind=as_texts(["gate"] * n),
        lat=np.array(lat, dtype=np.float64),
        lng=np.array(lng, dtype=np.float64),
        grid=np.array([-1] * n if grid is None else grid, dtype=np.int32),
    )


def town(lat=(30.005,), lng=(114.005,), **more):
    return gazetteer(LEVELS, areas(), places(list(lat), list(lng), **more))


near_town = st.lists(
    st.tuples(st.floats(29.98, 30.04), st.floats(113.98, 114.04)), min_size=1, max_size=12
)


def columns(pairs):
    return np.array(pairs, dtype=np.float64).T.copy()


@given(near_town)
@settings(deadline=None, max_examples=50)
def test_counts_by_cell_by_grid_and_by_district_are_one_number(pairs):
    lat, lng = columns(pairs)
    counts = np.arange(1, len(pairs) + 1)
    g = town(lat, lng)
    by_grid = np.zeros(len(g.area_id), dtype=np.int64)
    np.add.at(by_grid, g.grid, counts)
    by_level = sums_up(by_grid, g.lineage)
    assert by_level[g.level == 0].sum() == by_level[g.level == 1].sum() == counts.sum()
    for column in range(3):
        by_cell = {}
        for cell, count in zip(g.cells[:, column].tolist(), counts.tolist(), strict=True):
            by_cell[cell] = by_cell.get(cell, 0) + count
        assert sum(by_cell.values()) == counts.sum()


@given(near_town)
@settings(deadline=None, max_examples=50)
def test_place_is_in_the_grid_that_holds_it_and_its_cells_hold_it(pairs):
    lat, lng = columns(pairs)
    g = town(lat, lng)
    for row, (y, x) in enumerate(pairs):
        expected = first_polygon_that_holds(g.polygons, y, x)
        assert g.grid[row] == (g.outside if expected < 0 else expected)
        assert [f"{c:x}" for c in g.cells[row].tolist()] == [
            h3.latlng_to_cell(y, x, resolution) for resolution in (7, 8, 9)
        ]


def test_registered_area_goes_before_position():
    g = town((30.005, 30.005), (114.005, 114.005), grid=[5, -1])
    assert [g.area_id[row] for row in g.grid] == ["b2", "a1"]


def test_outside_chain_is_last_and_takes_what_no_area_holds():
    g = town((31.0,), (115.0,))
    assert g.area_id[-2:].tolist() == ["outside-district", "outside"]
    assert g.grid[0] == g.outside == len(g.area_id) - 1
    assert g.lineage[g.outside].tolist() == [6, 7]
    assert g.residents[-2:].tolist() == [0, 0]


def test_residents_are_summed_from_the_smallest_areas():
    g = town()
    parent_of = {name: (IDS[up] if up >= 0 else None) for name, up in zip(IDS, PARENT, strict=True)}
    smallest = {"a1": 1, "a2": 2, "b1": 3, "b2": 4}
    for name in IDS:
        assert g.residents[g.area_index[name]] == sum_below(parent_of, smallest, name)


def test_lineage_lists_ancestors_at_their_level():
    g = town()
    parent_of = {name: (IDS[up] if up >= 0 else None) for name, up in zip(IDS, PARENT, strict=True)}
    for name in IDS:
        row = g.lineage[g.area_index[name]]
        chain = [str(g.area_id[up]) for up in row if up >= 0]
        assert chain == ancestors(parent_of, name)[::-1]


def test_outline_of_a_district_is_the_union_of_its_grids():
    outlines = town().level_polygons(0)
    assert outlines[0].symmetric_difference(shapely.box(114, 30, 114.01, 30.02)).area < 1e-12
    assert [row for row, one in enumerate(outlines) if one is not None] == [0, 1]


@given(near_town)
@settings(deadline=None, max_examples=50)
def test_located_cells_and_grid_are_those_of_the_place_s_centre(pairs):
    g = town()
    found = g.locate(*columns(pairs))
    for row, (y, x) in enumerate(pairs):
        place = h3.latlng_to_cell(y, x, 12)
        lat, lng = h3.cell_to_latlng(place)
        assert found.place_id[row] == place
        assert [f"{c:x}" for c in found.cells[row].tolist()] == [
            h3.latlng_to_cell(lat, lng, resolution) for resolution in (7, 8, 9)
        ]
        expected = first_polygon_that_holds(g.polygons, lat, lng)
        assert found.grid[row] == (g.outside if expected < 0 else expected)


@given(st.lists(near_town, min_size=1, max_size=5), st.integers(1, 30))
@settings(deadline=None, max_examples=40)
def test_memory_of_any_size_changes_nothing(batches, limit):
    g, memory = town(), LocatedCells(limit=limit)
    largest = max(map(len, batches))
    for pairs in batches:
        with_memory, without = g.locate(*columns(pairs), memory), g.locate(*columns(pairs))
        assert with_memory.place_id.tolist() == without.place_id.tolist()
        assert with_memory.cells.tolist() == without.cells.tolist()
        assert with_memory.grid.tolist() == without.grid.tolist()
        assert len(memory.place) <= max(limit, largest)


def test_a_tenth_of_a_degree_beyond_the_box_is_still_the_city_s():
    #   box: lat 30.00..30.02, lng 114.00..114.02
    lat = np.array([30.01, 30.1199, 30.1201, 29.8999, 30.01, 30.01])
    lng = np.array([114.01, 114.01, 114.01, 114.01, 114.1199, 113.8999])
    assert town().locate(lat, lng).in_city.tolist() == [True, True, False, False, True, False]


def test_coordinate_that_does_not_exist_is_refused():
    with pytest.raises(CoordinateError, match=r"lat\[0\] is nan"):
        town().locate(np.array([np.nan]), np.array([114.0]))


def test_locating_nothing_gives_empty_columns():
    found = town().locate(np.empty(0), np.empty(0), LocatedCells())
    assert found.cells.shape == (0, 3)
    assert found.place_id.shape == found.grid.shape == found.in_city.shape == (0,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parent": np.array([-1, -1, 0, 0, 1, 9], np.int32)}, r"parent\[5\] is 9: expected a row"),
        ({"parent": np.array([-1, -1, 0, 0, 1, -1], np.int32)}, r"parent\[5\] is -1"),
        ({"parent": np.array([-1, -1, 0, 0, 1, 2], np.int32)}, "expected an area one level up"),
        ({"parent": np.array([1, -1, 0, 0, 1, 1], np.int32)}, r"parent\[0\] is 1: expected -1"),
        ({"level": np.array([0, 0, 1, 1, 1, 2], np.int8)}, r"level\[5\] is 2: expected 0..1"),
        ({"area_id": as_texts(["a", "b", "outside", "a2", "b1", "b2"])}, "'outside' is reserved"),
    ],
)
def test_areas_that_are_no_tree_are_refused(changes, message):
    with pytest.raises(AreaTreeError, match=message):
        gazetteer(LEVELS, areas(**changes), places([30.005], [114.005]))


def test_ids_that_occur_twice_are_refused():
    with pytest.raises(GazetteerError, match=r"place_id\[0\] is 'x' again"):
        town((30.005, 30.005), (114.0, 114.0), ids=["x", "x"])
    twice = areas(area_id=as_texts(["a", "b", "a1", "a1", "b1", "b2"]))
    with pytest.raises(GazetteerError, match=r"area_id\[2\] is 'a1' again"):
        gazetteer(LEVELS, twice, places([30.005], [114.005]))


def test_city_without_any_polygon_is_refused():
    with pytest.raises(GazetteerError, match="no smallest area has a polygon"):
        gazetteer(LEVELS, areas(polygons=np.full(6, None, object)), places([30.0], [114.0]))


def test_city_may_have_one_level_and_no_place():
    one = gazetteer(
        ("grid",),
        areas(level=np.zeros(6, np.int8), parent=np.full(6, -1, np.int32)),
        places([], []),
    )
    assert one.area_id[-1] == "outside"
    assert one.cells.shape == (0, 3)
    assert one.smallest.tolist() == list(range(7))


def test_lineages_refuse_a_cycle():
    with pytest.raises(AreaTreeError):
        lineages(np.array([1, 1], np.int8), np.array([1, 0], np.int32), 2)


def test_repeated_cells_are_located_fast_enough_for_the_stream():
    # 300,000 points a second are needed; a tenth of it is asked here, for a busy machine.
    chance = np.random.default_rng(1)
    g, memory = town(), LocatedCells()
    lat, lng = chance.uniform(30.0, 30.02, 50_000), chance.uniform(114.0, 114.02, 50_000)
    g.locate(lat, lng, memory)
    start = time.perf_counter()
    g.locate(lat, lng, memory)
    assert len(lat) / (time.perf_counter() - start) > 30_000
