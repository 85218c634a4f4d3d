"""What grid workers, residents (`clues.py`) and hospitals (`registers.py`) tell on a day.

A grid worker calls on a dozen households of the neighbourhood, half of them by phone; what is
found follows who lives there and is sometimes wrong, and one visit in five is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.records import GridVisit
from schemas.records.check_in import FEVER_C
from schemas.records.services import Finding
from schemas.times import HOUR_MS, MINUTE_MS
from schemas.topics import VISITS
from simulators.chance import generator
from simulators.city.calendar import Calendar
from simulators.city.clues import Hotline
from simulators.city.disease import Health
from simulators.city.ground import Ground
from simulators.city.names import household_named, person_named
from simulators.city.people import GRID_WORKER
from simulators.city.registers import Registers
from simulators.city.told import Told, source_of
from simulators.city.travel import Travel

_AWAY, _BACK, _HERE = "away", "back", "here"
_NEWS_DAYS = 14
_HOUSEHOLDS_A_DAY = 12
_SEEN_WRONGLY = 0.05
_CHECKED = 0.2


@dataclass(frozen=True, eq=False)
class Services:
    """The workers and registers of a city."""

    ground: Ground
    travel: Travel
    place_id: list[str]
    calendar: Calendar
    prefix: str

    @property
    def hotline(self) -> Hotline:
        """Give what takes clues, over the same city."""
        return Hotline(self.ground, self.travel, self.place_id, self.calendar, self.prefix)

    @property
    def registers(self) -> Registers:
        """Give the registers of the same city's hospitals."""
        return Registers(self.ground, self.place_id, self.calendar, self.prefix)

    def day(self, number: int, health: Health, ill: NDArray[np.bool_]) -> list[Told]:
        """Give what is told on a day, in no particular order."""
        return [
            *self._visits(number, ill),
            *self.hotline.day(number, ill),
            *self.registers.day(number, health),
        ]

    def _visits(self, number: int, ill: NDArray[np.bool_]) -> Iterator[Told]:
        chance = generator(self.ground.seed, f"services/visits/{number}")
        people = self.ground.people
        workers = np.flatnonzero(people.role == GRID_WORKER).astype(np.int32)
        workers = workers[~self.travel.away(workers, number)]
        near = chance.integers(-400, 400, (len(workers), _HOUSEHOLDS_A_DAY))
        called = np.clip(workers[:, None] + near, 0, len(people) - 1)
        hours = np.sort(chance.uniform(8.5, 17.5, called.shape), axis=1)
        begin_ms, count, seen = self.calendar.begin_ms(number), 0, self._seen(number)
        for row, name in enumerate(map(person_named, workers.tolist())):
            for person, hour in zip(called[row].tolist(), hours[row].tolist(), strict=True):
                who = name, person, begin_ms + int(hour * HOUR_MS)
                state = bool(ill[person]), str(seen[person])
                first = self._visit((number, count), who, state, chance)
                yield first
                count += 1
                if chance.random() < _CHECKED:
                    again = name, person, who[2] + HOUR_MS
                    yield self._visit((number, count), again, state, chance, verifies=first.name)
                    count += 1

    def _visit(
        self,
        name: tuple[int, int],
        who: tuple[str, int, int],
        state: tuple[bool, str],
        chance: np.random.Generator,
        *,
        verifies: str | None = None,
    ) -> Told:
        number, count = name
        (worker, person, at_ms), (ill, where) = who, state
        visit_id = f"{self.prefix}-v-{number:03d}-{count:06d}"
        people = self.ground.people
        sick = ill != bool(chance.random() < _SEEN_WRONGLY)
        household = household_named(int(people.household[person]))
        phone = bool(chance.random() < 0.5)
        findings = _findings(sick, chance, where)
        seen = not phone and "nobody_home" not in findings
        record = GridVisit(
            v=1,
            visit_id=visit_id,
            visit_ms=at_ms,
            kind="phone" if phone else "visit",
            worker=worker,
            household=household,
            place_id=self.place_id[int(people.home[person])],
            source=source_of(self.prefix, "grid"),
            findings=findings,
            temperature_c=_measured(sick, chance) if seen else None,
            verifies=verifies,
        )
        return Told(VISITS, household, visit_id, at_ms + MINUTE_MS, record)

    def _seen(self, number: int) -> NDArray[np.str_]:
        """Say who is away, who came back in the last two weeks, and who was here all along."""
        everyone = np.arange(len(self.ground.people), dtype=np.int32)
        back = np.where(self.travel.back_within(number, _NEWS_DAYS), _BACK, _HERE)
        return np.where(self.travel.away(everyone, number), _AWAY, back)


def _findings(sick: bool, chance: np.random.Generator, seen: str) -> tuple[Finding, ...]:
    draw = chance.random()
    if draw < 0.08 or seen == _AWAY:
        return ("nobody_home",)
    found: list[Finding] = []
    if sick:
        found += ["fever", "cough"] if chance.random() < 0.6 else ["fever"]
    if draw > 0.96:
        found.append("needs_food" if chance.random() < 0.6 else "needs_medicine")
    # Most who came back say so, and of some it is said who never left.
    if draw < 0.94 if seen == _BACK else 0.94 < draw <= 0.945:
        found.append("returned")
    return tuple(found) or ("well",)


def _measured(sick: bool, chance: np.random.Generator) -> float:
    usual = min(FEVER_C - 0.1, chance.normal(36.4, 0.25))
    return round(min(41.0, FEVER_C + chance.exponential(0.6)) if sick else usual, 1)
