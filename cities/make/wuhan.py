"""Make the Wuhan pack: `python -m cities.make.wuhan [FOLDER]`.

Real district boundaries (cities/wuhan/source) are turned from GCJ-02 into WGS-84; all below them is
made up from named chance: the same seed gives the same files.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from cities.areas import AreaProperties
from cities.make.chance import generator
from cities.make.faces import fitted
from cities.make.people import Points, people_of, textured
from cities.make.tiling import Tile, nested_tiles, shares, whole_partition
from cities.make.water import water
from cities.make.wuhan_places import Ground, all_places
from cities.make.wuhan_tables import CENTRES, DISTRICTS
from cities.write import write_areas, write_places
from geo.datum import gcj02_to_wgs84
from geo.polygons import polygons_of_points, repair

HERE = Path(__file__).resolve().parent.parent / "wuhan"
SOURCE = HERE / "source" / "districts.geojson.gz"
SEED = 20200123
GRIDS = 1000
PEOPLE_A_GRID = 70
LEAST_RESIDENTS = 200
NUMERALS = "一二三四五六七八九十"

Row = tuple[AreaProperties, Any]


def main(folder: Path = HERE) -> None:
    """Write areas.geojson and places.csv of the pack."""
    districts = read_districts(SOURCE)
    people = draw_people(districts)
    tiles = cut(districts, people)
    held = people_in(tiles, np.concatenate(people))
    folder.mkdir(parents=True, exist_ok=True)
    write_areas(folder, [*upper_areas(tiles), *grids(tiles, residents(tiles, held))])
    places = all_places(ground(tiles, held, wet(districts)), generator(SEED, "places"))
    write_places(folder, places)


def read_districts(path: Path) -> list[Any]:
    """Read the district boundaries in the order of the table, repaired, in WGS-84."""
    features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    by_name = {part["properties"]["name"]: part["geometry"] for part in features}
    raw = np.array([shapely.geometry.shape(by_name[d.name]) for d in DISTRICTS], dtype=object)
    shifted = shapely.transform(repair(raw), _to_wgs84)
    # Repaired outlines may overlap (Hannan and Caidian do, by 0.2 km²): the first keeps it.
    return fitted(shifted)


def draw_people(districts: list[Any]) -> list[Points]:
    """Draw where people live, district by district; each point stands for as many residents."""
    box = np.array(shapely.total_bounds(districts))
    centres = textured(CENTRES, box, generator(SEED, "quarters"))
    dry = shapely.difference(np.array(districts, dtype=object), wet(districts))
    return [
        people_of(land, centres, count * PEOPLE_A_GRID, generator(SEED, f"people-{d.code}"))
        for land, count, d in zip(dry, grids_by_district(), DISTRICTS, strict=True)
    ]


def wet(districts: list[Any]) -> Any:
    """Give the water of the city."""
    return water({d.code: polygon for d, polygon in zip(DISTRICTS, districts, strict=True)})


def grids_by_district() -> list[int]:
    """Share the grids out by residents."""
    return shares(GRIDS, [district.residents for district in DISTRICTS], least=6)


def cut(districts: list[Any], people: list[Points]) -> list[Tile]:
    """Cut every district; the tiles fit each other and their district exactly."""
    tiles = [
        tile
        for number, (polygon, points) in enumerate(zip(districts, people, strict=True))
        for tile in nested_tiles(
            number,
            polygon,
            points,
            grids_by_district()[number],
            generator(SEED, f"tiles-{DISTRICTS[number].code}"),
        )
    ]
    return whole_partition(tiles, districts)


def people_in(tiles: list[Tile], people: Points) -> list[Points]:
    """Give the people of each tile; a tile without any gets a point inside it."""
    polygons = np.array([tile.polygon for tile in tiles], dtype=object)
    at = polygons_of_points(polygons, people[:, 1], people[:, 0])
    inner = shapely.get_coordinates(shapely.point_on_surface(polygons))
    held = [people[at == row] for row in range(len(tiles))]
    return [part if len(part) else inner[row : row + 1] for row, part in enumerate(held)]


def residents(tiles: list[Tile], held: list[Points]) -> list[int]:
    """Share each district's residents over its grids by the people drawn there."""
    of_tile = np.array([tile.district for tile in tiles])
    count = np.zeros(len(tiles), dtype=np.int64)
    for number, district in enumerate(DISTRICTS):
        rows = np.flatnonzero(of_tile == number)
        weights = [len(held[row]) for row in rows]
        count[rows] = shares(district.residents, weights, least=LEAST_RESIDENTS)
    return [int(one) for one in count]


def upper_areas(tiles: list[Tile]) -> list[Row]:
    """List districts, streets and communities; their outlines are the unions of their grids."""
    rows: dict[str, Row] = {}
    for tile in tiles:
        for level in ("district", "street", "community"):
            area = _properties(tile, level)
            rows.setdefault(area.id, (area, None))
    order = {"district": 0, "street": 1, "community": 2}
    return sorted(rows.values(), key=lambda row: order[row[0].level])


def grids(tiles: list[Tile], counts: list[int]) -> list[Row]:
    """List the grids with their polygons."""
    return [
        (_properties(tile, "grid", count), tile.polygon)
        for tile, count in zip(tiles, counts, strict=True)
    ]


def ground(tiles: list[Tile], held: list[Points], no_land: Any) -> Ground:
    """Give what places are put on."""
    return Ground(
        area_id=[_properties(tile, "grid").id for tile in tiles],
        community=[_short_community(tile) for tile in tiles],
        polygons=np.array([tile.polygon for tile in tiles], dtype=object),
        people=held,
        water=no_land,
    )


def numeral(number: int) -> str:
    """Write 1..99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else NUMERALS[tens - 1] + "十")
    return head + (NUMERALS[ones - 1] if ones else "")


def _properties(tile: Tile, level: str, residents_here: int | None = None) -> AreaProperties:
    district = DISTRICTS[tile.district]
    street = f"{district.code}-s{tile.street:02d}"
    community = f"{street}-c{tile.community:02d}"
    short, short_en = _short_community(tile), f"{district.name_en} {tile.street}"
    area_id, name, name_en, parent = {
        "district": (district.code, district.name, f"{district.name_en} District", None),
        "street": (
            street,
            f"{district.short}{numeral(tile.street)}街道",
            f"{district.name_en} Subdistrict {tile.street}",
            district.code,
        ),
        "community": (community, short, f"{short_en}, Community {tile.community}", street),
        "grid": (
            f"{community}-g{tile.grid}",
            f"{short}{tile.grid}网格",
            f"{short_en}, Community {tile.community}, Grid {tile.grid}",
            community,
        ),
    }[level]
    return AreaProperties(
        id=area_id,
        name=name,
        name_en=name_en,
        level=level,
        parent=parent,
        residents=residents_here,
    )


def _short_community(tile: Tile) -> str:
    return f"{DISTRICTS[tile.district].short}{numeral(tile.street)}街{tile.community}社区"


def _to_wgs84(points: Points) -> Points:
    lat, lng = gcj02_to_wgs84(points[:, 1], points[:, 0])
    return np.column_stack([lng, lat])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
