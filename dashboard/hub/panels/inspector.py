"""Inspector: everything known about one cell or one area.

Called while the hub's lock is held: it reads the ring. Each minute of a series is masked as
a map of that minute would be, so that a series does not tell what such a map withholds, and
beside it as a part of the windows that are shown, or withheld.
"""

from __future__ import annotations

from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray

from dashboard.errors import UnknownError
from dashboard.hub.frame import Frame, whole
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.masks import withheld_series
from dashboard.hub.minutes import Kind, MinuteMasks
from dashboard.hub.panels.areas import chain
from dashboard.hub.panels.counts import Count, change, count, counts
from dashboard.hub.panels.hottest import area_of_cell, position
from dashboard.hub.panels.kpi import STRETCHES, stretches_hidden
from dashboard.hub.ring import COLUMNS
from dashboard.hub.shown import Shown
from dashboard.hub.state import CityState
from dashboard.hub.sums import FEVER, IN, OUT, PASS, PASSAGES, published
from schemas.times import MINUTE_MS

LENGTH = 60
MOST_PLACES = 50
_ALL = ("in", "out", "pass", "denied")
_SHOWN = {"in": IN, "out": OUT, "pass": PASS, "passages": PASSAGES, "fever": FEVER}


def cell(state: CityState, frame: Frame, masks: MinuteMasks, name: str) -> dict[str, Any]:
    """Answer what is known of a cell, given as 15 hexadecimal digits."""
    res = h3.get_resolution(name)
    column = RESOLUTIONS.index(res)
    index = state.places.tables[column].find(int(name, 16))
    if index is None or index >= frame.geography.sizes[column]:
        raise UnknownError(f"cell {name}: no place of the city is in it")
    rows = np.flatnonzero(state.places.cells[:, column] == index)
    node = frame.geography.nodes(res).start + index
    return {
        "cell": name,
        "res": res,
        **position(name),
        "area_km2": round(h3.cell_area(name), 6),
        "areas": chain(frame, area_of_cell(frame, res, index)),
        **_now(frame, Kind.CELLS, node),
        **_series(state, masks, frame, rows, (Kind.CELLS, node)),
        "neighbours": _neighbours(frame, state, name, res),
        **_places(state, rows),
    }


def area(state: CityState, frame: Frame, masks: MinuteMasks, area_id: str) -> dict[str, Any]:
    """Answer what is known of an area."""
    areas = state.city.gazetteer
    row = areas.area_index.get(area_id)
    if row is None:
        raise UnknownError(f"area {area_id}: not an area of {state.city.id}")
    level = int(areas.level[row])
    within = np.flatnonzero(areas.lineage[:, level] == row)
    rows = np.flatnonzero(np.isin(state.places.grid, within))
    residents = int(areas.residents[row])
    now = _now(frame, Kind.AREAS, row)
    return {
        "area_id": area_id,
        "level": areas.levels[level],
        "name": str(areas.area_name[row]),
        "name_en": str(areas.area_name_en[row]),
        "residents": residents,
        "areas": chain(frame, row),
        **now,
        "per_1000": _per_1000(now["windows"]["60"]["passages"], residents),
        **_series(state, masks, frame, rows, (Kind.AREAS, row)),
        **_places(state, rows),
    }


def _per_1000(passages: Count, residents: int) -> float | None:
    """Give passages of the last hour for 1,000 residents; None where either is not shown."""
    if not isinstance(passages, int) or residents <= 0:
        return None
    return round(1000 * passages / residents, 1)


def _shown(frame: Frame, kind: Kind, window: str) -> Shown:
    return frame.cells(window) if kind is Kind.CELLS else frame.areas(window)


def _now(frame: Frame, kind: Kind, node: int) -> dict[str, Any]:
    """Give the windows' counts by direction and the change of passages."""
    now, ago = _shown(frame, kind, whole(15)), _shown(frame, kind, "ago_15")
    windows = {
        str(m): _directions(_shown(frame, kind, f"last_{m}"), node, frame.k) for m in (1, 15, 60)
    }
    known = frame.knows_hour_ago(15)
    changes = {
        name: _change(now, ago, node, column, known=known) for name, column in _SHOWN.items()
    }
    return {
        "now": windows["15"],
        "windows": windows,
        "change": changes["passages"],
        "changes": changes,
    }


