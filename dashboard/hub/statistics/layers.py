"""Layers: what stands of the picture, as a value and a mark for each cell of a table.

Small counts: density says a count of passages in other words, so a cell whose passages are
withheld has no density, ratio or presence shown either, nor has one of 1..k-1 present, and what
is shown has two significant digits; what is smoothed comes in steps of k. Rates and
probabilities of the risk model are shown; the cases they rest on are not, and no ratio of a
cluster of few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import h3
import numpy as np
from numpy.typing import NDArray

from dashboard.hub import wire
from dashboard.hub.layers import RESOLUTIONS
from dashboard.hub.panels.counts import is_small
from dashboard.hub.statistics.catalog import COLD, LAYERS, Statistic, StatisticLayer
from dashboard.hub.statistics.codes import (
    Flags,
    Reals,
    ratios_to_values,
    to_marks,
    to_values,
    two_digits,
)
from dashboard.hub.statistics.fold import PictureView
from dashboard.hub.sums import PASSAGES
from geo.disks import gaussian_rings
from schemas.records import CellDensity, CellRisk, Hotspot
from schemas.topics import ABERRATIONS, CELL_DENSITY, CELL_RISK, CLUSTERS, HOTSPOTS

if TYPE_CHECKING:
    from dashboard.hub.frame import Frame

Shown = tuple[wire.Values, wire.Marks]
Rows = NDArray[np.int64]
WINDOWS: Final = (15, 60)
_RINGS: Final = float(gaussian_rings(1.0, 3) @ [1, 6, 12, 18])
"""Weights of all cells that density is smoothed over, the cell's own being 1."""


def statistic(frame: Frame, layer: StatisticLayer) -> Shown:
    """Give a layer for the cells that the frame's table has; worked out once a picture."""
    ground, n = frame.geography, frame.geography.sizes[RESOLUTIONS.index(layer.res)]
    return frame.picture.once(layer, ground, lambda: _MAKERS[layer.statistic](frame, layer, n))


def as_of_ms(view: PictureView, layer: StatisticLayer) -> int:
    """Give up to which arrival a layer holds; 0 while nothing was said."""
    stamp = view.stamp(LAYERS[layer.statistic].topic)
    return stamp.as_of_ms if stamp else 0


def areas_of_cells(frame: Frame, res: int) -> Rows:
    """Give for each cell the smallest area that holds most of its places, else its centre."""
    return frame.picture.once(("areas", res), frame.geography, lambda: _areas(frame, res))


def _areas(frame: Frame, res: int) -> Rows:
    geo, column = frame.geography, RESOLUTIONS.index(res)
    areas = geo.areas_of_cells(res)
    bare = np.flatnonzero(areas < 0)
    if len(bare):
        names = geo.tables[column].cells()[: geo.sizes[column]][bare].tolist()
        centres = np.array([h3.cell_to_latlng(h3.int_to_str(name)) for name in names])
        areas[bare] = geo.gazetteer.grids_of(centres[:, 0], centres[:, 1])
    return areas


def window_of(view: PictureView) -> int:
    """Give the window (minutes) that density is shown for: the longest the map has counts of."""
    held = view.once("window", None, lambda: {window for _, window in view.of(CELL_DENSITY)})
    return max((w for w in WINDOWS if w in held), default=max(held, default=WINDOWS[-1]))


class Column:
    """Cells of one resolution that records speak of, as rows of the wire's table."""

    def __init__(self, frame: Frame, res: int, n: int, records: Iterable[Any]) -> None:
        row_of = frame.geography.row_of
        found = [(row_of(r.cell, res), r) for r in records if r.res == res]
        self.records = [r for row, r in found if row >= 0]
        self.rows: Rows = np.array([row for row, _ in found if row >= 0], dtype=np.int64)
        self.n = n

    def get(self, read: Callable[[Any], float | None]) -> Reals:
        """Read one field of each record; None as NaN."""
        # a list, not fromiter: None becomes NaN on the way to float64
        return np.array([read(r) for r in self.records], dtype=np.float64)

    def flags(self, read: Callable[[Any], bool]) -> Flags:
        """Read one flag of each record."""
        return np.array([read(r) for r in self.records], dtype=np.bool_)

    def shown(self, values: wire.Values, sureness: Reals) -> Shown:
        """Put values where their cells are; what nothing was said of has no data."""
        all_values = np.full(self.n, wire.NO_DATA, dtype=np.uint16)
        all_marks = np.zeros(self.n, dtype=np.uint8)
        all_values[self.rows] = values
        all_marks[self.rows] = to_marks(sureness, self.flags(lambda r: r.simulated))
        return all_values, all_marks


