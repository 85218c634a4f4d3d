"""City: what never changes while the war room runs; made once, when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import shapely

from dashboard.hub import classes
from dashboard.hub.layers import METRICS, RESOLUTIONS, WINDOWS
from geo.polygons import polygon_areas_km2

if TYPE_CHECKING:
    from cities.pack import CityPack

PRECISION_DEG = 1e-6  # about 0.1 m


class CityFacts:
    """Names, levels, breaks and polygons of a city as the page fetches them."""

    def __init__(self, city: CityPack, simulated: Callable[[], bool]) -> None:
        self.city = city
        self._simulated = simulated
        self._polygons: dict[int, tuple[bytes, str]] = {}

    def body(self) -> dict[str, Any]:
        """Give what `/api/city` answers."""
        return {**self._fixed, "simulated": self._simulated()}

    @cached_property
    def _fixed(self) -> dict[str, Any]:
        city = self.city
        return {
            "id": city.id,
            "name": city.name,
            "name_en": city.name_en,
            "version": city.version,
            "timezone": city.timezone,
            "clock": city.clock,
            "synthetic": city.synthetic,
            "notes": {"zh": city.notes.zh, "en": city.notes.en},
            "levels": [{"id": level, **_level_name(city, level)} for level in city.levels],
            "bbox": list(city.gazetteer.bbox),
            "k": city.small_count,
            "resolutions": list(RESOLUTIONS),
            "minutes": list(WINDOWS),
            "usual_minutes": city.usual_minutes,
            "metrics": list(METRICS),
            "breaks": classes.SCALES[city.busyness].breaks(),
        }

    def polygons(self, level: int) -> tuple[bytes, str]:
        """Give the areas of a level as GeoJSON, and its ETag."""
        if level not in self._polygons:
            text = msgspec.json.encode(self._features(level))
            self._polygons[level] = (text, hashlib.blake2b(text, digest_size=8).hexdigest())
        return self._polygons[level]

    def _features(self, level: int) -> dict[str, Any]:
        gazetteer = self.city.gazetteer
        polygons = gazetteer.level_polygons(level)
        rows = [
            row for row in np.flatnonzero(gazetteer.level == level) if polygons[row] is not None
        ]
        shapes = shapely.set_precision(polygons[rows], PRECISION_DEG)
        sizes = polygon_areas_km2(polygons[rows])
        return {
            "type": "FeatureCollection",
            "features": [
                _feature(gazetteer, row, shape, float(size))
                for row, shape, size in zip(rows, shapes, sizes, strict=True)
            ],
        }


def _feature(gazetteer: Any, row: int, shape: Any, area_km2: float) -> dict[str, Any]:
    parent = int(gazetteer.parent[row])
    return {
        "type": "Feature",
        "properties": {
            "area_id": str(gazetteer.area_id[row]),
            "name": str(gazetteer.area_name[row]),
            "name_en": str(gazetteer.area_name_en[row]),
            "parent": str(gazetteer.area_id[parent]) if parent >= 0 else None,
            "residents": int(gazetteer.residents[row]),
            "area_km2": round(area_km2, 4),
        },
        "geometry": msgspec.json.decode(shapely.to_geojson(shape)),
    }


def _level_name(city: CityPack, level: str) -> dict[str, str]:
    label = city.level_names.get(level)
    return {"name": label.zh, "name_en": label.en} if label else {"name": level, "name_en": level}
