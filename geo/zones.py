"""Zones: the overlapping sets of cells that a scan looks at.

A zone matrix is a sparse (z, n) `csr_array` of ones: row z holds the cells of zone z. Zones need
not be compact or disjoint; every zone is searched and the test pays for all of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo.columns import Reals, Weights, positive, reals, same_length
from geo.disks import grid_disks
from geo.errors import ParameterError


def disk_zones(cells: NDArray[np.uint64], k: int) -> Weights:
    """Give the disks of 0..k rings around every cell, (n (k + 1), n), small disks first.

    Disks are cut at the city's edge; two that thereby hold the same cells stay two rows.
    """
    disks = grid_disks(cells, k)
    sizes = [disks.weights(np.ones(rings + 1)) for rings in range(k + 1)]
    return sparse.csr_array(sparse.vstack(sizes, format="csr"))


def circle_zones(
    distance: ArrayLike,
    *,
    people: ArrayLike | None = None,
    most_people: float = 0.5,
    radius: float = np.inf,
    most_places: int | None = None,
) -> Weights:
    """Give circles around every place that grow by one place at a time.

    Parameters
    ----------
    distance : (n, n) float64
        Distance between places, any unit.
    people : (n,) float64, optional
        People at risk; a circle holds at most `most_people` of them all.
    most_people : float
        Share in (0, 1], 0.5 as in SaTScan.
    radius : float
        Longest distance from the centre, in the same unit.
    most_places : int, optional
        Most places in a circle.

    Returns
    -------
    (z, n) csr_array
        Each set of places once; of the circles with the same set the first centre's.
        Places equally far are added in the order of their rows.
    """
    away = reals("distance", distance, ndim=2)
    n = len(away)
    weight = np.zeros(n) if people is None else reals("people", people)
    same_length(distance=away, people=weight)
    limit = positive("most_people", most_people) * weight.sum() * (1 + 1e-12)
    seen: dict[frozenset[int], None] = {}
    for centre in range(n):
        order = np.argsort(away[centre], kind="stable")[:most_places]
        inside = (away[centre, order] <= radius) & (np.cumsum(weight[order]) <= limit)
        members = order[: int(np.argmin(np.append(inside, False)))].tolist()
        for size in range(1, len(members) + 1):
            seen.setdefault(frozenset(members[:size]))
    rows = np.repeat(np.arange(len(seen)), [len(zone) for zone in seen])
    columns = [place for zone in seen for place in sorted(zone)]
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(seen), n))


def plane_distances(x: ArrayLike, y: ArrayLike) -> Reals:
    """Give the distance of every pair on a plane, in the unit of the coordinates."""
    across, up = reals("x", x), reals("y", y)
    same_length(x=across, y=up)
    return np.asarray(np.hypot(across[:, None] - across, up[:, None] - up))


def sphere_distances_km(lat: ArrayLike, lng: ArrayLike) -> Reals:
    """Give the great-circle distance of every pair in km, on a sphere of 6,371 km."""
    phi, lam = np.radians(reals("lat", lat)), np.radians(reals("lng", lng))
    same_length(lat=phi, lng=lam)
    half = np.sin((phi[:, None] - phi) / 2) ** 2
    half += np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(half.clip(0.0, 1.0))))


def windows(daily: ArrayLike, zones: Weights, longest: int) -> Reals:
    """Sum each zone over the last 1, 2, ..., `longest` days.

    Parameters
    ----------
    daily : (n, d) float64
        Counts or baselines by cell and day, newest last; NaN counts as 0.
    zones : (z, n) csr_array
        Zones.
    longest : int
        Longest duration, 1..d.

    Returns
    -------
    (z, longest) float64
        Column j holds the window of j + 1 days that ends with the newest day.
    """
    table = np.nan_to_num(reals("daily", daily, ndim=2))
    if not 1 <= longest <= table.shape[1]:
        raise ParameterError.of("longest", longest, f"1..{table.shape[1]} days")
    recent = table[:, ::-1][:, :longest]
    return np.asarray(zones @ np.ascontiguousarray(np.cumsum(recent, axis=1)))
