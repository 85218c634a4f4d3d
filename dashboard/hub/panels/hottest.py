"""Hottest: the cells with the largest counts, with the areas they lie in."""

from __future__ import annotations

from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray

from dashboard.hub import wire
from dashboard.hub.frame import COLUMN_OF, Frame
from dashboard.hub.layers import RESOLUTIONS, Layer
from dashboard.hub.panels.areas import chain


def hottest(frame: Frame, cells: NDArray[np.uint64], layer: Layer, n: int) -> dict[str, Any]:
    """Give the `n` largest shown cells of a layer, largest first, and how many are withheld."""
    values, _ = frame.layer(layer)
    known = np.flatnonzero((values < wire.WITHHELD) & (values > 0))
    exact = _exact(frame, layer, values)
    largest = known[np.argsort(exact[known], kind="stable")[::-1][:n]]
    changes, _ = frame.layer(Layer(layer.res, layer.metric.change, layer.minutes))
    return {
        "rows": [
            {
                "cell": (name := h3.int_to_str(int(cells[i]))),
                **position(name),
                "value": int(exact[i]),
                "change": percent(int(changes[i])),
                "areas": chain(frame, area_of_cell(frame, layer.res, int(i))),
            }
            for i in largest
        ],
        "n_withheld": int((values == wire.WITHHELD).sum()),
    }


def _exact(frame: Frame, layer: Layer, values: wire.Values) -> NDArray[np.int64]:
    """Give what a layer says; counts as they are, for those of the wire are cut."""
    if layer.metric.is_change:
        return values.astype(np.int64) - wire.NO_CHANGE
    nodes, column = frame.geography.nodes(layer.res), COLUMN_OF[layer.metric]
    counted: NDArray[np.int64] = frame.cells(f"last_{layer.minutes}").values[nodes, column]
    return counted


def percent(value: int) -> int | None:
    """Read a change as it is on the wire."""
    return None if value >= wire.WITHHELD else value - wire.NO_CHANGE


def position(cell: str) -> dict[str, float]:
    """Give the centre of a cell."""
    lat, lng = h3.cell_to_latlng(cell)
    return {"lng": round(lng, 6), "lat": round(lat, 6)}


def area_of_cell(frame: Frame, res: int, index: int) -> int:
    """Give the smallest area that holds most places of a cell; -1 for a cell without any."""
    geo = frame.geography
    rows = geo.cells[:, RESOLUTIONS.index(res)] == index
    grids = geo.grid[rows]
    return int(np.bincount(grids[grids >= 0]).argmax()) if (grids >= 0).any() else -1
