"""What grid workers, residents and hospitals tell on a day: visits, clues and resources.

- A grid worker calls on a dozen households of the neighbourhood, half of them by phone; what
  is found follows who lives there and is sometimes wrong, and one visit in five is checked.
- Clues: `clues.py`.
- Beds, vehicles and staff are counted every hour; beds fill with the ascertained ill, vehicles
  go out as calls come and are back an hour or two later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from schemas.records import GridVisit, Resource
from schemas.records.services import Finding
from schemas.topics import RESOURCES, VISITS
from simulators.chance import generator
from simulators.city.calendar import Calendar
from simulators.city.clues import Hotline
from simulators.city.disease import Health
from simulators.city.ground import Ground
from simulators.city.names import pseudonyms
from simulators.city.people import GRID_WORKER
from simulators.city.told import Told
from simulators.city.town import CLINIC
from simulators.city.travel import Travel

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
_AWAY, _BACK, _HERE = "away", "back", "here"
_NEWS_DAYS = 14
_HOUSEHOLDS_A_DAY = 12
_SEEN_WRONGLY = 0.05
_CHECKED = 0.2
_ADMITTED_DAYS = 12
_ADMITTED_SHARE = 0.4
_RESIDENTS_A_BED = 220


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

    @cached_property
    def city(self) -> str:
        """Give the city's id: the first word of every name."""
        return self.prefix.split("-", maxsplit=1)[0]

    def day(self, number: int, health: Health, ill: NDArray[np.bool_]) -> list[Told]:
        """Give what is told on a day, in no particular order."""
        return [
            *self._visits(number, ill),
            *self.hotline.day(number, ill),
            *self._resources(number, health),
        ]

    def _visits(self, number: int, ill: NDArray[np.bool_]) -> Iterator[Told]:
        chance = generator(self.ground.seed, f"services/visits/{number}")
        people = self.ground.people
        workers = np.flatnonzero(people.role == GRID_WORKER).astype(np.int32)
        workers = workers[~self.travel.away(workers, number)]
        near = chance.integers(-400, 400, (len(workers), _HOUSEHOLDS_A_DAY))
        called = np.clip(workers[:, None] + near, 0, len(people) - 1)
        hours = np.sort(chance.uniform(8.5, 17.5, called.shape), axis=1)
        begin_ms, count = self.calendar.begin_ms(number), 0
        for row, worker in enumerate(workers.tolist()):
            for person, hour in zip(called[row].tolist(), hours[row].tolist(), strict=True):
                who = worker, person, begin_ms + int(hour * HOUR_MS)
                first = self._visit((number, count), who, ill, chance)
                yield first
                count += 1
                if chance.random() < _CHECKED:
                    again = worker, person, who[2] + HOUR_MS
                    yield self._visit((number, count), again, ill, chance, verifies=first.name)
                    count += 1

    def _visit(
        self,
        name: tuple[int, int],
        who: tuple[int, int, int],
        ill: NDArray[np.bool_],
        chance: np.random.Generator,
        *,
        verifies: str | None = None,
    ) -> Told:
        number, count = name
        worker, person, at_ms = who
        visit_id = f"{self.prefix}-v-{number:03d}-{count:06d}"
        people = self.ground.people
        sick = bool(ill[person]) != bool(chance.random() < _SEEN_WRONGLY)
        household = pseudonyms(person, int(people.household[person]))[1]
        phone = bool(chance.random() < 0.5)
        record = GridVisit(
            v=1,
            visit_id=visit_id,
            visit_ms=at_ms,
            kind="phone" if phone else "visit",
            worker=pseudonyms(worker, 0)[0],
            household=household,
            place_id=self.place_id[int(people.home[person])],
            source=f"sim:{self.city}:grid",
            findings=_findings(sick, chance, self._seen(number, person)),
            temperature_c=None if phone else round(37.8 if sick else 36.5, 1),
            verifies=verifies,
        )
        return Told(VISITS, household, visit_id, at_ms + 60_000, record)

    def _seen(self, number: int, person: int) -> str:
        """Say whether somebody is away, came back in the last two weeks, or was here all along."""
        back_ms, day_ms = int(self.travel.back_ms[person]), DAY_MS * number
        if back_ms >= day_ms:
            return _AWAY
        return _BACK if back_ms >= max(0, day_ms - _NEWS_DAYS * DAY_MS) else _HERE

    def _resources(self, number: int, health: Health) -> Iterator[Told]:
        """Count beds, intensive care, vehicles and staff at every hospital, every hour."""
        town, n = self.ground.town, len(self.ground.people)
        clinics = np.flatnonzero(town.part == CLINIC)
        if not len(clinics):
            return
        share = generator(self.ground.seed, "services/beds").gamma(2.0, 0.5, len(clinics))
        beds = np.maximum(4, np.rint(share * n / _RESIDENTS_A_BED / len(clinics))).astype(np.int64)
        taken = self._admitted(number, health, clinics)
        chance = generator(self.ground.seed, f"services/resources/{number}")
        vehicles = np.maximum(1, beds // 12)
        out = _vehicles_out(
            vehicles, taken, generator(self.ground.seed, f"services/rides/{number}")
        )
        begin_ms = self.calendar.begin_ms(number)
        for hour in range(24):
            usual = chance.uniform(0.35, 0.6, (4, len(clinics)))
            at_ms = begin_ms + hour * HOUR_MS
            for row, clinic in enumerate(clinics.tolist()):
                used = taken[row]
                totals = {
                    "bed": (int(beds[row]), used + int(usual[0, row] * beds[row])),
                    "icu_bed": (int(beds[row]) // 8 + 1, used // 10),
                    "vehicle": (int(vehicles[row]), int(out[hour, row])),
                    "staff": (int(beds[row]) * 2, int(usual[3, row] * beds[row] * 2)),
                }
                for kind, (total, busy) in totals.items():
                    name = f"{self.place_id[clinic]}-{kind}"
                    record = Resource(
                        v=1,
                        resource_id=name,
                        kind=kind,  # type: ignore[arg-type]
                        place_id=self.place_id[clinic],
                        total=total,
                        free=max(0, total - busy),
                        as_of_ms=at_ms,
                        source=f"sim:{self.city}:register",
                    )
                    yield Told(RESOURCES, name, f"{name}@{at_ms}", at_ms, record)

    def _admitted(self, number: int, health: Health, clinics: NDArray[np.int64]) -> list[int]:
        """Give how many of the symptomatic lie in each clinic: a share, from onset on."""
        since = number - health.onset
        lies = np.flatnonzero(health.symptoms & (since >= 0) & (since < _ADMITTED_DAYS))
        lies = lies[lies % 100 < _ADMITTED_SHARE * 100]
        at = self.ground.people.clinic[lies]
        counts = np.bincount(at, minlength=len(self.ground.town.part))
        return [int(count) for count in counts[clinics]]


def _vehicles_out(
    vehicles: NDArray[np.int64], patients: list[int], chance: np.random.Generator
) -> NDArray[np.int64]:
    """Give how many vehicles of each hospital are on their way in each hour of a day.

    Calls come by the hour, more by day and where more patients lie; a ride lasts an hour or
    two, and who calls while all are out waits: no more are out than there are.
    """
    by_hour = 0.6 + 0.5 * np.cos((np.arange(24) - 14) / 24 * 2 * np.pi)
    wanted = 0.25 * vehicles + 0.05 * np.array(patients)
    calls = chance.poisson(by_hour[:, None] * wanted)
    longer = chance.binomial(calls, 0.4)
    out = calls.copy()
    out[1:] += longer[:-1]
    return np.asarray(np.minimum(out, vehicles), dtype=np.int64)


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
