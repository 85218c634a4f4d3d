"""The ground of a simulated city: its places by the part they play, and who can reach them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.gazetteer import Gazetteer
from simulators.chance import generator
from simulators.errors import SettingError

Rows = NDArray[np.int32]
Reals = NDArray[np.float64]

KM_A_DEGREE = 111.2
GATE, DOOR, SHOP, MARKET, CLINIC, CHECKPOINT, STATION, OTHER = range(8)
PARTS = {
    "gate": GATE,
    "door": DOOR,
    "shop": SHOP,
    "market": MARKET,
    "hospital": CLINIC,
    "fever_clinic": CLINIC,
    "checkpoint": CHECKPOINT,
    "metro": STATION,
}
_COMPOUND_KM = 0.35
_DOOR_KM = 0.2
_SCHOOL_SHARE = 0.03
_WORK_WEIGHT = {GATE: 1.0, SHOP: 1.0, MARKET: 4.0, CLINIC: 10.0, CHECKPOINT: 0.3, STATION: 3.0}


@dataclass(frozen=True, eq=False)
class Town:
    """Places as columns, and the lists that schedules draw from.

    Attributes
    ----------
    part : (p,) int8
        Which part a place plays: GATE ... OTHER.
    x_km, y_km : (p,) float64
        East and north of the city's middle.
    grid, district : (p,) int32
        Row of the smallest area, and of the largest above it.
    homes : (g,) int32
        Places where people go in and out of home, sorted by grid.
    home_start : (a + 1,) int64
        Where each area's homes begin in `homes`.
    near : (p, 2) int32
        Two other gates of a gate's compound; the gate itself where there are none.
    door : (p,) int32
        A unit door of a gate's compound; -1 where there is none.
    schools, markets, shops, clinics, stations, checkpoints, works : (..,) int32
        Places to go to; `work_weight` belongs to `works`.
    residents : (a,) int64
        People of each smallest area; 0 above.
    station_near, checkpoint_near : (p,) int32
        The nearest of each to every place; -1 where the city has none.
    checkpoints_around : (p, 8) int32
        The nearest checkpoints of each place, again and again where there are fewer.
    """

    part: NDArray[np.int8]
    x_km: Reals
    y_km: Reals
    grid: Rows
    district: Rows
    homes: Rows
    home_start: NDArray[np.int64]
    near: Rows
    door: Rows
    schools: Rows
    markets: Rows
    shops: Rows
    clinics: Rows
    stations: Rows
    checkpoints: Rows
    works: Rows
    work_weight: Reals
    residents: NDArray[np.int64]
    station_near: Rows
    checkpoint_near: Rows
    checkpoints_around: NDArray[np.int32]


def town_of(gazetteer: Gazetteer, seed: int) -> Town:
    """Work out the ground of a city from its gazetteer.

    The packs name no schools and no offices: three gates in a hundred are schools, and every
    place but a unit door employs somebody. A city without gates is entered at all its places.

    Raises
    ------
    SettingError
        The city has no places, or no residents.
    """
    n = len(gazetteer.place_id)
    residents = np.where(gazetteer.level == len(gazetteer.levels) - 1, gazetteer.residents, 0)
    if n == 0 or residents.sum() == 0:
        missing = "places" if n == 0 else "residents"
        raise SettingError(f"the city pack has no {missing}: a simulated city needs some")
    part = np.array([PARTS.get(kind, OTHER) for kind in gazetteer.place_kind], dtype=np.int8)
    x_km = (gazetteer.lng - gazetteer.lng.mean()) * KM_A_DEGREE
    x_km = x_km * np.cos(np.radians(gazetteer.lat.mean()))
    y_km = (gazetteer.lat - gazetteer.lat.mean()) * KM_A_DEGREE
    gates = _of(part, GATE, or_all=True)
    homes = gates[np.argsort(gazetteer.grid[gates], kind="stable")]
    areas = np.arange(len(gazetteer.area_id) + 1)
    works = np.flatnonzero(part != DOOR).astype(np.int32)
    return Town(
        part=part,
        x_km=x_km,
        y_km=y_km,
        grid=gazetteer.grid,
        district=gazetteer.lineage[gazetteer.grid, 0],
        homes=homes,
        home_start=np.searchsorted(gazetteer.grid[homes], areas),
        near=_near(x_km, y_km, gates),
        door=_doors(x_km, y_km, part),
        schools=_schools(gates, seed),
        markets=_of(part, MARKET, SHOP, or_all=True),
        shops=_of(part, SHOP, MARKET, or_all=True),
        clinics=_of(part, CLINIC, or_all=True),
        stations=_of(part, STATION),
        checkpoints=_of(part, CHECKPOINT),
        works=works,
        work_weight=_work_weights(part[works], seed),
        residents=residents,
        station_near=_nearest(x_km, y_km, _of(part, STATION)),
        checkpoint_near=_nearest(x_km, y_km, _of(part, CHECKPOINT)),
        checkpoints_around=_around(x_km, y_km, _of(part, CHECKPOINT)),
    )


def _nearest(x_km: Reals, y_km: Reals, among: Rows) -> Rows:
    points = np.column_stack([x_km, y_km])
    if not len(among):
        return np.full(len(points), -1, dtype=np.int32)
    return np.asarray(among[cKDTree(points[among]).query(points)[1]], dtype=np.int32)


def _around(x_km: Reals, y_km: Reals, among: Rows, number: int = 8) -> Rows:
    points = np.column_stack([x_km, y_km])
    found = min(number, len(among))
    if not found:
        return np.full((len(points), number), -1, dtype=np.int32)
    row = cKDTree(points[among]).query(points, k=found)[1].reshape(len(points), found)
    return np.asarray(among[np.resize(row.T, (number, len(points))).T], dtype=np.int32)


def _of(part: NDArray[np.int8], *wanted: int, or_all: bool = False) -> Rows:
    found = np.flatnonzero(np.isin(part, wanted)).astype(np.int32)
    return np.arange(len(part), dtype=np.int32) if or_all and not len(found) else found


def _schools(gates: Rows, seed: int) -> Rows:
    number = max(1, round(len(gates) * _SCHOOL_SHARE))
    return np.sort(generator(seed, "town/schools").choice(gates, number, replace=False))


def _work_weights(part: NDArray[np.int8], seed: int) -> Reals:
    """Draw how many work at a place: log-normal within each kind, so a few employ very many."""
    usual = np.array([_WORK_WEIGHT.get(kind, 1.0) for kind in range(8)])[part]
    return np.asarray(usual * generator(seed, "town/work").lognormal(0.0, 1.4, len(part)))


def _near(x_km: Reals, y_km: Reals, gates: Rows) -> Rows:
    points = np.column_stack([x_km, y_km])
    near = np.repeat(np.arange(len(x_km), dtype=np.int32)[:, None], 2, axis=1)
    number = min(3, len(gates))
    far, found = cKDTree(points[gates]).query(points[gates], k=number)
    found, far = found.reshape(len(gates), number), far.reshape(len(gates), number)
    for column in range(1, number):
        inside = far[:, column] < _COMPOUND_KM
        near[gates, column - 1] = np.where(inside, gates[found[:, column]], gates)
    return near


def _doors(x_km: Reals, y_km: Reals, part: NDArray[np.int8]) -> Rows:
    doors = np.flatnonzero(part == DOOR).astype(np.int32)
    nearest = np.full(len(part), -1, dtype=np.int32)
    if len(doors):
        points = np.column_stack([x_km, y_km])
        far, found = cKDTree(points[doors]).query(points)
        nearest = np.where((far < _DOOR_KM) & (part == GATE), doors[found], -1).astype(np.int32)
    return nearest
