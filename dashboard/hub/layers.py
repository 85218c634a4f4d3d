"""Layers: what a map can show, and the number that names a layer on the wire.

A layer is a resolution, a metric and a window. Windows are of whole minutes of event time,
seen from the clock's minute (the running one, age 0):

    age   ... 16  15 | 14  ...  2   1 |  0
                     [---- 15 minutes -----)     the running minute is in it, so that a
    [----------------- 60 minutes ---------)     check-in changes the map at once
                                [ 1 )            the last whole minute
    a change compares whole minutes only: [15..1] against the same minutes an hour before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dashboard.errors import RequestError

RESOLUTIONS = (7, 8, 9)
WINDOWS = (1, 15, 60)


class Metric(IntEnum):
    """What is counted; the number is the metric's code on the wire."""

    IN = 0
    OUT = 1
    PASSAGES = 2
    FEVER = 3
    CHANGE = 4  # of passages
    CHANGE_IN = 5
    CHANGE_OUT = 6
    CHANGE_FEVER = 7

    @property
    def counted(self) -> Metric:
        """Give what a change is of; a count is of itself."""
        return _COUNTED.get(self, self)

    @property
    def is_change(self) -> bool:
        """Say whether this is percent against an hour ago."""
        return self in _COUNTED

    @property
    def change(self) -> Metric:
        """Give the change of what is counted."""
        return next(change for change, counted in _COUNTED.items() if counted is self.counted)


_COUNTED = {
    Metric.CHANGE: Metric.PASSAGES,
    Metric.CHANGE_IN: Metric.IN,
    Metric.CHANGE_OUT: Metric.OUT,
    Metric.CHANGE_FEVER: Metric.FEVER,
}
METRICS = {metric.name.lower(): metric for metric in Metric}


@dataclass(frozen=True, slots=True, order=True)
class Layer:
    """One resolution, metric and window (minutes)."""

    res: int
    metric: Metric
    minutes: int

    @property
    def number(self) -> int:
        """Give the layer's u16 on the wire: resolution << 8 | metric << 4 | window code."""
        return self.res << 8 | self.metric << 4 | WINDOWS.index(self.minutes)


def layer_of(asked: Any) -> Layer:
    """Read a layer from what a browser sends; anything unexpected is named."""
    if not isinstance(asked, dict):
        raise RequestError("subscribe: expected an object with res, metric, minutes")
    res = _one_of("res", asked.get("res"), RESOLUTIONS)
    metric = _one_of("metric", asked.get("metric"), tuple(METRICS))
    minutes = _one_of("minutes", asked.get("minutes"), WINDOWS)
    return Layer(res, METRICS[metric], minutes)


def _one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    # `True == 1`, so the type is compared as well
    if not any(type(value) is type(known) and value == known for known in allowed):
        shown = repr(value)[:40]
        raise RequestError(f"{name} is {shown}: expected one of {', '.join(map(str, allowed))}")
    return value
