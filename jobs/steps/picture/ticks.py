"""Ticks: when what is said, by the machine's clock; results depend on it in no other way."""

from __future__ import annotations

from dataclasses import dataclass

from cities.statistics import Statistics
from jobs.steps.picture.picture import Due


@dataclass
class Ticks:
    """Says what is due at each tick; everything is at the first."""

    tick_ms: int
    statistics_ms: int
    scan_ms: int
    statistics_at_ms: int = 0
    scan_at_ms: int = 0

    @classmethod
    def of(cls, statistics: Statistics) -> Ticks:
        """Take a city's settings."""
        return cls(
            1000 * statistics.density_every_s,
            1000 * statistics.statistics_every_s,
            1000 * statistics.scan_every_s,
        )

    def next_ms(self, now_ms: int) -> int:
        """Give the next tick after an instant."""
        return now_ms - now_ms % self.tick_ms + self.tick_ms

    def due(self, now_ms: int) -> Due:
        """Say what is due now, and remember that it was; a clock set back makes all due."""
        statistics = not 0 <= now_ms - self.statistics_at_ms < self.statistics_ms
        scan = not 0 <= now_ms - self.scan_at_ms < self.scan_ms
        self.statistics_at_ms = now_ms if statistics else self.statistics_at_ms
        self.scan_at_ms = now_ms if scan else self.scan_at_ms
        return Due(density=True, statistics=statistics, scan=scan)
