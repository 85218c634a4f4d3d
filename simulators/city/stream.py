"""A simulated city as a stream: days are lived through as they are asked for."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from geo.gazetteer import Gazetteer
from schemas.codec import encode
from schemas.topics import CASES
from simulators.ahead import Ahead
from simulators.check_ins import Encoder
from simulators.city import done
from simulators.city.broken import broken
from simulators.city.done import Sent
from simulators.city.reports import Known
from simulators.city.simulation import DayOfCity, Days, Simulation
from simulators.city.stretches import STRETCH_MS, STRETCHES, Stretch
from simulators.city.told import Told
from simulators.messages import Messages, cut
from simulators.present import case_identity

LARGEST_STEP = 100_000
_WRITTEN_AHEAD = 2_000
_FOREVER_MS = 1 << 62
_UNDER_WAY_MS = 2 * STRETCH_MS
"""Doubles and what is sent twice come a quarter of an hour later at most."""


class Watcher(Protocol):
    """Sees all that happens, as it is made and before anything of it is sent."""

    def day(self, day: DayOfCity) -> None:
        """See a day."""

    def stretch(self, stretch: Stretch) -> None:
        """See a stretch of the day seen last."""


class Nobody:
    """Watches nothing."""

    def day(self, day: DayOfCity) -> None:
        """See a day."""

    def stretch(self, stretch: Stretch) -> None:
        """See a stretch."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch, or a day without gates: what is told, and what gates send, from its begin on.

    With it all that arrives before `ends_ms` is known.
    """

    begin_ms: int
    ends_ms: int
    told: list[Told]
    sent: Sent | None


@dataclass(eq=False)
class CityStream:
    """The arrivals of a simulation, in order; may be asked for once, from its begin on.

    Nothing that begins after `end_ms` is made or sent. Gates are there from `gates_from_ms` on:
    before it only cases are reported, and days are lived through for them alone. `days` is what
    lives through them, where it is not the simulation itself.
    """

    simulation: Simulation
    gazetteer: Gazetteer
    encoder: Encoder
    end_ms: int | None
    gates_from_ms: int | None = None
    watch: Watcher = field(default_factory=Nobody)
    days: Days | None = None
    begin_ms: int = field(init=False)
    _pieces: Iterator[Piece] = field(init=False)
    _made_to_ms: int = field(init=False)
    _waiting: Sent | None = field(init=False, default=None)
    _written: tuple[int, Messages] | None = field(init=False, default=None)
    _queue: list[tuple[int, str, int, Told]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.begin_ms = self.simulation.calendar.begin_ms(0)
        self._made_to_ms = self.begin_ms
        self._pieces = self._live()

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Make each piece while the one before it is sent: no send waits for a day to be planned.

        For runs at a pace. What is made and sent is the same; the truth is a piece ahead.
        """
        self._pieces = pieces = Ahead(self._pieces)
        try:
            yield
        finally:
            pieces.close()

    def furthest(self, start_ms: int) -> int:
        """Send 100,000 check-ins in one go at most, and never beyond what is made so far."""
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
            # A stretch is let go when the next one is made, so nothing spans two.
            self._make(at + 1)
            until = min(end_ms, self._made_to_ms)
            found += [*self._check_ins(at, until), *self._told(at, until)]
            at = until
        return found

    def _make(self, until_ms: int) -> None:
        while self._made_to_ms < until_ms:
            piece = next(self._pieces, None)
            if piece is None:
                self._made_to_ms = _FOREVER_MS
                return
            for told in piece.told:
                heapq.heappush(self._queue, (told.at_ms, told.name, len(self._queue), told))
            if piece.sent is not None:
                self._add(piece.sent, piece.begin_ms)
            self._made_to_ms = piece.ends_ms

    def _live(self) -> Iterator[Piece]:
        """Live on, piece by piece, up to the end; changes nothing of the stream itself."""
        gates_from_ms = self.gates_from_ms
        seen_from = self._day_of(None if gates_from_ms is None else gates_from_ms - _UNDER_WAY_MS)
        scenario = self.simulation.ground.scenario
        until = sum(self._stretches_until_end(day) > 0 for day in range(scenario.days))
        days = (self.days or self.simulation.days)(seen_from, until)
        for number in range(until):
            yield from self._live_day(next(days), seen=number >= seen_from)

    def _live_day(self, day: DayOfCity, *, seen: bool) -> Iterator[Piece]:
        # A function of its own, so that a day is let go before the next one is made.
        self.watch.day(day)
        told = list(map(as_told, day.known))
        ends_ms = self.simulation.calendar.begin_ms(day.day + 1)
        if not seen:
            yield Piece(day.begin_ms, ends_ms, told, None)
            return
        told += self.simulation.told(day.day)
        wanted = range(self._first_stretch(day.begin_ms), self._stretches_until_end(day.day))
        parts = self.simulation.parts(day, wanted)
        for stretch in map(self.simulation.gates.stretch, parts):
            self.watch.stretch(stretch)
            begin_ms = day.begin_ms + stretch.moment.stretch * STRETCH_MS
            last = stretch.moment.stretch == STRETCHES - 1
            until_ms = ends_ms if last else min(ends_ms, begin_ms + STRETCH_MS)
            yield Piece(begin_ms, until_ms, told, stretch.sent)
            told = []
        if told:  # gates are seen from the last hour of a day of 25 on
            yield Piece(day.begin_ms, ends_ms, told, None)

    def _day_of(self, at_ms: int | None) -> int:
        day = 0
        while at_ms is not None and self.simulation.calendar.begin_ms(day + 1) <= at_ms:
            day += 1
        return day

    def _first_stretch(self, day_begin_ms: int) -> int:
        if self.gates_from_ms is None:
            return 0
        return max(0, (self.gates_from_ms - _UNDER_WAY_MS - day_begin_ms) // STRETCH_MS)

    def _stretches_until_end(self, day: int) -> int:
        """Count the stretches of a day that begin before the end."""
        if self.end_ms is None:
            return STRETCHES
        left_ms = self.end_ms - self.simulation.calendar.begin_ms(day)
        return min(STRETCHES, max(0, -(-left_ms // STRETCH_MS)))

    def _add(self, found: Sent, begin_ms: int) -> None:
        if self._waiting is not None:
            # Of what was made before, only what arrives from now on still waits.
            first = int(np.searchsorted(self._waiting.check_ins.arrival_ms, begin_ms))
            rest = self._waiting.take(slice(first, None))
            found = done.sorted_by_arrival(done.joined([rest, found]))
        self._waiting, self._written = found, None

    def _check_ins(self, start_ms: int, end_ms: int) -> Iterator[Messages]:
        if self._waiting is None:
            return
        arrival_ms = self._waiting.check_ins.arrival_ms
        start_ms = max(start_ms, self.gates_from_ms or start_ms)
        first, last = np.searchsorted(arrival_ms, [start_ms, max(start_ms, end_ms)]).tolist()
        if last - first >= _WRITTEN_AHEAD:
            yield self._messages(self._waiting, first, last)
        elif last > first:
            yield self._cut_from_written(self._waiting, first, last)

    def _cut_from_written(self, waiting: Sent, first: int, last: int) -> Messages:
        """Cut a few check-ins from many written at once: a live city is asked all the time."""
        if self._written is None or not self._holds(self._written, first, last):
            end = min(first + _WRITTEN_AHEAD, len(waiting.done))
            self._written = first, self._messages(waiting, first, end)
        begin, messages = self._written
        return cut(messages, first - begin, last - begin)

    @staticmethod
    def _holds(written: tuple[int, Messages], first: int, last: int) -> bool:
        return written[0] <= first and last <= written[0] + len(written[1].ids)

    def _messages(self, waiting: Sent, first: int, last: int) -> Messages:
        found = waiting.take(slice(first, last))
        place = found.check_ins.place
        messages = self.encoder.messages(found.check_ins)
        return broken(messages, found.done, self.gazetteer.lat[place], self.gazetteer.lng[place])

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
