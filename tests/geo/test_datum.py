import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import datum as d
from geo.errors import CoordinateError

in_china = st.tuples(st.floats(18.0, 53.0), st.floats(75.0, 134.0))


def one(pair):
    return np.array([pair[0]]), np.array([pair[1]])


def metres_apart(one_pair, other_pair):
    dlat = one_pair[0] - other_pair[0]
    dlng = (one_pair[1] - other_pair[1]) * np.cos(np.radians(one_pair[0]))
    return np.hypot(dlat, dlng) * 111_195.0


# (function, from, to) as published with coordtransform (its README) and eviltransform (its tests);
# the ways back there are one step only, so they are good to half a metre.
PUBLISHED = [
    (d.wgs84_to_gcj02, (39.915, 116.404), (39.91640428150164, 116.41024449916938), 1e-6),
    (d.gcj02_to_bd09, (39.915, 116.404), (39.92133699351021, 116.41036949371029), 1e-6),
    (d.gcj02_to_wgs84, (39.915, 116.404), (39.91359571849836, 116.39775550083061), 0.5),
    (d.bd09_to_gcj02, (39.915, 116.404), (39.90865673957631, 116.39762729119315), 0.5),
    (d.wgs84_to_gcj02, (31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), 1e-6),
    (d.wgs84_to_gcj02, (22.543847, 113.912316), (22.540796131694766, 113.9171764808363), 1e-6),
    (d.wgs84_to_gcj02, (39.911954, 116.377817), (39.91334545536069, 116.38404722455657), 1e-6),
]


@pytest.mark.parametrize(("convert", "given_", "expected", "tolerance_m"), PUBLISHED)
def test_published_pairs_are_met(convert, given_, expected, tolerance_m):
    assert metres_apart(convert(*one(given_)), expected)[0] <= tolerance_m


ROUND_TRIPS = [
    (d.wgs84_to_gcj02, d.gcj02_to_wgs84),
    (d.gcj02_to_bd09, d.bd09_to_gcj02),
    (d.wgs84_to_bd09, d.bd09_to_wgs84),
]


@pytest.mark.parametrize(("there", "back"), ROUND_TRIPS)
@given(in_china)
@settings(deadline=None, max_examples=60)
def test_there_and_back_is_within_a_millimetre(there, back, point):
    assert metres_apart(back(*there(*one(point))), one(point))[0] < 1e-3


@given(in_china)
@settings(deadline=None, max_examples=60)
def test_shift_is_between_nothing_and_a_kilometre(point):
    assert 10.0 < metres_apart(d.wgs84_to_gcj02(*one(point)), one(point))[0] < 1_000.0


OUTSIDE = [(40.7, -74.0), (35.68, 139.69), (-33.9, 151.2), (0.0, 0.0), (90.0, 100.0), (-90.0, 0.0)]


@pytest.mark.parametrize("point", OUTSIDE)
@pytest.mark.parametrize("pair", ROUND_TRIPS)
def test_nothing_is_shifted_outside_the_box(pair, point):
    for convert in pair:
        lat, lng = convert(*one(point))
        assert (lat[0], lng[0]) == point


def test_column_is_each_point_by_itself():
    lat, lng = np.array([30.6, 40.7, 22.5]), np.array([114.3, -74.0, 113.9])
    together = d.bd09_to_wgs84(lat, lng)
    alone = [d.bd09_to_wgs84(lat[i : i + 1], lng[i : i + 1]) for i in range(3)]
    # One point's last step may differ: iteration stops when the whole column is done.
    assert together[0] == pytest.approx([point[0][0] for point in alone], abs=1e-9)
    assert together[1] == pytest.approx([point[1][0] for point in alone], abs=1e-9)


def test_declared_datum_decides():
    point = one((30.6, 114.3))
    assert d.to_wgs84(d.Datum.WGS84, *point) == point
    assert d.to_wgs84(d.Datum.GCJ02, *point)[1][0] == d.gcj02_to_wgs84(*point)[1][0]
    assert d.to_wgs84(d.Datum.BD09, *point)[1][0] == d.bd09_to_wgs84(*point)[1][0]


@pytest.mark.parametrize("datum", list(d.Datum))
def test_missing_coordinate_is_refused_in_every_datum(datum):
    with pytest.raises(CoordinateError, match=r"lat\[0\] is nan"):
        d.to_wgs84(datum, np.array([np.nan]), np.array([114.3]))


def test_empty_column_stays_empty():
    assert len(d.gcj02_to_wgs84(np.empty(0), np.empty(0))[0]) == 0
