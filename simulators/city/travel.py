"""Travellers: who is away when a run begins, and comes back through a station to the own door.

away: no gate sees them | station pass --- gate in, door in | from the next day on as everybody
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.times import DAY_MS, HOUR_MS
from simulators.chance import generator
from simulators.city.disease import Exposed
from simulators.city.events import Settled
from simulators.city.ground import Ground
from simulators.city.outings import RETURN, Outings
from simulators.city.town import Rows

_HOME = -1
_OFF_THE_TRAIN_MS, _IN_STATION_MS = 60_000, 600_000
_FIRST_TRAIN, _LAST_TRAIN = 6.0, 22.5
_INFECTED_DAYS_BEFORE = 4.0


@dataclass(frozen=True, eq=False)
class Travel:
    """When those who are away come back.

    Attributes
    ----------
    back_ms : (n,) int64
        Arrival at the station in milliseconds since the run's start; -1 for who is not away.
    injected : (n,) bool
        Who comes back in an injected event; whether they are infected is the event's business.
    """

    ground: Ground
    back_ms: NDArray[np.int64]
    injected: NDArray[np.bool_]

    @classmethod
    def of(cls, ground: Ground, settled: Sequence[Settled]) -> Travel:
        """Draw the travellers, whole households; those of events come back within their event."""
        back_ms = _households_back(ground)
        injected = np.zeros(len(back_ms), dtype=np.bool_)
        for number, found in enumerate(settled):
            if found.event.kind == "returnees":
                chance = generator(ground.seed, f"event-returns/{number}")
                at = chance.uniform(found.begin, found.end, len(found.people))
                back_ms[found.people] = at.astype(np.int64)
                injected[found.people] = True
        return cls(ground, back_ms, injected)

    def away(self, person: Rows, day: int) -> NDArray[np.bool_]:
        """Say who of some people makes no outing of the usual ones: away, or just coming back."""
        return np.asarray(self.back_ms[person] >= day * DAY_MS)

    def back_on(self, day: int) -> Rows:
        """Give who comes back on a day, ascending."""
        back = (self.back_ms >= day * DAY_MS) & (self.back_ms < (day + 1) * DAY_MS)
        return np.flatnonzero(back).astype(np.int32)

    def back_within(self, day: int, days: int) -> NDArray[np.bool_]:
        """Say of everybody whether they came back in the days before a day."""
        since = day * DAY_MS - self.back_ms
        return np.asarray((self.back_ms != _HOME) & (since > 0) & (since <= days * DAY_MS))

    def outings(self, day: int) -> list[Outings]:
        """Give the ways home of those who come back on a day."""
        person = self.back_on(day)
        if not len(person):
            return []
        ground, n = self.ground, len(person)
        home = ground.people.home[person]
        station = ground.town.station_near[home]
        arrive = self.back_ms[person] - day * DAY_MS
        depart = arrive + _IN_STATION_MS
        way = generator(ground.seed, f"returning/ways/{day}").uniform(0.2, 0.8, n) * HOUR_MS
        times = (arrive - _OFF_THE_TRAIN_MS, arrive, depart, depart + way)
        leave, arrive32, depart32, back = (np.maximum(time, 0).astype(np.int32) for time in times)
        return [
            Outings(
                person,
                np.where(station >= 0, station, home).astype(np.int32),
                np.full(n, RETURN, dtype=np.uint8),
                leave,
                arrive32,
                depart32,
                back,
                np.zeros(n, dtype=np.bool_),
            )
        ]

    def infected(self, day: int) -> Exposed:
        """Give those who come back infected; they were infected in the days before."""
        share = self.ground.scenario.returning.infected
        person = self.back_on(day)
        person = person[~self.injected[person]]
        chance = generator(self.ground.seed, f"returning/infected/{day}")
        person = person[chance.random(len(person)) < share]
        before = chance.uniform(0.0, _INFECTED_DAYS_BEFORE, len(person))
        return Exposed.elsewhere(person, self.back_ms[person] / DAY_MS - before)


def _households_back(ground: Ground) -> NDArray[np.int64]:
    rules, household = ground.scenario.returning, ground.people.household
    if not rules.share:
        return np.full(len(household), _HOME, dtype=np.int64)
    houses, seed = int(household[-1]) + 1, ground.seed
    travels = generator(seed, "returning/who").random(houses) < rules.share
    chance = generator(seed, "returning/when")
    day = np.floor(chance.normal(rules.peak_day, rules.spread_days, houses))
    hour = chance.uniform(_FIRST_TRAIN, _LAST_TRAIN, houses)
    # Who would have come back before the run begins has never been away.
    back = np.where(travels & (day >= 0), day * DAY_MS + hour * HOUR_MS, _HOME)
    return np.asarray(back[household].astype(np.int64))
