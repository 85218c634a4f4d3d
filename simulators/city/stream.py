"""A simulated city as a stream: days are lived through as they are asked for."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.gazetteer import Gazetteer
from schemas.codec import encode
from schemas.topics import CASES
from simulators.check_ins import Encoder
from simulators.city import dirt
from simulators.city.broken import broken
from simulators.city.dirt import Sent
from simulators.city.reports import Known
from simulators.city.services import Told
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
    _queue: list[tuple[int, str, int, Told]] = field(init=False, default_factory=list)

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
            found += [*self._check_ins(at, until), *self._told(at, until)]
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
        for told in (*map(as_told, day.known), *day.told):
            heapq.heappush(self._queue, (told.at_ms, told.name, len(self._queue), told))

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

    def _told(self, start_ms: int, end_ms: int) -> Iterator[Messages]:
        found: dict[str, list[Told]] = {CASES.name: []}
        while self._queue and self._queue[0][0] < end_ms:
            told = heapq.heappop(self._queue)[3]
            if told.at_ms >= start_ms:
                found.setdefault(told.topic.name, []).append(told)
        for topic, rows in sorted(found.items()):
            yield Messages(
                topic=topic,
                ids=[told.name for told in rows],
                keys=[told.key for told in rows],
                values=[encode(told.record) for told in rows],
                arrival_ms=np.array([told.at_ms for told in rows], dtype=np.int64),
            )


def as_told(known: Known) -> Told:
    """Give a case report as one of the records that wait for their time."""
    report = known.report
    name = case_identity(report.case_id, report.revision)
    return Told(CASES, report.case_id, name, report.report_ms, report)
