"""View: what everybody reads, one a tick; it never changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.frame import Frame
from dashboard.hub.layers import RESOLUTIONS, Metric, layer_of
from dashboard.hub.once import Once
from dashboard.hub.panels.areas import level_values
from dashboard.hub.panels.curve import CaseCurves
from dashboard.hub.panels.hottest import hottest
from dashboard.hub.panels.kpi import kpi, nothing_yet
from dashboard.hub.panels.status import Status
from dashboard.hub.statistics.catalog import StatisticLayer
from dashboard.hub.streams import AnyLayer, Shown, nothing


@dataclass(frozen=True)
class Table:
    """One cell table as of a tick."""

    res: int
    digest: bytes
    cells: NDArray[np.uint64]


@dataclass(frozen=True)
class HubView:
    """One moment of the city.

    `frame` is what is counted, None before anything was and while the hub is still reading what
    there was; `said` is what the statistics say, which may be there without any check-in.
    `made_ms` is when it was made, by a clock that is never set: it is no time of day.
    """

    made_ms: int
    k: int
    said: Frame | None
    curves: CaseCurves
    state: Status
    tables: tuple[Table, ...]
    _kpis: Once[dict[str, Any]] = field(default_factory=Once)

    @property
    def frame(self) -> Frame | None:
        """Give what is counted; None while nothing is."""
        return self.said if self.said is not None and self.said.counted else None

    def status(self) -> dict[str, Any]:
        """Give what `/api/status` answers."""
        return self.state.body()

    def epicurve(self) -> dict[str, Any]:
        """Give what `/api/epicurve` answers."""
        return self.curves.body(self.k)

    def kpi(self) -> dict[str, Any]:
        """Give what `/api/kpi` answers; every count is None while loading."""
        return self._kpis.get(self._kpi_now)

    def _kpi_now(self) -> dict[str, Any]:
        if self.frame is None:
            return nothing_yet(None if self.state.state == "loading" else self.curves, self.k)
        return kpi(self.frame, self.curves, self.state.refused_share)

    def hottest(
        self, res: int = 9, metric: str = "passages", minutes: int = 15, n: int = 8
    ) -> dict[str, Any]:
        """Give what `/api/hottest` answers; no rows while loading."""
        layer = layer_of({"res": res, "metric": metric, "minutes": minutes})
        if self.frame is None:
            return {"rows": [], "n_withheld": 0}
        table = self.tables[RESOLUTIONS.index(res)]
        return hottest(self.frame, table.cells, layer, n)

    def area_values(self, level: int, metric: Metric, minutes: int) -> dict[str, Any] | None:
        """Give what `/api/areas/<level>/values` answers; None while loading."""
        return None if self.frame is None else level_values(self.frame, level, metric, minutes)

    def layer(self, layer: AnyLayer) -> Any:
        """Give values and marks of a layer; None while nothing is known of it."""
        frame = self._frame_of(layer)
        return None if frame is None else frame.layer(layer)

    def shown(self, layer: AnyLayer) -> Shown:
        """Give what the map shows of a layer; while loading nothing is known of any cell."""
        frame = self._frame_of(layer)
        if frame is None:
            return nothing(len(self.tables[RESOLUTIONS.index(layer.res)].cells))
        return Shown(frame.arrival_ms, frame.end_ms(layer), *frame.layer(layer))

    def _frame_of(self, layer: AnyLayer) -> Frame | None:
        return self.said if isinstance(layer, StatisticLayer) else self.frame
