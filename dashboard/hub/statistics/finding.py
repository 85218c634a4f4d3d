"""Finding: which record speaks of a cell that somebody points at."""

from __future__ import annotations

from typing import Any, Final

import h3

from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.statistics.fold import PictureView

_COARSEST: Final = min(RESOLUTIONS)


def record_at(view: PictureView, topic: str, name: str) -> Any:
    """Find the record of the cell itself, or of the larger cell its centre lies in."""
    records = view.records.get(topic, {})
    for res in range(h3.get_resolution(name), _COARSEST - 1, -1):
        held = records.get(_holder(name, res))
        if held is not None:
            return held
    return None


def lies_in(name: str, record: Any) -> bool:
    """Say whether a cell's centre lies in one of the cells of a cluster."""
    res: int = record.res
    return h3.get_resolution(name) >= res and _holder(name, res) in record.cells


def _holder(name: str, res: int) -> str:
    """Give the cell of a coarser resolution that holds this one's centre.

    Not its parent: a child's centre may lie in the parent's neighbour.
    """
    if h3.get_resolution(name) == res:
        return name
    return str(h3.latlng_to_cell(*h3.cell_to_latlng(name), res))