def _change(now: Shown, ago: Shown, node: int, column: int, *, known: bool) -> int | None:
    return change(
        int(now.values[node, column]),
        int(ago.values[node, column]),
        hidden=bool(now.hidden[node, column] or ago.hidden[node, column]),
        known=known,
    )


def _directions(shown: Shown, node: int, k: int) -> dict[str, Count]:
    return {
        name: count(int(shown.values[node, column]), bool(shown.hidden[node, column]), k)
        for name, column in _SHOWN.items()
    }


def _series(
    state: CityState,
    masks: MinuteMasks,
    frame: Frame,
    rows: NDArray[np.int64],
    node: tuple[Kind, int],
) -> dict[str, Any]:
    raw, (kind, row) = state.ring.series(rows, LENGTH), node
    values = published(raw)
    hidden = masks.of_node(state, frame.geography, node, LENGTH) & (values > 0)
    windows = stretches_hidden(*(_shown(frame, kind, f"last_{m}").hidden[row] for m in (15, 60)))
    hidden = withheld_series(values, STRETCHES, frame.k, hidden, windows)
    hidden |= kind is Kind.AREAS and row in frame.geography.untold
    last = state.ring.clock or 0
    return {
        "minute_ms": [m * MINUTE_MS for m in range(last - LENGTH + 1, last + 1)],
        "series": {
            name: counts(values[:, column], hidden[:, column], frame.k)
            for name, column in _SHOWN.items()
        },
        "simulated": bool(raw[:, COLUMNS.index("n_simulated")].any()),
        "kinds": kinds(raw, frame.k),
    }


def kinds(minutes: NDArray[np.int64], k: int) -> dict[str, Any]:
    """Say where the counts of the last hour come from, as far as slices tell.

    `simulated` is "all", "none", "part" or None where nothing was counted; `share` of a part is
    told in tenths, and not of small counts: an exact one would tell what is withheld elsewhere.
    Through which channel a check-in came is not in a slice, so `channels` is None.
    """
    every = int(minutes[:, [COLUMNS.index(f"n_{name}") for name in _ALL]].sum())
    simulated = int(minutes[:, COLUMNS.index("n_simulated")].sum())
    if every == 0:
        word = None
    elif simulated == 0:
        word = "none"
    else:
        word = "all" if simulated >= every else "part"
    tenths = min(9, max(1, round(10 * simulated / every))) if word == "part" else None
    known = tenths is not None and min(simulated, every - simulated) >= k
    return {
        "simulated": word,
        "share": tenths / 10 if known and tenths else None,
        "channels": None,
    }


def _neighbours(frame: Frame, state: CityState, name: str, res: int) -> list[dict[str, Any]]:
    shown, nodes = frame.cells("last_15"), frame.geography.nodes(res)
    table = state.places.tables[RESOLUTIONS.index(res)]
    found: list[dict[str, Any]] = []
    for near in sorted(set(h3.grid_disk(name, 1)) - {name}):
        at = table.find(int(near, 16))
        value: Count = None
        if at is not None and at < nodes.stop - nodes.start:
            node = nodes.start + at
            value = count(
                int(shown.values[node, PASSAGES]), bool(shown.hidden[node, PASSAGES]), frame.k
            )
        found.append({"cell": near, "value": value})
    return found


def _places(state: CityState, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Name the places, those that reported last first; at most 50 of them."""
    places, gazetteer = state.places, state.city.gazetteer
    newest = places.last_arrival_ms[rows]
    order = rows[np.argsort(newest, kind="stable")[::-1][:MOST_PLACES]].tolist()
    last_ms = int(newest.max()) if len(rows) else -1
    return {
        "places": [
            {
                "place_id": places.name(row),
                "name": str(gazetteer.place_name[row]) if row < places.n_fixed else None,
                "kind": str(gazetteer.place_kind[row]) if row < places.n_fixed else "point",
                "last_ms": _known_ms(int(places.last_arrival_ms[row])),
            }
            for row in order
        ],
        "n_places": len(rows),
        "n_reporting": int((newest >= 0).sum()),
        "last_seen_ms": _known_ms(last_ms),
        "completeness": state.accounts.completeness(),
        "corrected_ms": _known_ms(int(places.corrected_ms[rows].max()) if len(rows) else -1),
    }


def _known_ms(instant_ms: int) -> int | None:
    return None if instant_ms < 0 else instant_ms
