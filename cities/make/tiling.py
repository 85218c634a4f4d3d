"""Cut districts into a nested tiling: complete, without gaps or overlaps, denser where more live.

The people of a district are points. They are clustered into streets, each street's points into
communities, each community's into grids (k-means), and each cluster's tile is the set of
points nearest to its centre, inside its parent's tile (Voronoi). Rounding to a precision of
1e-6 degree is done once, on all edges together: they are noded and made into faces again, so
that neighbours share their vertices exactly, across districts too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from cities.make.faces import Faces, Rows, faces_of, owners

Points = NDArray[np.float64]

KMEANS_ROUNDS = 60


@dataclass(frozen=True)
class Tile:
    """One smallest area: its path of ordinals below the district, and its polygon."""

    district: int
    street: int
    community: int
    grid: int
    polygon: Any


def nested_tiles(
    district: int, polygon: Any, people: Points, grids: int, chance: np.random.Generator
) -> Iterator[Tile]:
    """Cut one district into streets, communities and grids.

    Parameters
    ----------
    people : (n, 2) float64
        Longitude and latitude of where people live, all inside the polygon.
    grids : int
        How many smallest tiles to make; about 9 go to a street, 3 to a community.
    """
    streets = _clusters(polygon, people, max(3, round(grids / 9)), chance)
    of_street = shares(grids, [len(part) for _, part in streets], least=2)
    for street, (street_tile, street_people) in enumerate(streets, 1):
        wanted = of_street[street - 1]
        communities = _clusters(street_tile, street_people, max(1, round(wanted / 3)), chance)
        of_community = shares(wanted, [len(part) for _, part in communities], least=1)
        for community, (tile, members) in enumerate(communities, 1):
            for grid, (cut, _) in enumerate(
                _clusters(tile, members, of_community[community - 1], chance), 1
            ):
                yield Tile(district, street, community, grid, cut)


def shares(total: int, weights: Sequence[float], least: int) -> list[int]:
    """Share a whole number out by weight, largest remainders first, at least `least` each."""
    weight = np.asarray(weights, dtype=np.float64)
    exact = (total - least * len(weight)) * weight / weight.sum()
    part = np.floor(exact).astype(int)
    rest = total - least * len(weight) - int(part.sum())
    part[np.argsort(part - exact, kind="stable")[:rest]] += 1
    return [int(one) + least for one in part]


def whole_partition(tiles: Sequence[Tile], districts: Sequence[Any]) -> list[Tile]:
    """Make tiles that fit exactly: each face of the noded edges goes to one tile."""
    faces = faces_of([tile.polygon for tile in tiles] + list(districts))
    district = owners(faces, districts)
    faces, district = faces[district >= 0], district[district >= 0]
    owner = _nearest_of_district(faces, district, tiles)
    owner = _without_exclaves(faces, district, owner)
    return [
        Tile(tile.district, tile.street, tile.community, tile.grid, shapely.union_all(parts))
        for row, tile in enumerate(tiles)
        if len(parts := faces[owner == row])
    ]


def _clusters(
    polygon: Any, people: Points, count: int, chance: np.random.Generator
) -> list[tuple[Any, Points]]:
    """Cut a tile into `count` (or, where people are few, fewer) clusters with their people."""
    if count <= 1 or len(people) < 3 * count:
        return [(polygon, people)]
    squeeze = np.array([np.cos(np.radians(polygon.centroid.y)), 1.0])
    scaled = people * squeeze
    centres, label = kmeans2(scaled, count, KMEANS_ROUNDS, minit="++", rng=chance)
    used = np.unique(label)
    used = used[np.lexsort((centres[used, 0], -centres[used, 1]))]  # numbered from the north
    cells = _voronoi(centres[used] / squeeze, squeeze, polygon)
    return [(cell, people[label == cluster]) for cell, cluster in zip(cells, used, strict=True)]


def _voronoi(centres: Points, squeeze: Points, polygon: Any) -> list[Any]:
    if len(centres) == 1:
        return [polygon]
    scaled = shapely.transform(polygon, lambda points: points * squeeze)
    seeds = shapely.multipoints(centres * squeeze)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=scaled.buffer(1.0)))
    seed, cell = shapely.STRtree(cells).query(shapely.points(centres * squeeze), "within")
    cells = cells[cell[np.argsort(seed)]]
    wide = shapely.transform(cells, lambda points: points / squeeze)
    return [_polygonal(shapely.intersection(one, polygon)) for one in wide]


def _polygonal(geometry: Any) -> Any:
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[shapely.area(parts) > 0])


def _nearest_of_district(faces: Faces, district: Rows, tiles: Sequence[Tile]) -> Rows:
    """Give each face the tile of its district that holds it, or is nearest (slivers)."""
    owner = np.full(len(faces), -1, dtype=np.int64)
    of_tile = np.array([tile.district for tile in tiles])
    for number in np.unique(district):
        rows = np.flatnonzero(district == number)
        mine = np.flatnonzero(of_tile == number)
        tree = shapely.STRtree([tiles[row].polygon for row in mine])
        owner[rows] = mine[tree.nearest(shapely.point_on_surface(faces[rows]))]
    return owner


def _without_exclaves(faces: Faces, district: Rows, owner: Rows) -> Rows:
    """Give pieces cut off from their tile to the neighbour with the longest common edge."""
    owner = owner.copy()
    for tile in np.unique(owner):
        rows = np.flatnonzero(owner == tile)
        parts = shapely.get_parts(shapely.union_all(faces[rows]))
        if len(parts) == 1:
            continue
        main = parts[np.argmax(shapely.area(parts))]
        for row in rows[~shapely.intersects(main, shapely.point_on_surface(faces[rows]))]:
            owner[row] = _best_neighbour(faces, district, owner, int(row))
    return owner


def _best_neighbour(
    faces: Faces,
    district: Rows,
    owner: Rows,
    row: int,
) -> int:
    candidates = np.flatnonzero((district == district[row]) & (owner != owner[row]))
    common = shapely.length(shapely.intersection(faces[candidates], faces[row]))
    if not len(candidates) or not common.max() > 0:
        return int(owner[row])  # an island of the district stays a part of its tile
    return int(owner[candidates[np.argmax(common)]])
