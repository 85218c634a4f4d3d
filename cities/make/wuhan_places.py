"""Made-up places of the Wuhan pack: compounds with gates and doors, shops, clinics, stations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from cities.make.people import KM_A_DEGREE, Points, offsets
from cities.make.wuhan_tables import METRO_LINES
from cities.places import PlaceLine
from geo.polygons import Polygons, polygons_of_points

STEMS = "甲乙丙丁戊己庚辛"
SIDES = "东北西南"
STATION_KM = 1.3
FEW_DECIMALS = 6
AMOUNTS = {"shop": 1300, "market": 260, "checkpoint": 240, "hospital": 90, "fever_clinic": 70}
WORDS = {
    "shop": "便民商店",
    "market": "集贸市场",
    "checkpoint": "卡口",
    "hospital": "医院",
    "fever_clinic": "发热门诊",
}


@dataclass(frozen=True)
class Ground:
    """What places are put on: the grids with ids and names, people inside each, and water."""

    area_id: list[str]
    community: list[str]
    polygons: Polygons
    people: list[Points]
    water: Any


def all_places(ground: Ground, chance: np.random.Generator) -> list[PlaceLine]:
    """Give every place of the pack, numbered by kind in the order made."""
    drafts = [*_compounds(ground, chance), *_services(ground, chance), *_stations(ground)]
    counts: dict[str, int] = {}
    places = []
    for kind, name, point, grid in drafts:
        counts[kind] = counts.get(kind, 0) + 1
        place_id = f"{kind.replace('_', '-')}-{counts[kind]:04d}"
        lng, lat = (round(float(value), FEW_DECIMALS) for value in point)
        places.append(PlaceLine(0, place_id, kind, name, lat, lng, ground.area_id[grid]))
    return places


Draft = tuple[str, str, NDArray[np.float64], int]


def _compounds(ground: Ground, chance: np.random.Generator) -> Iterator[Draft]:
    for grid, people in enumerate(ground.people):
        for number in range(int(chance.integers(2, 4))):
            middle = people[chance.integers(len(people))]
            name = (
                f"{ground.community[grid]}{grid_ordinal(ground.area_id[grid])}格{STEMS[number]}苑"
            )
            yield from _gates(ground, grid, name, middle, chance)
            yield from _doors(ground, grid, name, middle, chance)


def _gates(
    ground: Ground, grid: int, name: str, middle: Points, chance: np.random.Generator
) -> Iterator[Draft]:
    turn = chance.uniform(-0.6, 0.6)
    for side in chance.permutation(4)[: int(chance.integers(2, 4))].tolist():
        angle = turn + side * np.pi / 2
        reach_deg = chance.uniform(0.06, 0.16) / KM_A_DEGREE
        step = np.array([np.cos(angle) / np.cos(np.radians(middle[1])), np.sin(angle)])
        point = _kept_inside(ground, grid, middle, middle + reach_deg * step)
        yield "gate", f"{name}{SIDES[side]}门", point, grid


def _doors(
    ground: Ground, grid: int, name: str, middle: Points, chance: np.random.Generator
) -> Iterator[Draft]:
    for number in range(1, 1 + int(chance.integers(0, 3))):
        step = offsets(np.array([0.04]), middle[1:], chance)[0]
        point = _kept_inside(ground, grid, middle, middle + step)
        yield "door", f"{name}{number}单元", point, grid


def _services(ground: Ground, chance: np.random.Generator) -> Iterator[Draft]:
    """Put shops and clinics where people are: each grid's share is its share of people."""
    for kind, amount in AMOUNTS.items():
        used: dict[str, int] = {}
        for grid in sorted(chance.integers(len(ground.people), size=amount).tolist()):
            community = ground.community[grid]
            used[community] = used.get(community, 0) + 1
            point = ground.people[grid][chance.integers(len(ground.people[grid]))]
            yield kind, f"{community}第{used[community]}{WORDS[kind]}", point, grid


def _stations(ground: Ground) -> Iterator[Draft]:
    for line, corners in METRO_LINES:
        track = shapely.LineString(corners)
        count = int(track.length * KM_A_DEGREE / STATION_KM)
        stops = shapely.line_interpolate_point(track, np.linspace(0, 1, count), normalized=True)
        points = shapely.get_coordinates(stops).round(FEW_DECIMALS)
        grids = polygons_of_points(ground.polygons, points[:, 1], points[:, 0])
        inside = np.flatnonzero((grids >= 0) & ~shapely.intersects(stops, ground.water))
        for number, row in enumerate(inside.tolist(), 1):
            yield "metro", f"地铁{line}线{number:02d}站", points[row], int(grids[row])


def grid_ordinal(area_id: str) -> str:
    """Give the number of a grid within its community, from its id."""
    return area_id.rsplit("-g", 1)[1]


def _kept_inside(ground: Ground, grid: int, middle: Points, point: Points) -> Points:
    held = shapely.contains_xy(ground.polygons[grid], *point.round(FEW_DECIMALS))
    return point if held else middle
