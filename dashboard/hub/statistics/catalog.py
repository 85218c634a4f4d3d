"""Catalog: the closed list of statistic layers, with the scale and the classes of each.

A layer has a fixed step: value on the wire x step = what it says. Breaks are in that unit, fixed
and versioned; a break is the least value of the next class up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.errors import RequestError
from dashboard.hub import classes
from dashboard.hub.layers import RESOLUTIONS
from schemas.topics import ABERRATIONS, CELL_DENSITY, CELL_RISK, CLUSTERS, HOTSPOTS, Topic

if TYPE_CHECKING:
    from cities.statistics import Statistics

CODE: Final = 15
"""Metric code of all statistic layers; the window code says which one."""
Kind = Literal["sequential", "diverging", "levels"]


class Statistic(IntEnum):
    """What a layer says; the number is its code on the wire."""

    DENSITY = 0
    RATIO = 1
    OCCUPANCY = 2
    RISK = 3
    ABOVE_1 = 4
    INCIDENCE = 5
    HOTSPOTS = 6
    CLUSTERS = 7
    ABERRATIONS = 8


STATISTICS: Final = {statistic.name.lower(): statistic for statistic in Statistic}


@dataclass(frozen=True, slots=True, order=True)
class StatisticLayer:
    """One statistic at one resolution."""

    res: int
    statistic: Statistic

    @property
    def number(self) -> int:
        """Give the layer's u16 on the wire: resolution << 8 | 15 << 4 | statistic."""
        return self.res << 8 | CODE << 4 | self.statistic


def statistic_layer_of(asked: Mapping[str, Any]) -> StatisticLayer:
    """Read a statistic layer from what a browser sends; anything unexpected is named."""
    res, name = asked.get("res"), asked.get("statistic")
    if type(res) is not int or res not in RESOLUTIONS:
        raise RequestError(f"res is {repr(res)[:40]}: expected one of 7, 8, 9")
    if not isinstance(name, str) or name not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise RequestError(f"statistic is {repr(name)[:40]}: expected one of {known}")
    return StatisticLayer(res, STATISTICS[name])


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page must know of a layer before it can draw it."""

    topic: Topic
    group: Literal["crowds", "risk", "unusual"]
    method: str
    kind: Kind
    step: float
    breaks: tuple[float, ...]
    version: int = 1

    def every_s(self, settings: Statistics) -> int:
        """Give how often the city's job restates it."""
        if self.topic is CELL_DENSITY:
            return settings.density_every_s
        return settings.scan_every_s if self.topic is CLUSTERS else settings.statistics_every_s


_LEVELS: Final = (1, 2)
COLD: Final = 2
"""Added to the level of a cold spot: 1, 2 are hot, 3, 4 cold, and 0 is neither."""
LAYERS: Final = MappingProxyType(
    {
        Statistic.DENSITY: Facts(
            CELL_DENSITY, "crowds", "density", "sequential", 1, classes.BUSY.per_km2[60], version=2
        ),
        Statistic.RATIO: Facts(CELL_DENSITY, "crowds", "density", "diverging", 1, classes.CHANGE),
        Statistic.OCCUPANCY: Facts(
            CELL_DENSITY, "crowds", "density", "sequential", 1, (10, 30, 100, 300, 1000, 3000)
        ),
        Statistic.RISK: Facts(
            CELL_RISK, "risk", "risk", "diverging", 0.001, (0.5, 0.67, 0.8, 1.25, 1.5, 2)
        ),
        Statistic.ABOVE_1: Facts(
            CELL_RISK, "risk", "risk", "diverging", 0.0001, (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
        ),
        Statistic.INCIDENCE: Facts(
            CELL_RISK, "risk", "risk", "sequential", 0.01, (0.2, 0.5, 2, 10, 30, 80), version=2
        ),
        Statistic.HOTSPOTS: Facts(
            HOTSPOTS, "unusual", "hotspots", "levels", 1, (1, 2, COLD + 1, COLD + 2), version=2
        ),
        Statistic.CLUSTERS: Facts(
            CLUSTERS, "unusual", "scan", "sequential", 0.01, (1.25, 1.5, 2, 3, 5, 8)
        ),
        Statistic.ABERRATIONS: Facts(ABERRATIONS, "unusual", "aberrations", "levels", 1, _LEVELS),
    }
)
