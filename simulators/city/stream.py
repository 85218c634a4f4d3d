"""A simulated city as a stream: days are lived through as they are asked for."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.gazetteer import Gazetteer
from schemas.codec import encode
from schemas.records import CaseReport
from schemas.topics import CASES
from simulators.check_ins import Encoder
from simulators.city import dirt
from simulators.city.broken import broken
from simulators.city.dirt import Sent
from simulators.city.simulation import DayOfCity, Simulation
from simulators.messages import Messages
from simulators.present import case_identity

LARGEST_STEP = 200_000
_FOREVER_MS = 1 << 62
Watcher = Callable[[DayOfCity], None]


@dataclass(eq=False)
class CityStream:
    """The arrivals of a simulation, in order; may be asked for once, from its begin on.

    `watch` sees every day as it is made, before anything of it is sent. What would arrive
    after `end_ms` is never sent.
    """

    simulation: Simulation
    gazetteer: Gazetteer
    encoder: Encoder
    end_ms: int | None
    watch: Watcher = lambda _day: None
    begin_ms: int = field(init=False)
    _days: Iterator[DayOfCity] = field(init=False)
    _made_to_ms: int = field(init=False)
    _waiting: Sent | None = field(init=False, default=None)
    _reports: list[tuple[int, str, int, CaseReport]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.begin_ms = self.simulation.calendar.begin_ms(0)
        self._days = self.simulation.days()
        self._made_to_ms = self.begin_ms

    def furthest(self, start_ms: int) -> int:
        """Send 200,000 check-ins in one go at most, and never beyond the days made so far."""
        self._make(start_ms + 1)
        if self._waiting is None:
            return self._made_to_ms
        arrival_ms = self._waiting.check_ins.arrival_ms
        last = np.searchsorted(arrival_ms, start_ms) + LARGEST_STEP
        if last >= len(arrival_ms):
            return self._made_to_ms
        return min(self._made_to_ms, max(start_ms + 1, int(arrival_ms[last])))

    def between(self, start_ms: int, end_ms: int) -> Sequence[Messages]:
        """Give what arrives in `[start_ms, end_ms)`; starts must not go back."""
        found: list[Messages] = []
        at = start_ms
        while at < end_ms:
            # A day is let go when the next one is made, so no stretch spans two.
            self._make(at + 1)
            until = min(end_ms, self._made_to_ms)
            found += [*self._check_ins(at, until), self._cases(at, until)]
            at = until
        return found

    def _make(self, until_ms: int) -> None:
        while self._made_to_ms < until_ms:
            day = next(self._days, None)
            if day is None:
                self._made_to_ms = _FOREVER_MS
                return
            self.watch(day)
            self._made_to_ms = self.simulation.calendar.begin_ms(day.day + 1)
            self._add(day)

    def _add(self, day: DayOfCity) -> None:
        found = day.sent
        if self._waiting is not None:
            # Of the day before, only what arrives from now on still waits.
            first = np.searchsorted(self._waiting.check_ins.arrival_ms, day.begin_ms)
            rest = self._waiting.take(np.arange(first, len(self._waiting.done)))
            found = dirt.sorted_by_arrival(dirt.joined([rest, found]))
        self._waiting = found
        for known in day.known:
            report = known.report
            heapq.heappush(
                self._reports, (report.report_ms, report.case_id, report.revision, report)
            )

    def _check_ins(self, start_ms: int, end_ms: int) -> Iterator[Messages]:
        if self._waiting is None:
            return
        arrival_ms = self._waiting.check_ins.arrival_ms
        first, last = np.searchsorted(arrival_ms, [start_ms, end_ms])
        found = self._waiting.take(np.arange(first, last))
        place = found.check_ins.place
        yield broken(
            self.encoder.messages(found.check_ins),
            found.done,
            self.gazetteer.lat[place],
            self.gazetteer.lng[place],
        )

    def _cases(self, start_ms: int, end_ms: int) -> Messages:
        found: list[CaseReport] = []
        while self._reports and self._reports[0][0] < end_ms:
            report = heapq.heappop(self._reports)[3]
            if report.report_ms >= start_ms:
                found.append(report)
        return Messages(
            topic=CASES.name,
            ids=[case_identity(report.case_id, report.revision) for report in found],
            keys=[report.case_id for report in found],
            values=[encode(report) for report in found],
            arrival_ms=np.array([report.report_ms for report in found], dtype=np.int64),
        )
