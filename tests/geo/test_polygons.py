import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import polygons as p
from geo.errors import CoordinateError, GeometryError, ShapeError
from tests.oracles.geo import first_polygon_that_holds

BOWTIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def column(*geometries):
    out = np.full(len(geometries), None, dtype=object)
    out[:] = geometries
    return out


#   y 2 +---+---+
#       | 2 | 3 |
#     1 +---+---+
#       | 0 | 1 |
#     0 +---+---+
#       0   1   2 x
SQUARES = column(*[shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)])

quarters = st.integers(-2, 10).map(lambda n: n / 4)


@given(st.lists(st.tuples(quarters, quarters), max_size=20))
@settings(deadline=None)
def test_every_point_goes_to_the_first_square_that_holds_it(pairs):
    lat, lng = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    expected = [first_polygon_that_holds(SQUARES, y, x) for y, x in pairs]
    assert p.polygons_of_points(SQUARES, lat, lng).tolist() == expected


def test_shared_edge_and_corner_go_to_the_lowest_index():
    lat, lng = np.array([0.5, 1.0, 1.0, 1.0]), np.array([1.0, 0.5, 1.0, 1.5])
    assert p.polygons_of_points(SQUARES, lat, lng).tolist() == [0, 0, 0, 1]


def test_outer_edge_belongs_to_its_polygon():
    assert p.polygons_of_points(SQUARES, np.array([0.0]), np.array([0.5])).tolist() == [0]


def test_missing_polygons_hold_nothing_and_keep_their_index():
    polygons = column(None, shapely.Polygon(), SQUARES[0])
    assert p.polygons_of_points(polygons, np.array([0.5, 5]), np.array([0.5, 5])).tolist() == [
        2,
        -1,
    ]


def test_hole_is_outside():
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    found = p.polygons_of_points(column(ring), np.array([1.5, 0.5]), np.array([1.5, 1.5]))
    assert found.tolist() == [-1, 0]


def test_split_polygon_holds_points_on_both_sides_of_the_antimeridian():
    split = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    found = p.polygons_of_points(column(split), np.full(4, 0.5), np.array([179.5, -179.5, 180, 0]))
    assert found.tolist() == [0, 0, 0, -1]


def test_nan_is_refused_not_lost():
    with pytest.raises(CoordinateError, match=r"lng\[1\] is nan"):
        p.polygons_of_points(SQUARES, np.zeros(2), np.array([0.0, np.nan]))


def test_no_points_and_no_polygons():
    assert p.polygons_of_points(SQUARES, np.empty(0), np.empty(0)).tolist() == []
    assert p.polygons_of_points(column(), np.zeros(1), np.zeros(1)).tolist() == [-1]


def test_repair_keeps_valid_ones_and_the_inside_of_a_crossed_one():
    repaired = p.repair(column(SQUARES[0], BOWTIE))
    assert repaired[0] is SQUARES[0]
    assert p.is_valid_polygon(repaired).all()
    assert repaired[1].area == pytest.approx(2.0)  # two triangles of base 2 and height 1


def test_repair_drops_lines_left_behind():
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 5), (1, 1), (0, 1)])
    assert p.repair(column(spike))[0].equals(shapely.box(0, 0, 1, 1))


@pytest.mark.parametrize(
    "hopeless", [None, shapely.Polygon(), shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])]
)
def test_what_has_no_inside_is_named(hopeless):
    with pytest.raises(GeometryError, match=r"polygons\[1\] has no inside"):
        p.repair(column(SQUARES[0], hopeless))


def test_dissolved_groups_have_the_area_of_their_members():
    joined = p.dissolve(SQUARES, np.array([1, 1, -1, 3], dtype=np.int32), 4)
    assert joined[0] is None
    assert joined[2] is None
    assert joined[1].equals(shapely.box(0, 0, 2, 1))
    assert joined[3].equals(SQUARES[3])


def test_dissolve_of_overlapping_polygons_counts_the_overlap_once():
    twice = column(shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1))
    assert p.dissolve(twice, np.zeros(2, dtype=np.int32), 1)[0].area == pytest.approx(3.0)


def test_dissolve_refuses_columns_that_do_not_belong_together():
    with pytest.raises(ShapeError):
        p.dissolve(SQUARES, np.zeros(3, dtype=np.int32), 1)


def test_area_of_a_zone_of_the_sphere_is_the_textbook_s():
    #   between two latitudes a sphere has 2 pi R^2 (sin b - sin a), whatever the projection
    zone = shapely.box(-180, -30, 180, 30)
    expected = 2 * np.pi * p.EARTH_RADIUS_KM**2 * (np.sin(np.radians(30)) * 2)
    assert p.polygon_areas_km2(column(zone))[0] == pytest.approx(expected, rel=1e-12)


def test_areas_of_parts_sum_to_the_whole_and_nothing_has_none():
    whole = p.polygon_areas_km2(column(shapely.box(0, 0, 2, 2)))[0]
    assert p.polygon_areas_km2(SQUARES).sum() == pytest.approx(whole, rel=1e-12)
    assert p.polygon_areas_km2(column(None, shapely.Polygon())).tolist() == [0.0, 0.0]
