"""Panels: what the page lists beside a statistic layer, and what it says of one cell or area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import h3
import numpy as np

from dashboard.errors import UnknownError
from dashboard.hub.classes import BUSY, Scale
from dashboard.hub.frame import Frame
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.panels.areas import chain
from dashboard.hub.statistics import said
from dashboard.hub.statistics.catalog import LAYERS, Facts, Statistic, StatisticLayer
from dashboard.hub.statistics.codes import INSUFFICIENT
from dashboard.hub.statistics.finding import lies_in, record_at
from dashboard.hub.statistics.fold import CITY, PictureView
from dashboard.hub.statistics.layers import window_of
from dashboard.hub.statistics.rt_curve import rt_curve
from dashboard.hub.wire import WITHHELD
from geo.risk.outputs import listed
from schemas.records import AreaRt, Hotspot
from schemas.topics import ABERRATIONS, AREA_RT, CELL_DENSITY, CELL_RISK, CLUSTERS, HOTSPOTS

if TYPE_CHECKING:
    from cities.statistics import Statistics

MOST_ROWS: Final = 50


def overview(view: PictureView, settings: Statistics, scale: Scale = BUSY) -> dict[str, Any]:
    """Say of every layer what it is, whether there is anything yet, and as of when."""
    own = LAYERS | {Statistic.DENSITY: replace(LAYERS[Statistic.DENSITY], breaks=scale.per_km2[60])}
    return {
        "layers": [
            {**_layer(view, statistic, facts), "every_s": facts.every_s(settings)}
            for statistic, facts in own.items()
        ]
    }


def _layer(view: PictureView, statistic: Statistic, facts: Facts) -> dict[str, Any]:
    stamp = view.stamp(facts.topic)
    found = view.once(("sizes", statistic), None, partial(_resolutions, view, statistic))
    return {
        "id": statistic.name.lower(),
        "group": facts.group,
        "method": facts.method,
        "topic": facts.topic.name,
        "kind": facts.kind,
        "step": facts.step,
        "breaks": list(facts.breaks),
        "version": facts.version,
        "insufficient": INSUFFICIENT,
        "state": "ready" if found else "empty",
        "resolutions": found,
        "window_min": window_of(view) if facts.topic is CELL_DENSITY else None,
        "as_of_ms": stamp.as_of_ms if stamp else None,
        "complete_to_ms": stamp.complete_to_ms if stamp else None,
        "completeness": stamp.completeness if stamp else None,
        "formula": stamp.formula if stamp else None,
        "revision": stamp.revision if stamp else None,
    }


def _resolutions(view: PictureView, statistic: Statistic) -> list[int]:
    """Give the resolutions a layer has something to say at; areas are drawn at all of them."""
    records = view.of(LAYERS[statistic].topic).values()
    if statistic is Statistic.ABERRATIONS:
        return list(RESOLUTIONS) if records else []
    if statistic is Statistic.RATIO:
        return sorted({r.res for r in records if r.ratio is not None})
    if statistic is Statistic.OCCUPANCY:
        return sorted({r.res for r in records if r.occupancy is not None})
    return sorted({r.res for r in records if r.res in RESOLUTIONS})


def risks(frame: Frame) -> dict[str, Any]:
    """List the cells that are surely above: few of the list are expected to be wrong."""
    known = [r for r in frame.picture.of(CELL_RISK).values() if r.risk_class >= 0]
    chosen = listed(np.array([r.p_above_1_5 for r in known], dtype=np.float64))
    rows = [r for r, is_listed in zip(known, chosen, strict=True) if is_listed]
    rows = sorted(rows, key=lambda r: (-r.p_above_1_5, -r.rr, r.cell))
    return {
        "n": len(rows),
        "n_judged": len(known),
        "rows": [
            {**said.where(frame, r.cell, r.res), **said.risk(r, frame.k)} for r in rows[:MOST_ROWS]
        ],
    }


def hotspots(frame: Frame) -> dict[str, Any]:
    """List neighbourhoods that stand out to either side, false discoveries controlled."""
    records = list(frame.picture.of(HOTSPOTS).values())
    hot = sorted((r for r in records if r.level > 0), key=lambda r: (-(r.z or 0.0), r.cell))
    cold = sorted((r for r in records if r.level_cold > 0), key=lambda r: (r.z or 0.0, r.cell))
    return {
        "n": len(hot),
        "n_judged": sum(r.z is not None for r in records),
        "rows": [_hotspot(frame, r) for r in hot[:MOST_ROWS]],
        "n_cold": len(cold),
        "n_judged_cold": sum(r.p_cold is not None for r in records),
        "cold": [_hotspot(frame, r) for r in cold[:MOST_ROWS]],
    }


def _hotspot(frame: Frame, record: Hotspot) -> dict[str, Any]:
    return {**said.where(frame, record.cell, record.res), **said.hotspot(record, frame.k)}


def clusters(frame: Frame) -> dict[str, Any]:
    """List the clusters of the last scan with their outlines, strongest first."""
    records = sorted(frame.picture.of(CLUSTERS).values(), key=lambda r: r.rank)
    return {
        "scanned": bool(records),
        "rows": [_cluster(frame, r) for r in records if r.found and r.centre],
    }


def _cluster(frame: Frame, record: Any) -> dict[str, Any]:
    return {
        **said.where(frame, record.centre, record.res),
        **said.cluster(record, frame.k),
        "outline": outline(record.cells),
    }


def outline(cells: Iterable[str]) -> dict[str, Any] | None:
    """Give the union of cells as GeoJSON; None for none, and for what are no cells."""
    sound = [cell for cell in cells if h3.is_valid_cell(cell)]
    return dict(h3.cells_to_geo(sound)) if sound else None


def aberrations(frame: Frame) -> dict[str, Any]:
    """List areas whose days are unusual, the least likely first."""
    records = list(frame.picture.of(ABERRATIONS).values())
    found = [r for r in records if r.level_found > 0]
    found.sort(key=lambda r: (1.0 if r.p is None else r.p, r.area_id))
    return {
        "n": len(found),
        "n_judged": sum(r.p is not None for r in records),
        "rows": [
            {"areas": _chain(frame, r.area_id), **said.aberration(frame, r)}
            for r in found[:MOST_ROWS]
        ],
    }


def _chain(frame: Frame, area_id: str) -> list[dict[str, Any]]:
    return chain(frame, frame.geography.gazetteer.area_index.get(area_id, -1))


def areas(frame: Frame, level: int) -> dict[str, Any]:
    """Give the spread of cases in every area of a level, and in the whole city."""
    gazetteer, records = frame.geography.gazetteer, frame.picture.of(AREA_RT)
    rows = np.flatnonzero(gazetteer.level == level).tolist()
    found = [records.get(str(gazetteer.area_id[row])) for row in rows]
    return {
        "city": _with_curve(frame, records.get(CITY)),
        "rows": [_spread(frame, record) for record in found if record is not None],
    }


def _spread(frame: Frame, record: AreaRt | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "areas": _chain(frame, record.area_id)[-1:],
        **said.spread_of_area(frame, record),
    }


def _with_curve(frame: Frame, record: AreaRt | None) -> dict[str, Any] | None:
    """Give the spread of an area with its last days; a list of many areas goes without."""
    spread = _spread(frame, record)
    return {**spread, "recent": rt_curve(record)} if spread and record else None


def cell(frame: Frame, name: str) -> dict[str, Any]:
    """Say all that the statistics know of a cell; a part is null where nothing was said yet.

    Statistics have a resolution of their own: of a finer cell the one that holds its centre is
    told, of a coarser one nothing.
    """
    view, k = frame.picture, frame.k
    risk, hot = record_at(view, CELL_RISK.name, name), record_at(view, HOTSPOTS.name, name)
    window = window_of(view)
    crowd = view.of(CELL_DENSITY).get((name, window))
    rank = sorted(view.of(CLUSTERS).values(), key=lambda r: r.rank)
    holding = [r for r in rank if r.found and lies_in(name, r)]
    return {
        "cell": name,
        "risk": said.risk(risk, k) if risk else None,
        "hotspot": said.hotspot(hot, k) if hot else None,
        "clusters": [said.cluster(r, k) for r in holding],
        "density": said.density(frame, crowd, _hidden(frame, crowd)) if crowd else None,
        "aberrations": _of_chain(frame, said.where(frame, name, h3.get_resolution(name))["areas"]),
    }


def _hidden(frame: Frame, record: Any) -> bool:
    """Say whether the map withholds the density of a cell: both must say the same."""
    row = frame.geography.row_of(record.cell, record.res)
    values, _ = frame.layer(StatisticLayer(record.res, Statistic.DENSITY))
    return row < 0 or int(values[row]) == WITHHELD


def _of_chain(frame: Frame, above: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what is unusual in the areas a cell lies in, and what was looked at there."""
    ids = {area["area_id"] for area in above}
    records = frame.picture.of(ABERRATIONS)
    found = [r for (area_id, _), r in records.items() if area_id in ids]
    found.sort(key=lambda r: (-r.level_found, 1.0 if r.p is None else r.p, r.area_id))
    return [{"areas": _chain(frame, r.area_id), **said.aberration(frame, r)} for r in found]