def _density(frame: Frame, layer: StatisticLayer, n: int) -> Shown:
    window = window_of(frame.picture)
    column = Column(frame, layer.res, n, _of_window(frame.picture, window))
    hidden = _is_hidden(frame, column, layer.res, window)
    amounts = {
        Statistic.DENSITY: lambda r: (
            r.per_km2 if r.smoothed_per_km2 is None else in_steps_of_k(r, frame.k)
        ),
        Statistic.OCCUPANCY: lambda r: r.occupancy,
    }
    none = np.zeros(len(column.rows), dtype=np.bool_)
    if layer.statistic is Statistic.RATIO:
        hidden |= column.flags(lambda r: is_small(r.expected, frame.k))
        values = ratios_to_values(two_digits(column.get(lambda r: r.ratio)))
    else:
        values = to_values(two_digits(column.get(amounts[layer.statistic])), 1.0, none)
    if layer.statistic is Statistic.OCCUPANCY:
        hidden |= column.flags(lambda r: is_small(r.occupancy, frame.k))
    if layer.statistic is Statistic.DENSITY:
        hidden |= column.flags(lambda r: is_small(r.smoothed_per_km2, step_per_km2(r, frame.k)))
    values[hidden & (values != wire.NO_DATA)] = wire.WITHHELD
    return column.shown(values, column.get(_sureness_of_count))


def step_per_km2(record: CellDensity, k: int) -> float:
    """Give what k passages in a cell add to its own smoothed density."""
    return k / _weighed_km2(record.cell)


@lru_cache(maxsize=1 << 17)
def _weighed_km2(cell: str) -> float:
    """Give a cell's area times the weights of all cells smoothed over; asked at each density."""
    return _RINGS * float(h3.cell_area(cell))


def in_steps_of_k(record: CellDensity, k: int) -> float | None:
    """Give a smoothed density in steps of what k passages in the cell add to it.

    An exact one would tell the few of a lone cell all around it, where nobody passed.
    """
    amount, step = record.smoothed_per_km2, step_per_km2(record, k)
    return amount if amount is None or step == 0 else step * round(amount / step)


def _of_window(view: PictureView, window: int) -> list[CellDensity]:
    return [r for (_, minutes), r in view.of(CELL_DENSITY).items() if minutes == window]


def _is_hidden(frame: Frame, column: Column, res: int, window: int) -> Flags:
    """Say where passages are withheld, by the record itself or beside other cells' counts.

    Before anything is counted nobody knows beside which: all but none are.
    """
    if not frame.counted:
        return column.flags(lambda r: r.passages > 0)
    shown = frame.cells(f"last_{window if window in WINDOWS else 60}")
    beside = shown.hidden[frame.geography.nodes(res)][column.rows, PASSAGES]
    small = column.flags(lambda r: r.below_k or is_small(r.passages, frame.k))
    return np.asarray(beside | small)


def _sureness_of_count(record: CellDensity) -> float:
    """Say how narrow the 90 % interval of the density is; nobody there is sure."""
    if record.per_km2 <= 0:
        return 1.0
    return 1.0 - (record.per_km2_hi - record.per_km2_lo) / (2 * record.per_km2)


def _risk(frame: Frame, layer: StatisticLayer, n: int) -> Shown:
    column = Column(frame, layer.res, n, frame.picture.of(CELL_RISK).values())
    insufficient = column.flags(lambda r: r.risk_class < 0)
    read, sureness = _RISKS[layer.statistic]
    values = to_values(column.get(read), LAYERS[layer.statistic].step, insufficient)
    return column.shown(values, np.where(insufficient, 0.0, column.get(sureness)))


def _side(record: CellRisk) -> float:
    """Say how sure it is on which side of the city's average a cell lies."""
    return abs(2 * record.p_above_1 - 1)


def _narrowness(record: CellRisk) -> float:
    """Say how narrow the 90 % interval of the risk is beside its mean."""
    return 1.0 - (record.rr_hi - record.rr_lo) / (2 * record.rr) if record.rr > 0 else 0.0


