"""Rates: how many a second, over the last seconds, of counters that only grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

SPAN_MS = 10_000
STEP_MS = 500


@dataclass
class Rates:
    """Readings of counters over the last ten seconds."""

    readings: deque[tuple[int, Mapping[str, int]]] = field(default_factory=deque)

    def saw(self, now_ms: int, counters: Mapping[str, int]) -> None:
        """Remember what the counters say now."""
        if self.readings and now_ms - self.readings[-1][0] < STEP_MS:
            return
        self.readings.append((now_ms, dict(counters)))
        while now_ms - self.readings[0][0] > SPAN_MS:
            self.readings.popleft()

    def per_second(self) -> dict[str, float]:
        """Give the rate of each counter; 0 for one that fell, as after a fresh start."""
        if len(self.readings) < 2:
            return {}
        (first_ms, first), (last_ms, last) = self.readings[0], self.readings[-1]
        seconds = (last_ms - first_ms) / 1000
        return {
            name: max(0.0, round((value - first.get(name, 0)) / seconds, 1))
            for name, value in last.items()
        }
