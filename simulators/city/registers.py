"""What hospitals count every hour: beds, intensive care, vehicles and staff, and what is free.

Beds fill with the ill from a day after onset on, besides patients of other kinds, who come in
the morning and leave in the afternoon; staff is on duty by shift; vehicles go out as calls come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.records import Resource
from schemas.times import HOUR_MS
from schemas.topics import RESOURCES
from simulators.chance import generator
from simulators.city.calendar import Calendar
from simulators.city.disease import Health
from simulators.city.ground import Ground
from simulators.city.told import Told, source_of
from simulators.city.town import CLINIC

HOURS = np.arange(24)
_RESIDENTS_A_BED = 220
_ADMITTED_AFTER_DAYS, _ADMITTED_DAYS = 1.0, 12.0
_ADMITTED_SHARE = 0.4
_IN_INTENSIVE_CARE = 0.1
_STAFF_A_BED = 2
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Registers:
    """The registers of a city's hospitals."""

    ground: Ground
    place_id: list[str]
    calendar: Calendar
    prefix: str

    def day(self, number: int, health: Health) -> Iterator[Told]:
        """Give the counts of a day, hospital by hospital, every hour."""
        clinics = np.flatnonzero(self.ground.town.part == CLINIC)
        if not len(clinics):
            return
        begin_ms, beds = self.calendar.begin_ms(number), self._beds(len(clinics))
        ill, others = self._ill(number, health, clinics), self._others(number, len(clinics))
        staff = beds * _STAFF_A_BED
        counts: dict[str, tuple[Counts, Counts]] = {
            "bed": (beds, ill + np.rint(others * beds).astype(np.int64)),
            "icu_bed": (beds // 8 + 1, np.rint(ill * _IN_INTENSIVE_CARE).astype(np.int64)),
            "vehicle": self._vehicles(number, beds, ill),
            "staff": (staff, np.rint(_on_duty() * staff).astype(np.int64) + ill),
        }
        rows = {kind: (total.tolist(), busy.tolist()) for kind, (total, busy) in counts.items()}
        for hour in HOURS.tolist():
            at_ms = begin_ms + hour * HOUR_MS
            for row, clinic in enumerate(clinics.tolist()):
                for kind, (total, busy) in rows.items():
                    what = kind, total[row], busy[hour][row]
                    yield self._told(self.place_id[clinic], what, at_ms)

    def _told(self, place_id: str, what: tuple[str, int, int], at_ms: int) -> Told:
        kind, total, busy = what
        name = f"{place_id}-{kind}"
        record = Resource(
            v=1,
            resource_id=name,
            kind=kind,  # type: ignore[arg-type]
            place_id=place_id,
            total=total,
            free=max(0, total - busy),
            as_of_ms=at_ms,
            source=source_of(self.prefix, "register"),
        )
        return Told(RESOURCES, name, f"{name}@{at_ms}", at_ms, record)

    def _beds(self, clinics: int) -> Counts:
        share = generator(self.ground.seed, "services/beds").gamma(2.0, 0.5, clinics)
        wanted = share * len(self.ground.people) / _RESIDENTS_A_BED / clinics
        return np.asarray(np.maximum(4, np.rint(wanted)), dtype=np.int64)

    def _ill(self, number: int, health: Health, clinics: Counts) -> Counts:
        """Give how many of those with symptoms lie in each clinic at each hour: (24, clinics)."""
        comes = health.onset + _ADMITTED_AFTER_DAYS
        lies = health.symptoms & (comes < number + 1) & (comes + _ADMITTED_DAYS > number)
        rows = np.flatnonzero(lies)
        rows = rows[rows % 100 < _ADMITTED_SHARE * 100]
        now = number + HOURS[:, None] / 24
        there = (comes[rows] <= now) & (now < comes[rows] + _ADMITTED_DAYS)
        at, n = self.ground.people.clinic[rows], len(self.ground.town.part)
        counts = [np.bincount(at[there[hour]], minlength=n)[clinics] for hour in HOURS]
        return np.asarray(counts, dtype=np.int64)

    def _others(self, number: int, clinics: int) -> NDArray[np.float64]:
        """Give the share of beds that other patients take, hour by hour and without a jump."""

        def level(day: int) -> NDArray[np.float64]:
            return generator(self.ground.seed, f"services/patients/{day}").uniform(
                0.4, 0.6, clinics
            )

        today, tomorrow = level(number), level(number + 1)
        share = HOURS[:, None] / 24
        by_day = 0.08 * np.sin((HOURS[:, None] - 8) / 24 * 2 * np.pi)
        return np.asarray(today * (1 - share) + tomorrow * share + by_day)

    def _vehicles(self, number: int, beds: Counts, ill: Counts) -> tuple[Counts, Counts]:
        """Give the vehicles of each hospital, and how many are on their way at each hour.

        Calls come by the hour, more by day and where more patients lie; a ride lasts an hour or
        two, and who calls while all are out waits: no more are out than there are.
        """
        chance = generator(self.ground.seed, f"services/rides/{number}")
        vehicles = np.maximum(1, beds // 12)
        by_hour = 0.6 + 0.5 * np.cos((HOURS - 14) / 24 * 2 * np.pi)
        calls = chance.poisson(by_hour[:, None] * (0.25 * vehicles + 0.05 * ill))
        longer = chance.binomial(calls, 0.4)
        out = calls.copy()
        out[1:] += longer[:-1]
        return vehicles, np.minimum(out, vehicles).astype(np.int64)


def _on_duty() -> NDArray[np.float64]:
    """Give the share of staff on duty at each hour, (24, 1): most by day, a fifth at night."""
    usual = np.interp(HOURS, [0, 6.5, 8, 16.5, 18, 22, 24], [0.2, 0.2, 0.5, 0.5, 0.35, 0.2, 0.2])
    return np.asarray(usual[:, None])
