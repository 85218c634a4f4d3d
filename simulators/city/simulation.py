"""A city day by day: the order in which everything happens, and what is handed on.

day: outings -> disease -> passages, reports             (what happened)
      ^-- who is still out --- passages after midnight --> the next day
stretch of the day: passages -> doubles -> dirt -> bus   (what gates make of it)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
from schemas.times import DAY_MS
from simulators.chance import generator
from simulators.city import events, outings, passages
from simulators.city.calendar import Calendar
from simulators.city.crowd import Crowd
from simulators.city.devices import Devices
from simulators.city.disease import Health
from simulators.city.events import Settled
from simulators.city.ground import Ground
from simulators.city.midnight import Midnight
from simulators.city.outings import Day, Outings
from simulators.city.passages import Passages
from simulators.city.reports import Known, Offices
from simulators.city.services import Services
from simulators.city.spread import Spread, Today, spread
from simulators.city.stretches import STRETCHES, Gates, Part
from simulators.city.told import Told
from simulators.city.travel import Travel

COHORT = 1 << 17
"""So many people are drawn for at once; part of a run's identity, never of its speed."""


@dataclass(frozen=True, slots=True)
class DayOfCity:
    """Everything one day brings, but for what its gates make of it.

    `passages` are those of this day, midnight to midnight, in order of time: also of outings
    that began the day before. `known` are the reports written about those infected
    today, whenever they are made.
    """

    day: int
    begin_ms: int
    outings: Outings
    passages: Passages
    spread: Spread
    known: list[Known]


class Days(Protocol):
    """What gives the days of a city, in order, as `Simulation.days` does."""

    def __call__(self, seen_from: int = 0, until: int | None = None) -> Iterator[DayOfCity]:
        """Give days up to `until`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A day's outings: the usual ones of everybody, those on top, and which of both happen.

    All are kept until gates have seen the day, so that chance is drawn for each of them whether
    it happens or not: what keeps one person at home changes nothing of anybody else's day.
    `found` are those that happen, sorted by person and time.
    """

    usual: Outings
    extra: Outings
    happens: NDArray[np.bool_]
    found: Outings

    def of_nothing(self) -> Plan:
        """Give the plan of a day that nobody sees."""
        none = self.found.take(slice(0))
        return Plan(none, none, self.happens[:0], none)


