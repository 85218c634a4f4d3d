"""A city day by day: the order in which everything happens, and what is handed on.

day: outings -> disease -> passages, reports, visits     (what happened)
      ^-- who is still out --- passages after midnight --> the next day
stretch of the day: passages -> doubles -> dirt -> bus   (what gates make of it)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer import Gazetteer
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
from simulators.city.services import Services, Told
from simulators.city.spread import Spread, Today, spread
from simulators.city.stretches import STRETCHES, Gates, Part

COHORT = 1 << 17
"""So many people are drawn for at once; part of a run's identity, never of its speed."""


@dataclass(frozen=True, slots=True)
class DayOfCity:
    """Everything one day brings, but for what its gates make of it.

    `passages` are those of this day, midnight to midnight, in order of time: also of outings
    that began the day before. `known` are the reports written about those infected
    today, whenever they are made; `told` what workers, residents and hospitals tell.
    """

    day: int
    begin_ms: int
    outings: Outings
    passages: Passages
    spread: Spread
    known: list[Known]
    told: list[Told]


@dataclass(frozen=True, eq=False)
class Simulation:
    """A city that can be asked for its days, in order, once."""

    ground: Ground
    calendar: Calendar
    settled: list[Settled]
    gates: Gates
    offices: Offices
    services: Services
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
        return cls(
            ground=ground,
            calendar=calendar,
            settled=settled,
            gates=Gates(devices, crowd, settled, ground.town.grid, ground.seed),
            offices=Offices(ground, places.tolist(), calendar, prefix),
            services=Services(ground, places.tolist(), calendar, prefix),
            health=Health.of(len(ground.people)),
            midnight=Midnight.of(len(ground.people)),
        )

    def days(self, seen_from: int = 0) -> Iterator[DayOfCity]:
        """Live through the scenario's days.

        Of the days before `seen_from` people's outings and the disease are lived through, for
        what follows from them; nobody passes a gate or tells anything but of cases.
        """
        for number in range(self.ground.scenario.days):
            yield self._day(number, seen_from)

    def parts(self, day: DayOfCity, first: int = 0) -> Iterator[Part]:
        """Cut a day into its stretches, from one on; each is worked out by `gates`."""
        for number in range(first, STRETCHES):
            yield self.gates.part(day.passages, day.day, day.begin_ms, number)

    def _day(self, number: int, seen_from: int) -> DayOfCity:
        seen = number >= seen_from
        found = self._outings(number)
        today = Today(number, self.ground.seed, events.exposed(self.ground, self.settled, number))
        ran = spread(self.ground.people, self.health, found, self.ground.scenario.epidemic, today)
        known = self.offices.of_infected(self.health, ran.infected, number)
        known += self.offices.of_the_well(number, self._at_a_drive(number))
        # Who goes home after midnight is seen on the first day of all.
        passed = found if number >= seen_from - 1 else found.take(slice(0))
        true = self.midnight.passed(self._passages(number, passed))
        true = true if seen else true.take(slice(0))
        told = self.services.day(number, self.health, self._ill(number)) if seen else []
        return DayOfCity(number, self.calendar.begin_ms(number), found, true, ran, known, told)

    def _outings(self, number: int) -> Outings:
        scenario, seed = self.ground.scenario, self.ground.seed
        day = Day(number, (self.calendar.weekday() + number) % 7, scenario.phase_on(number))
        parts = [
            outings.outings_of(self.ground, day, who, generator(seed, f"outings/{number}/{first}"))
            for first, who in _cohorts(len(self.ground.people))
        ]
        usual = outings.joined(parts)
        isolated = self.health.isolated[usual.person] <= number
        usual = usual.take(~isolated & ~events.staying(self.settled, number, usual))
        more = events.more_outings(self.ground, self.settled, number)
        found = outings.one_at_a_time(outings.joined([usual, *more])) if more else usual
        return self.midnight.at_home_first(found)

    def _passages(self, number: int, found: Outings) -> Passages:
        ill = self._ill(number)
        firsts = np.arange(0, len(self.ground.people) + COHORT, COHORT)
        ends = np.searchsorted(found.person, firsts).tolist()
        parts = []
        for cohort, (first, last) in enumerate(pairwise(ends)):
            chance = generator(self.ground.seed, f"passages/{number}/{cohort}")
            part = found.take(slice(first, last))
            parts.append(passages.passages_of(self.ground, part, ill, chance))
        return passages.joined(parts)

    def _ill(self, number: int) -> NDArray[np.bool_]:
        return events.febrile(self.settled, number, self.health.febrile(number))

    def _at_a_drive(self, number: int) -> NDArray[np.int32]:
        drives = [
            found.people
            for found in self.settled
            if found.event.kind == "testing_drive" and found.begin // events.DAY_MS == number
        ]
        return np.asarray(np.concatenate([*drives, np.empty(0, dtype=np.int32)]), dtype=np.int32)


def _cohorts(number: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    for cohort, first in enumerate(range(0, number, COHORT)):
        yield cohort, np.arange(first, min(first + COHORT, number), dtype=np.int32)
