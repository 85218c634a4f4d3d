"""Ticks: when what is said, by the machine's clock; results depend on it in no other way.

A worker that begins, for the first time or after a crash, says everything at its first tick, of
what it then knows. What came since the last checkpoint is read again only after that. So its
first scan is followed by another with the next statistics, and only then by one an hour: else
clusters would stay behind what had been said before the crash, for as long as an hour.
"""

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
        if scan:
            sooner = max(self.scan_ms - self.statistics_ms, 0) if self.scan_at_ms == 0 else 0
            self.scan_at_ms = now_ms - sooner
        return Due(density=True, statistics=statistics, scan=scan)