@dataclass(frozen=True, eq=False)
class Simulation:
    """A city that can be asked for its days, in order, once."""

    ground: Ground
    calendar: Calendar
    settled: list[Settled]
    gates: Gates
    offices: Offices
    services: Services
    travel: Travel
    health: Health
    midnight: Midnight

    @classmethod
    def of(
        cls,
        gazetteer: Gazetteer,
        ground: Ground,
        calendar: Calendar,
        prefix: str,
        stands_for: float = 1.0,
    ) -> Simulation:
        """Put a city together; nothing has happened in it yet."""
        places = gazetteer.place_id
        scenario = ground.scenario
        settled = events.settle(ground, places, scenario.event)
        devices = Devices.of(len(places), scenario.dirt, ground.seed)
        crowd = Crowd.of(ground, stands_for)
        travel = Travel.of(ground, settled)
        return cls(
            ground=ground,
            calendar=calendar,
            settled=settled,
            gates=Gates(devices, crowd, settled, ground.town.grid, ground.seed),
            offices=Offices(ground, places.tolist(), calendar, prefix),
            services=Services(ground, travel, places.tolist(), calendar, prefix),
            travel=travel,
            health=Health.of(len(ground.people)),
            midnight=Midnight.of(len(ground.people)),
        )

    def days(self, seen_from: int = 0, until: int | None = None) -> Iterator[DayOfCity]:
        """Live through the scenario's days, or those before `until`.

        Of the days before `seen_from` people's outings and the disease are lived through, for
        what follows from them; nobody passes a gate.
        """
        for number in range(self.ground.scenario.days if until is None else until):
            yield self._day(number, seen_from)

    def told(self, number: int) -> list[Told]:
        """Give what workers, residents and hospitals tell on the day that was given last."""
        return self.services.day(number, self.health, self._ill(number))

    def parts(self, day: DayOfCity, wanted: range = range(STRETCHES)) -> Iterator[Part]:
        """Cut stretches out of a day; each is worked out by `gates`."""
        for number in wanted:
            yield self.gates.part(day.passages, day.day, day.begin_ms, number)

    def _day(self, number: int, seen_from: int) -> DayOfCity:
        seen = number >= seen_from
        plan = self._plan(number)
        found = plan.found
        injected = events.exposed(self.ground, self.settled, number)
        today = Today(number, self.ground.seed, injected, self.travel.infected(number))
        ran = spread(self.ground.people, self.health, found, self.ground.scenario.epidemic, today)
        known = self.offices.of_infected(self.health, ran.infected, number)
        known += self.offices.of_the_well(number, self._at_a_drive(number))
        # Who goes home after midnight is seen on the first day of all.
        passed = plan if number >= seen_from - 1 else plan.of_nothing()
        true = self.midnight.passed(self._passages(number, passed))
        true = true if seen else true.take(slice(0))
        return DayOfCity(number, self.calendar.begin_ms(number), found, true, ran, known)

    def _plan(self, number: int) -> Plan:
        scenario, seed = self.ground.scenario, self.ground.seed
        day = Day(number, (self.calendar.weekday() + number) % 7, scenario.phase_on(number))
        parts = [
            outings.outings_of(self.ground, day, who, generator(seed, f"outings/{number}/{first}"))
            for first, who in _cohorts(len(self.ground.people))
        ]
        usual = outings.joined(parts)
        stays = events.staying(self.settled, number, usual)
        stays |= self.health.isolated[usual.person] <= number
        stays |= self.travel.away(usual.person, number)
        more = events.more_outings(self.ground, self.settled, number)
        more = [part.take(~self.travel.away(part.person, number)) for part in more]
        extra = outings.in_order([*more, *self.travel.outings(number)], usual)
        every, rows = outings.joined([usual, extra]), np.flatnonzero(~stays)
        if len(extra):
            rows = np.concatenate([rows, np.arange(len(usual), len(every))])
            rows = rows[outings.rows_one_at_a_time(every.take(rows))]
        rows = rows[self.midnight.at_home_first(every.take(rows))]
        happens = np.zeros(len(every), dtype=np.bool_)
        happens[rows] = True
        return Plan(usual, extra, happens, every.take(rows))

    def _passages(self, number: int, plan: Plan) -> list[Passages]:
        ill, seed, usual = self._ill(number), self.ground.seed, plan.usual
        firsts = np.arange(0, len(self.ground.people) + COHORT, COHORT)
        ends = np.searchsorted(usual.person, firsts).tolist()
        parts = []
        for cohort, (first, last) in enumerate(pairwise(ends)):
            chance = generator(seed, f"passages/{number}/{cohort}")
            rows = slice(first, last)
            part = usual.take(rows), ill, chance, plan.happens[rows]
            parts.append(passages.passages_of(self.ground, *part))
        chance = generator(seed, f"passages/{number}/extra")
        more = plan.extra, ill, chance, plan.happens[len(usual) :]
        parts.append(passages.passages_of(self.ground, *more, extra=True))
        return parts

    def _ill(self, number: int) -> NDArray[np.bool_]:
        return events.febrile(self.settled, number, self.health.febrile(number))

    def _at_a_drive(self, number: int) -> NDArray[np.int32]:
        drives = [
            found.people
            for found in self.settled
            if found.event.kind == "testing_drive" and found.begin // DAY_MS == number
        ]
        return np.asarray(np.concatenate([*drives, np.empty(0, dtype=np.int32)]), dtype=np.int32)


def _cohorts(number: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    for cohort, first in enumerate(range(0, number, COHORT)):
        yield cohort, np.arange(first, min(first + COHORT, number), dtype=np.int32)
