r"""Datums used in China: WGS-84, GCJ-02 and BD-09, in columns.

- WGS-84  what a receiver of satellites reports, and the only datum inside Hexline
- GCJ-02  what maps published in China show; shifted by 100 to 700 m, differently everywhere
- BD-09   Baidu's: GCJ-02 shifted once more

Nobody publishes the definition of GCJ-02. The formulas here are the public reconstruction
that all open libraries share (coordtransform, gcoord, eviltransform; Wikipedia, "Restrictions
on geographic data in China", section "GCJ-02"). It agrees with the maps to a few metres, not
better: treat converted coordinates as good to about 5 m. The ways back are worked out by
iteration to 1e-9 degree (0.1 mm), so a round trip adds nothing to that.

Outside the box 73.66..135.05 E, 3.86..53.55 N there is no shift. The box is the libraries'
and not the border: coordinates of neighbouring countries inside it must not be declared
GCJ-02 in the first place.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from geo.cells import Degrees, check_points

Points = tuple[Degrees, Degrees]

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
"""Krasovsky's ellipsoid (1940), which the reconstruction uses for scale."""

BAIDU_LNG_DEG = 0.0065
BAIDU_LAT_DEG = 0.006
BAIDU_TURN = np.pi * 3000.0 / 180.0

WEST, EAST, SOUTH, NORTH = 73.66, 135.05, 3.86, 53.55
SMALL_STEP_DEG = 1e-9
LARGEST_STEPS = 30


class Datum(StrEnum):
    """The datum of some coordinates."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(datum: Datum, lat: Degrees, lng: Degrees) -> Points:
    """Turn coordinates of a declared datum into WGS-84; those in WGS-84 come back as they are."""
    if datum is Datum.GCJ02:
        return gcj02_to_wgs84(lat, lng)
    if datum is Datum.BD09:
        return bd09_to_wgs84(lat, lng)
    check_points(lat, lng)
    return lat, lng


def wgs84_to_gcj02(lat: Degrees, lng: Degrees) -> Points:
    r"""Shift WGS-84 coordinates to GCJ-02.

    Parameters
    ----------
    lat, lng : (n,) float64
        WGS-84 degrees.

    Returns
    -------
    lat, lng : (n,) float64
        GCJ-02 degrees; unchanged outside China's box.

    Notes
    -----
    With :math:`x = \lambda - 105`, :math:`y = \varphi - 35` the shift in metres is a
    polynomial plus sines in x and y, turned into degrees on Krasovsky's ellipsoid.
    """
    check_points(lat, lng)
    shift_lat, shift_lng = _shift(lat, lng)
    return lat + shift_lat, lng + shift_lng


def gcj02_to_wgs84(lat: Degrees, lng: Degrees) -> Points:
    """Find the WGS-84 coordinates that shift to given GCJ-02 ones.

    Fixed-point iteration; the shift changes by less than 1 % over its own length, so each
    step gains two digits or more.
    """
    return _inverse(wgs84_to_gcj02, lat, lng)


def gcj02_to_bd09(lat: Degrees, lng: Degrees) -> Points:
    """Shift GCJ-02 coordinates to BD-09; unchanged outside China's box."""
    check_points(lat, lng)
    radius = np.hypot(lng, lat) + 2e-5 * np.sin(lat * BAIDU_TURN)
    angle = np.arctan2(lat, lng) + 3e-6 * np.cos(lng * BAIDU_TURN)
    inside = in_shifted_box(lat, lng)
    return (
        np.where(inside, radius * np.sin(angle) + BAIDU_LAT_DEG, lat),
        np.where(inside, radius * np.cos(angle) + BAIDU_LNG_DEG, lng),
    )


def bd09_to_gcj02(lat: Degrees, lng: Degrees) -> Points:
    """Find the GCJ-02 coordinates that shift to given BD-09 ones."""
    return _inverse(gcj02_to_bd09, lat, lng)


def wgs84_to_bd09(lat: Degrees, lng: Degrees) -> Points:
    """Shift WGS-84 coordinates to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lat, lng))


def bd09_to_wgs84(lat: Degrees, lng: Degrees) -> Points:
    """Find the WGS-84 coordinates that shift to given BD-09 ones."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lat, lng))


def in_shifted_box(lat: Degrees, lng: Degrees) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which points lie in the box in which the Chinese datums differ from WGS-84."""
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (lng >= WEST) & (lng <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    )
    return inside


def _inverse(forward: Callable[[Degrees, Degrees], Points], lat: Degrees, lng: Degrees) -> Points:
    check_points(lat, lng)
    inside = in_shifted_box(lat, lng)
    guess_lat, guess_lng = lat.copy(), lng.copy()
    for _ in range(LARGEST_STEPS):
        there_lat, there_lng = forward(guess_lat, guess_lng)
        miss_lat, miss_lng = np.where(inside, [lat - there_lat, lng - there_lng], 0.0)
        guess_lat, guess_lng = guess_lat + miss_lat, guess_lng + miss_lng
        if not np.any(np.hypot(miss_lat, miss_lng) > SMALL_STEP_DEG):
            break
    return guess_lat, guess_lng


def _shift(lat: Degrees, lng: Degrees) -> Points:
    x, y = lng - 105.0, lat - 35.0
    phi = np.radians(lat)
    flat = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    metres_a_degree_lat = np.radians(SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / flat**1.5)
    metres_a_degree_lng = np.radians(SEMI_MAJOR_M / np.sqrt(flat) * np.cos(phi))
    inside = in_shifted_box(lat, lng)
    with np.errstate(divide="ignore"):  # a pole has no metres a degree of longitude; it is outside
        return (
            np.where(inside, _north_m(x, y) / metres_a_degree_lat, 0.0),
            np.where(inside, _east_m(x, y) / metres_a_degree_lng, 0.0),
        )


def _north_m(x: Degrees, y: Degrees) -> Degrees:
    polynomial = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    along_y = (
        20.0 * _sin(y) + 40.0 * _sin(y / 3.0) + 160.0 * _sin(y / 12.0) + 320.0 * _sin(y / 30.0)
    )
    north_m: Degrees = polynomial + (_ripple(x) + along_y) * 2.0 / 3.0
    return north_m


def _east_m(x: Degrees, y: Degrees) -> Degrees:
    polynomial = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    along_x = (
        20.0 * _sin(x) + 40.0 * _sin(x / 3.0) + 150.0 * _sin(x / 12.0) + 300.0 * _sin(x / 30.0)
    )
    east_m: Degrees = polynomial + (_ripple(x) + along_x) * 2.0 / 3.0
    return east_m


def _ripple(x: Degrees) -> Degrees:
    ripple_m: Degrees = 20.0 * _sin(6.0 * x) + 20.0 * _sin(2.0 * x)
    return ripple_m


def _sin(half_turns: Degrees) -> Degrees:
    sine: Degrees = np.sin(np.pi * half_turns)
    return sine