def area(frame: Frame, area_id: str) -> dict[str, Any]:
    """Say how cases spread in an area; where it has too few, also in the one that has enough."""
    gazetteer, records = frame.geography.gazetteer, frame.picture.of(AREA_RT)
    row = gazetteer.area_index.get(area_id)
    if row is None:
        raise UnknownError(f"area {area_id}: not an area of the city")
    own = records.get(area_id)
    other = records.get(own.from_area_id) if own and own.from_area_id != area_id else None
    below = np.flatnonzero(gazetteer.parent == row).tolist()
    beside = [str(gazetteer.area_id[r]) for r in below] or _siblings(gazetteer, row)
    return {
        "area_id": area_id,
        "spread": _with_curve(frame, own),
        "instead": _with_curve(frame, other),
        "city": _spread(frame, records.get(CITY)),
        "parts": [_spread(frame, records[one]) for one in beside if one in records],
        "aberrations": [
            said.aberration(frame, r)
            for (one, _), r in frame.picture.of(ABERRATIONS).items()
            if one == area_id
        ],
    }


def _siblings(gazetteer: Any, row: int) -> list[str]:
    """Name the areas beside one that has none within it."""
    same = np.flatnonzero(
        (gazetteer.parent == gazetteer.parent[row]) & (gazetteer.level == gazetteer.level[row])
    )
    return [str(gazetteer.area_id[r]) for r in same.tolist()]
