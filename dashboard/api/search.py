"""Search: find a cell by its number, a place or an area by id or name, Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import h3
import numpy as np
import shapely

from dashboard.hub.layers import RESOLUTIONS

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer

_SPLIT = re.compile(r"\s+")


class Search:
    """An index over the names of one city; made once."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    @cached_property
    def _areas(self) -> list[str]:
        g = self.gazetteer
        return [
            f"{i}\n{n}\n{e}".casefold()
            for i, n, e in zip(g.area_id, g.area_name, g.area_name_en, strict=True)
        ]

    @cached_property
    def _places(self) -> list[str]:
        g = self.gazetteer
        return [f"{i}\n{n}".casefold() for i, n in zip(g.place_id, g.place_name, strict=True)]

    def find(self, text: str, n: int) -> list[dict[str, Any]]:
        """Give the `n` best finds: cells, then areas, then places; beginnings before middles."""
        found = list(_cell(text.lower()))
        words = _SPLIT.split(text.casefold())
        found += [self._area(row) for row in _best(self._areas, words, n)]
        found += [self._place(row) for row in _best(self._places, words, n)]
        return found[:n]

    def _area(self, row: int) -> dict[str, Any]:
        g = self.gazetteer
        level = int(g.level[row])
        shapes = g.polygons[(g.lineage[:, level] == row)]
        west, south, east, north = shapely.total_bounds(shapes).tolist()
        has_shape = west <= east
        parent = int(g.parent[row])
        return {
            "kind": "area",
            "id": str(g.area_id[row]),
            "name": str(g.area_name[row]),
            "name_en": str(g.area_name_en[row]),
            "level": g.levels[level],
            "detail": str(g.area_name[parent]) if parent >= 0 else "",
            "lng": round((west + east) / 2, 6) if has_shape else None,
            "lat": round((south + north) / 2, 6) if has_shape else None,
            **({"bbox": [west, south, east, north]} if has_shape else {}),
        }

    def _place(self, row: int) -> dict[str, Any]:
        g = self.gazetteer
        return {
            "kind": "place",
            "id": str(g.place_id[row]),
            "name": str(g.place_name[row]),
            "name_en": str(g.place_name[row]),
            "detail": str(g.area_name[g.grid[row]]),
            "lng": round(float(g.lng[row]), 6),
            "lat": round(float(g.lat[row]), 6),
            "cell": h3.int_to_str(int(g.cells[row, -1])),
        }


def _cell(text: str) -> Iterator[dict[str, Any]]:
    if len(text) == 15 and h3.is_valid_cell(text) and h3.get_resolution(text) in RESOLUTIONS:
        lat, lng = h3.cell_to_latlng(text)
        where = {"lng": round(lng, 6), "lat": round(lat, 6)}
        detail = f"H3 {h3.get_resolution(text)}"
        yield {"kind": "cell", "id": text, "name": text, "name_en": text, "detail": detail, **where}


def _best(texts: list[str], words: list[str], n: int) -> list[int]:
    """Give the rows that hold every word, best first, at most `n`."""
    rows = [row for row, text in enumerate(texts) if all(word in text for word in words)]
    rank = [_rank(texts[row], words[0]) for row in rows]
    return [rows[i] for i in np.argsort(np.array(rank, dtype=np.int64), kind="stable")[:n].tolist()]


def _rank(text: str, word: str) -> int:
    """Rank a find: a whole id or name, then a beginning, then the shortest."""
    parts = text.split("\n")
    if word in parts:
        return 0
    return len(text) + (1_000 if any(part.startswith(word) for part in parts) else 100_000)