_RISKS: Final[Mapping[Statistic, tuple[Callable[[Any], float], Callable[[Any], float]]]] = {
    Statistic.RISK: (lambda r: r.rr, _side),
    Statistic.ABOVE_1: (lambda r: r.p_above_1, lambda _: 1.0),
    Statistic.INCIDENCE: (lambda r: r.incidence_per_100k, _narrowness),
}


def _hotspots(frame: Frame, layer: StatisticLayer, n: int) -> Shown:
    column = Column(frame, layer.res, n, frame.picture.of(HOTSPOTS).values())
    unknown = column.flags(lambda r: r.z is None)
    values = to_values(column.get(_level_of), 1.0, unknown)
    return column.shown(values, _unlikeliness(column.get(_p_of)))


def _level_of(record: Hotspot) -> int:
    """Give the level as the page classes it: cold ones after hot ones."""
    return record.level_cold + COLD if record.level_cold else record.level


def _p_of(record: Hotspot) -> float | None:
    """Give the adjusted p-value of the side that is shown."""
    return record.p_cold_adjusted if record.level_cold else record.p_adjusted


def _clusters(frame: Frame, layer: StatisticLayer, n: int) -> Shown:
    """Give each cell the ratio of the strongest cluster that holds it; 0 in none.

    That of a small cluster is withheld: with the cases expected it would tell those there are.
    """
    records = frame.picture.of(CLUSTERS)
    values = np.full(n, wire.NO_DATA, dtype=np.uint16)
    sureness, simulated = np.ones(n), np.zeros(n, dtype=np.bool_)
    if not any(r.res == layer.res for r in records.values()):
        return values, to_marks(0 * sureness, simulated)
    values[:] = 0
    simulated[:] = any(r.simulated for r in records.values())
    for rank in sorted(records, reverse=True):  # the strongest last, so that it stays on top
        record = records[rank]
        if record.found and record.ratio is not None and record.res == layer.res:
            named = [frame.geography.row_of(cell, layer.res) for cell in record.cells]
            rows = [row for row in named if row >= 0]
            step = LAYERS[Statistic.CLUSTERS].step
            none = np.zeros(1, dtype=np.bool_)
            ratio = to_values(np.array([record.ratio]), step, none)[0]
            values[rows] = wire.WITHHELD if is_small(record.observed, frame.k) else ratio
            sureness[rows] = 1.0 - (1.0 if record.p is None else record.p)
    return values, to_marks(sureness, simulated)


def _aberrations(frame: Frame, layer: StatisticLayer, n: int) -> Shown:
    """Give each cell the highest level found for any area it lies in."""
    areas = frame.geography.gazetteer
    level = np.full(len(areas.area_id), -2.0)  # -2 nothing said, -1 past too short
    sureness, simulated = np.zeros(len(level)), np.zeros(len(level), dtype=np.bool_)
    for record in frame.picture.of(ABERRATIONS).values():
        row = areas.area_index.get(record.area_id)
        if row is None:
            continue
        found = -1.0 if record.p is None else float(record.level_found)
        simulated[row] |= record.simulated
        sure = 1.0 - (1.0 if record.p_adjusted is None else record.p_adjusted)
        level[row], sureness[row] = max((level[row], sureness[row]), (found, sure))
    of_cells = areas_of_cells(frame, layer.res)
    lineage = areas.lineage[of_cells]
    within = np.where((lineage >= 0) & (of_cells >= 0)[:, None], level[lineage], -2.0)
    strongest = np.take_along_axis(lineage, within.argmax(axis=1)[:, None], axis=1)[:, 0]
    best = within.max(axis=1)
    values = to_values(np.maximum(best, 0.0), 1.0, best == -1.0)
    values[best < -1.0] = wire.NO_DATA
    return values, to_marks(sureness[strongest], simulated[strongest] & (best > -2.0))


def _unlikeliness(p: Reals) -> Reals:
    """Say how unlikely chance alone is; nothing known is no sureness."""
    return np.where(np.isfinite(p), 1.0 - p, 0.0)


_MAKERS: Final[Mapping[Statistic, Callable[[Any, StatisticLayer, int], Shown]]] = {
    Statistic.DENSITY: _density,
    Statistic.RATIO: _density,
    Statistic.OCCUPANCY: _density,
    Statistic.RISK: _risk,
    Statistic.ABOVE_1: _risk,
    Statistic.INCIDENCE: _risk,
    Statistic.HOTSPOTS: _hotspots,
    Statistic.CLUSTERS: _clusters,
    Statistic.ABERRATIONS: _aberrations,
}
