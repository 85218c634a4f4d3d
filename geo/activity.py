r"""Activity: how far a person's days reach, and how far a place's visitors come.

Streams keep sums that merge in any order: weight, mean and squared spread of positions on a
local plane, in km. Everything snapped to one gate has radius 0: say "at least" then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.columns import Flags, Reals, fraction, ratio, reals, same_length

EARTH_KM = 6371.0
FEWEST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Spread:
    """Weight, mean position (km) and summed squared distance from it, a row a person."""

    weight: Reals
    x_km: Reals
    y_km: Reals
    square_km2: Reals


def to_plane_km(lat: ArrayLike, lng: ArrayLike, lat0: float) -> tuple[Reals, Reals]:
    r"""Place coordinates on a plane true at latitude `lat0`.

    Notes
    -----
    :math:`x = R\cos(\varphi_0)\lambda`, :math:`y = R\varphi`, R = 6,371 km. Off by less than
    0.1 % within 50 km of `lat0`; not for the antimeridian or the poles.
    """
    phi, lam = np.radians(reals("lat", lat)), np.radians(reals("lng", lng))
    same_length(lat=phi, lng=lam)
    return np.asarray(EARTH_KM * np.cos(np.radians(lat0)) * lam), np.asarray(EARTH_KM * phi)


def spread_of(
    person: ArrayLike, x_km: ArrayLike, y_km: ArrayLike, weight: ArrayLike, persons: int
) -> Spread:
    """Sum positions of each person.

    Parameters
    ----------
    person : (n,) int
        Row of the person of each stay, 0 .. persons - 1.
    x_km, y_km : (n,) float64
        Position; a stay without one is left out.
    weight : (n,) float64
        1 each, or the dwell time; not negative.
    """
    rows = np.asarray(person, dtype=np.intp)
    x, y, w = reals("x_km", x_km), reals("y_km", y_km), reals("weight", weight)
    same_length(person=rows, x_km=x, y_km=y, weight=w)
    usable = np.isfinite(x) & np.isfinite(y) & (w > 0)
    w, x, y = (np.where(usable, column, 0.0) for column in (w, x, y))

    def total(values: Reals) -> Reals:
        return np.bincount(rows, weights=values, minlength=persons).astype(np.float64)

    whole = total(w)
    mean_x, mean_y = (np.nan_to_num(ratio(total(w * c), whole)) for c in (x, y))
    away = (x - mean_x[rows]) ** 2 + (y - mean_y[rows]) ** 2  # two passes: nothing cancels
    return Spread(whole, mean_x, mean_y, total(w * away))


def merged(left: Spread, right: Spread) -> Spread:
    r"""Join sums of the same persons, in either order.

    Notes
    -----
    :math:`M = M_1 + M_2 + |r_1 - r_2|^2 w_1w_2/(w_1+w_2)` (Chan, Golub & LeVeque 1983): stable,
    where subtracting squared sums is not.
    """
    weight = left.weight + right.weight
    share = np.nan_to_num(ratio(right.weight, weight))
    dx, dy = right.x_km - left.x_km, right.y_km - left.y_km
    square = left.square_km2 + right.square_km2
    return Spread(
        weight,
        left.x_km + share * dx,
        left.y_km + share * dy,
        square + share * left.weight * (dx**2 + dy**2),
    )


def radius_of_gyration_km(spread: Spread) -> Reals:
    r"""Give :math:`\sqrt{\overline{|r-\bar r|^2}}` (Gonzalez et al. 2008); NaN without stays."""
    return np.asarray(np.sqrt(ratio(spread.square_km2, spread.weight)))


def is_known_well(days: ArrayLike, fewest: int = FEWEST_DAYS) -> Flags:
    """Mark persons seen on enough different days to speak of a radius."""
    return np.asarray(reals("days", days) >= fewest, dtype=np.bool_)


def medoid(x_km: ArrayLike, y_km: ArrayLike) -> int:
    """Give the row from which all others are nearest in sum; of equal ones the first.

    Needs at least one row, without NaN; takes memory of the rows squared.
    """
    x, y = reals("x_km", x_km), reals("y_km", y_km)
    same_length(x_km=x, y_km=y)
    return int(np.argmin(np.hypot(x[:, None] - x, y[:, None] - y).sum(axis=1)))


def reach_km(distance_km: ArrayLike, weight: ArrayLike, share: float) -> float:
    """Give the distance within which this share of the weight lies: r50, r95.

    Parameters
    ----------
    distance_km, weight : (n,) float64
        Distance from the medoid (a person) or from the place (its visitors), and weight.
    share : float
        In (0, 1).

    Returns
    -------
    float
        Least distance that holds the share; NaN without any weight.
    """
    away, w = reals("distance_km", distance_km), reals("weight", weight)
    same_length(distance_km=away, weight=w)
    fraction("share", share)
    usable = np.isfinite(away) & (w > 0)
    if not usable.any():
        return float("nan")
    order = np.argsort(away[usable], kind="stable")
    held = np.cumsum(w[usable][order])
    row = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12)))
    return float(away[usable][order][row])
