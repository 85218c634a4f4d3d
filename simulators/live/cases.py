"""Case reports of a live city: a wave over the months, each case with its later revisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from schemas.records import CaseReport
from schemas.times import DAY_MS, HOUR_MS
from simulators.chance import generator

HISTORY_MS = 35 * DAY_MS
"""A case is still revised this long after its first report, never later."""
_INSTITUTIONS = 12
_PLACED_KM = 0.4


@dataclass(frozen=True, slots=True)
class Towns:
    """Smallest areas with people in them: where a case lives."""

    lat: NDArray[np.float64]
    lng: NDArray[np.float64]
    residents: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LiveCases:
    """A stream of reports, a function of the seed and the hour of first report alone.

    `daily` is the number of first reports on a usual day of the city.
    """

    towns: Towns
    daily: float
    seed: int
    clock_ms: int

    def between(self, start_ms: int, end_ms: int) -> list[CaseReport]:
        """Give the reports and revisions of `[start_ms, end_ms)` in order."""
        return [
            report
            for hour in range(start_ms // HOUR_MS, -(-end_ms // HOUR_MS))
            for report in self._reported_in(hour)
            if start_ms <= report.report_ms < end_ms
        ]

    @lru_cache(maxsize=2)  # noqa: B019 - as below; the present hour is asked for all the time
    def _reported_in(self, hour: int) -> Sequence[CaseReport]:
        found = [
            report
            for first in range(hour - HISTORY_MS // HOUR_MS, hour + 1)
            for report in self._first_in(first)
            if report.report_ms // HOUR_MS == hour
        ]
        return sorted(found, key=lambda r: (r.report_ms, r.case_id, r.revision))

    def expected(self, hour: int) -> float:
        """Give the expected first reports of an hour.

        A wave of weeks; fewer at night and on Sundays.
        """
        local_ms = hour * HOUR_MS + self.clock_ms
        wave = 1.0 + 0.75 * np.sin(2 * np.pi * local_ms / (47 * DAY_MS)) ** 3
        of_day = local_ms % DAY_MS // HOUR_MS
        office = 2.0 if 8 <= of_day < 20 else 0.1
        sunday = 0.6 if (local_ms // DAY_MS + 4) % 7 == 0 else 1.0
        return float(self.daily / 25.2 * wave * office * sunday)

    @lru_cache(maxsize=1200)  # noqa: B019 - lives as long as the process, and is bounded
    def _first_in(self, hour: int) -> Sequence[CaseReport]:
        chance = generator(self.seed, f"live/cases/{hour}")
        number = int(chance.poisson(self.expected(hour)))
        week = generator(self.seed, f"live/outbreaks/{hour // (24 * 7)}")
        outbreak = int(week.integers(len(self.towns.residents)))
        return [
            report
            for case in range(number)
            for report in self._case(f"wh-{hour}-{case}", hour * HOUR_MS, outbreak, chance)
        ]

    def _case(
        self, case_id: str, hour_ms: int, outbreak: int, chance: np.random.Generator
    ) -> Iterator[CaseReport]:
        town = outbreak if chance.random() < 0.25 else self._any_town(chance)
        at_ms = hour_ms + int(chance.integers(HOUR_MS))
        onset_ms = at_ms + self.clock_ms - int(DAY_MS * (0.5 + chance.gamma(2.0, 1.6)))
        lat, lng = (
            float(middle + chance.normal(0, _PLACED_KM / 111.2))
            for middle in (self.towns.lat[town], self.towns.lng[town])
        )
        imported = bool(chance.random() < 0.06)
        for revision, (category, status, wait_days) in enumerate(_history(chance), start=1):
            at_ms += int(wait_days * DAY_MS)
            yield CaseReport(
                v=1,
                case_id=case_id,
                revision=revision,
                category=category,  # type: ignore[arg-type]
                status=status,  # type: ignore[arg-type]
                report_ms=at_ms,
                source=f"sim:hospital-{int(chance.integers(_INSTITUTIONS)):02d}",
                onset_date=datetime.fromtimestamp(onset_ms / 1000, UTC).date().isoformat(),
                lat=round(lat, 5),
                lng=round(lng, 5),
                imported=imported,
            )

    def _any_town(self, chance: np.random.Generator) -> int:
        ends = np.cumsum(self.towns.residents)
        return int(np.searchsorted(ends, chance.uniform(0, ends[-1]), side="right"))


def _history(chance: np.random.Generator) -> list[tuple[str, str, float]]:
    """Draw what becomes of a case: category, status and days since the revision before."""
    soon, later = float(chance.exponential(0.8)), 8.0 + float(chance.uniform(0.0, 14.0))
    fate = chance.random()
    end = "died" if chance.random() < 0.015 else "recovered"
    if fate < 0.35:
        return [("confirmed", "open", 0.0), ("confirmed", end, later)]
    if fate < 0.65:
        return [
            ("suspected", "open", 0.0),
            ("confirmed", "open", min(soon, 6.0)),
            ("confirmed", end, later),
        ]
    if fate < 0.80:
        return [("suspected", "open", 0.0), ("suspected", "retracted", min(soon, 6.0))]
    if fate < 0.92:
        return [("fever", "open", 0.0), ("fever", "recovered", 1.0 + min(soon, 6.0))]
    return [("contact", "open", 0.0), ("contact", "retracted", 7.0)]
