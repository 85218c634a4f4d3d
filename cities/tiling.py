"""Whether areas fit: overlaps and gaps between the smallest, children outside their parents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from cities.areas import AREAS_FILE, AreaFeature
from cities.findings import Finding, Severity
from geo.polygons import Polygons, polygon_areas_km2

SLIVER_KM2 = 1e-5
"""10 m²: less than that is rounding, and not reported."""

GRAVE_SHARE = 0.01
"""An overlap or overhang of more than this share of the smaller area is an error."""

NARROW_DEG = 1e-4
"""Edges that run apart by up to about 10 m were meant to be one."""


def tiling_faults(features: list[AreaFeature], levels: list[str]) -> list[Finding]:
    """Find what keeps areas from being a complete tiling of their parents."""
    smallest = [part for part in features if part.properties.level == levels[-1]]
    found = [*_overlaps(smallest)]
    overlapping = {finding.row for finding in found}
    found += [one for one in _ragged(smallest) if one.row not in overlapping]
    found += _holes(smallest)
    found += _overhangs(features)
    found += _childless(features, levels)
    return found


def _overlaps(smallest: list[AreaFeature]) -> Iterator[Finding]:
    polygons = _polygons(smallest)
    size = polygon_areas_km2(polygons)
    left, right = shapely.STRtree(polygons).query(polygons, "intersects")
    pairs = (left < right).nonzero()[0]
    left, right = left[pairs], right[pairs]
    common = polygon_areas_km2(shapely.intersection(polygons[left], polygons[right]))
    for row in np.flatnonzero(common > SLIVER_KM2).tolist():
        one, other = smallest[left[row]], smallest[right[row]]
        share = common[row] / min(size[left[row]], size[right[row]])
        value = f"{common[row]:.6f} km² shared with {other.properties.id}"
        yield _fault(one, value, "no overlap between smallest areas", share)


def _ragged(smallest: list[AreaFeature]) -> Iterator[Finding]:
    """Find edges that nearly, but not quite, match their neighbour's: hair-thin gaps."""
    edges = shapely.coverage_invalid_edges(_polygons(smallest), gap_width=NARROW_DEG)
    for row in np.flatnonzero(~shapely.is_empty(edges)).tolist():
        point = shapely.get_coordinates(edges[row])[0]
        value = f"{smallest[row].properties.id} does not meet its neighbour at {_shown(point)}"
        expected = "edges that match to the vertex"
        yield _fault(smallest[row], value, expected, 0.0)


def _holes(smallest: list[AreaFeature]) -> Iterator[Finding]:
    """Find places in the middle of the city that no area covers."""
    if not smallest:
        return
    whole = shapely.get_parts(shapely.union_all(_polygons(smallest)))
    inner = [shapely.polygons(ring) for part in whole for ring in part.interiors]
    sizes = polygon_areas_km2(np.array(inner, dtype=object)) if inner else np.empty(0)
    for hole, size in zip(inner, sizes.tolist(), strict=True):
        if size > SLIVER_KM2:
            at = _shown(shapely.get_coordinates(shapely.point_on_surface(hole))[0])
            value = f"gap of {size:.6f} km² at {at}"
            expected = "areas without gaps, unless nobody can be there"
            yield Finding(AREAS_FILE, "geometry", value, expected, None, Severity.WARNING)


def _overhangs(features: list[AreaFeature]) -> Iterator[Finding]:
    """Compare with the geometry of a parent, where it has one."""
    of_id = {part.properties.id: part for part in features if part.geometry is not None}
    children: dict[str, list[AreaFeature]] = {}
    for part in features:
        parent = part.properties.parent
        if parent in of_id and part.geometry is not None:
            children.setdefault(parent, []).append(part)
    for parent, below in children.items():
        outline = of_id[parent].geometry
        yield from _outside_parent(parent, outline, below)
        yield from _uncovered(of_id[parent], below)


def _outside_parent(parent: str, outline: Any, children: list[AreaFeature]) -> Iterator[Finding]:
    polygons = _polygons(children)
    size = polygon_areas_km2(polygons)
    beyond = polygon_areas_km2(shapely.difference(polygons, outline))
    for row in np.flatnonzero(beyond > SLIVER_KM2).tolist():
        value = f"{beyond[row]:.6f} km² of {children[row].properties.id} outside {parent}"
        yield _fault(children[row], value, "an area inside its parent", beyond[row] / size[row])


def _uncovered(parent: AreaFeature, children: list[AreaFeature]) -> Iterator[Finding]:
    rest = shapely.difference(parent.geometry, shapely.union_all(_polygons(children)))
    size = float(polygon_areas_km2(np.array([parent.geometry, rest], dtype=object))[1])
    if size > SLIVER_KM2:
        value = f"{size:.6f} km² of {parent.properties.id} in none of its parts"
        yield _fault(parent, value, "parts that cover their parent", 0.0)


def _childless(features: list[AreaFeature], levels: list[str]) -> Iterator[Finding]:
    parents = {part.properties.parent for part in features}
    for part in features:
        if part.properties.level != levels[-1] and part.properties.id not in parents:
            expected = "at least one area below it"
            yield Finding(
                AREAS_FILE, "id", part.properties.id, expected, part.row, Severity.WARNING
            )


def _fault(area: AreaFeature, value: str, expected: str, share: float) -> Finding:
    grave = Severity.ERROR if share > GRAVE_SHARE else Severity.WARNING
    return Finding(AREAS_FILE, "geometry", value, expected, area.row, grave)


def _polygons(features: list[AreaFeature]) -> Polygons:
    polygons = np.full(len(features), None, dtype=object)
    polygons[:] = [feature.geometry for feature in features]
    return polygons


def _shown(point: NDArray[np.float64]) -> str:
    return f"lat {point[1]:.5f}, lng {point[0]:.5f}"
