"""Settings of the picture: what the statistics assume of a city and its pathogen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cities.pack import CityPack
from cities.statistics import Statistics
from geo.columns import Reals
from geo.reproduction import discrete_serial_interval
from geo.risk.days import RiskSettings


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """What the picture of one city depends on.

    `serial_interval` has the probability of 0 (which is 0), 1, 2, ... days and adds to 1.
    `smallest_count` is k. `statistics` are the numbers of the city's pack.
    """

    timezone: str
    smallest_count: int
    statistics: Statistics
    serial_interval: Reals

    @classmethod
    def of(cls, pack: CityPack) -> PictureSettings:
        """Take a city's settings."""
        return cls.with_statistics(pack.timezone, pack.small_count, pack.statistics)

    @classmethod
    def with_statistics(
        cls, timezone: str, smallest_count: int, statistics: Statistics
    ) -> PictureSettings:
        """Work out what follows from the numbers."""
        mean, deviation = statistics.serial_interval_days, statistics.serial_interval_sd_days
        whole = discrete_serial_interval(mean, deviation, statistics.longest_interval_days)
        return cls(timezone, smallest_count, statistics, np.asarray(whole / whole.sum()))

    @property
    def risk(self) -> RiskSettings:
        """What the risk filter assumes; its interval begins at 1 day."""
        return RiskSettings(self.serial_interval[1:])
