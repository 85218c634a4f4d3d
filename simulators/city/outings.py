"""A day's outings: who leaves home when, where to, and when they are back.

    home --leave--> arrive [at the place] depart --> back home

A person has at most one main outing (work or school) and a few more (an errand, a visit to a
friend, a night out); of those that would overlap only the first happens.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from schemas.times import HOUR_MS
from simulators.city.ground import Ground
from simulators.city.people import GRID_WORKER, VOLUNTEER, People
from simulators.city.shifts import BEGINS, DRIVES, HOURS, SPREAD, goes_to_work
from simulators.city.town import Reals, Rows
from simulators.scenario import Phase
from simulators.sorting import order_of_pairs

BREATH_MS = 360_000
"""At least so long at home between two outings; the doors take their time."""
WORK, SCHOOL, SHOPPING, TREATMENT, FRIEND, ROUND, STRANGER, DRIVE, RETURN = range(1, 10)
Kinds = NDArray[np.uint8]
# Of usual outings at lockdown levels 0..3, those that still happen.
_KEPT = {
    WORK: (1.0, 0.8, 0.35, 0.12),
    SCHOOL: (1.0, 1.0, 0.0, 0.0),
    SHOPPING: (1.0, 0.8, 0.45, 0.2),
    TREATMENT: (1.0, 0.9, 0.8, 0.7),
    FRIEND: (1.0, 0.6, 0.15, 0.03),
    ROUND: (0.3, 0.6, 1.0, 1.0),
    STRANGER: (1.0, 0.8, 0.6, 0.4),
}
_NIGHT_OUT = 0.04
# The hour, counted from midnight of the evening, when the last guests are gone.
_EMPTY_AT = 29.0
_WEEKEND = {WORK: 0.22, SCHOOL: 0.0, SHOPPING: 1.05, FRIEND: 1.8}


@dataclass(frozen=True, slots=True)
class Outings:
    """Columns of outings; times in milliseconds since the day's local midnight.

    Attributes
    ----------
    person, place : (n,) int32
    kind : (n,) uint8
        WORK ... RETURN; of a drive the place is where the vehicle stands before and after it,
        of a return (from a journey) the station where the traveller arrives.
    leave, arrive, depart, back : (n,) int32
        In this order, all within 1.5 days.
    denied : (n,) bool
        Turned away at the place: arrived, but never inside.
    """

    person: Rows
    place: Rows
    kind: Kinds
    leave: Rows
    arrive: Rows
    depart: Rows
    back: Rows
    denied: NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the outings."""
        return len(self.person)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Outings:
        """Give some rows, in the order asked for."""
        return Outings(*(getattr(self, field.name)[rows] for field in fields(self)))


def joined(parts: list[Outings]) -> Outings:
    """Put outings behind one another."""
    names = [field.name for field in fields(Outings)]
    return Outings(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, slots=True)
class Day:
    """What is special about a day: its number, weekday (0 is Monday) and lockdown phase."""

    number: int
    weekday: int
    phase: Phase

    @property
    def weekend(self) -> bool:
        """Say whether it is Saturday or Sunday."""
        return self.weekday >= 5

    def kept(self, kind: int) -> float:
        """Give the share of an ordinary working day's outings of a kind that happen today."""
        usual = _WEEKEND.get(kind, 1.0) if self.weekend else 1.0
        return usual * self.left(kind)

    def left(self, kind: int) -> float:
        """Give the share that the lockdown leaves, whatever the day of the week."""
        return _KEPT[kind][self.phase.level]


def outings_of(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    """Draw the outings of some people on one day.

    Parameters
    ----------
    ground, day
    who : (m,) int32
        Rows of the people.
    chance : Generator
        Of these people and this day alone.
    """
    parts = [
        _main(ground, day, who, chance),
        _errands(ground, day, who, chance),
        _friends(ground, day, who, chance),
        _nights_out(ground, day, who, chance),
        _rounds(ground, day, who, chance),
        _strangers(ground, day, who, chance),
    ]
    return one_at_a_time(_under_curfew(joined(parts), day.phase))


def in_order(parts: list[Outings], like: Outings) -> Outings:
    """Put outings behind one another, sorted by person and time; none of them may be there."""
    found = joined([like.take(slice(0)), *parts])
    return found.take(order_of_pairs(found.person, found.leave))


def one_at_a_time(found: Outings) -> Outings:
    """Drop what would begin before its person is back from the outing before it."""
    return found.take(rows_one_at_a_time(found))


def rows_one_at_a_time(found: Outings) -> NDArray[np.int64]:
    """Give the rows of the outings that happen, sorted by person and time."""
    rows = order_of_pairs(found.person, found.leave)
    while True:
        person, leave, back = found.person[rows], found.leave[rows], found.back[rows]
        clash = (person[1:] == person[:-1]) & (leave[1:] <= back[:-1] + BREATH_MS)
        # Of several in a row only the first goes at a time: it may have been the one in the way.
        clash[1:] &= ~clash[:-1]
        if not clash.any():
            return np.asarray(rows)
        rows = rows[np.append(True, ~clash)]


def _outings(
    ground: Ground,
    what: tuple[Rows, Rows, int],
    arrive_hour: Reals,
    stay_hours: Reals,
    denied: NDArray[np.bool_] | None = None,
) -> Outings:
    person, place, kind = what
    town = ground.town
    home = ground.people.home[person]
    way = _way_ms(np.hypot(town.x_km[home] - town.x_km[place], town.y_km[home] - town.y_km[place]))
    arrive = np.maximum(arrive_hour * HOUR_MS, way + 1)
    depart = arrive + np.maximum(stay_hours, 1 / 60) * HOUR_MS
    leave, arrive, depart, back = (
        time.astype(np.int32) for time in (arrive - way, arrive, depart, depart + way)
    )
    return Outings(
        person,
        place,
        np.full(len(person), kind, dtype=np.uint8),
        leave,
        arrive,
        depart,
        back,
        np.zeros(len(person), dtype=np.bool_) if denied is None else denied,
    )


def _way_ms(far_km: Reals) -> Reals:
    """Walk up to a kilometre at 4.5 km/h, ride beyond it at 18 km/h with six minutes' wait."""
    return np.asarray(np.where(far_km < 1.0, far_km / 4.5, 0.1 + far_km / 18.0) * HOUR_MS + 60_000)


def _main(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    people = ground.people
    learns = people.age[who] < 18
    works = goes_to_work(people.shift[who], day.kept(WORK) * 0.92, day.left(WORK))
    goes = chance.random(len(who)) < np.where(learns, day.kept(SCHOOL) * 0.97, works)
    goes &= people.work[who] >= 0
    person, learns = who[goes], learns[goes]
    n, shift = len(person), people.shift[person]
    start = BEGINS[shift] + SPREAD[shift] * chance.standard_normal(n)
    stay = np.clip(HOURS[shift] + chance.standard_normal(n), 4, 12)
    start = np.where(learns, chance.normal(7.7, 0.2, n), start)
    stay = np.where(learns, chance.normal(8.3, 0.5, n), stay)
    found = _outings(ground, (person, people.work[person], WORK), start, stay)
    found.kind[learns] = SCHOOL
    found.kind[DRIVES[shift] & ~learns] = DRIVE
    return found


def _folded(hours: Reals, latest: float) -> Reals:
    """Bring hours past the latest as far before it: cut there, all would fall into one minute."""
    return np.minimum(hours, 2 * latest - hours)


def _busy(people: People, day: Day, person: Rows) -> NDArray[np.bool_]:
    return (people.work[person] >= 0) & (not day.weekend) & (day.phase.level < 2)


def _errands(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    town, people, law = ground.town, ground.people, ground.scenario.mobility
    rate = law.errands * day.kept(SHOPPING) * people.restless[who]
    rate = np.minimum(0.95, rate * np.where(_busy(people, day, who), 0.3, 0.64))
    person = who[(chance.random(len(who)) < rate) & (people.age[who] >= 12)]
    n = len(person)
    morning = _folded(7.9 + chance.gamma(2.0, 1.2, n), 12.0)
    evening = np.where(chance.random(n) < 0.8, 16.8, 18.8) + chance.gamma(2.0, 0.9, n)
    when = chance.random(n)
    by_day = np.where(
        when < (0.27 if day.weekend else 0.35), morning, chance.uniform(10.5, 18.5, n)
    )
    by_day = np.where(when > (0.8 if day.weekend else 0.92), evening, by_day)
    arrive = np.where(_busy(people, day, person), evening, by_day)
    which = chance.random(n)
    place = np.where(which < 0.55, people.shop[person], people.market[person])
    elsewhere = chance.choice(town.shops, n)
    place = np.where(which > 0.92, elsewhere, place)
    ill = chance.random(n) < 0.03 + 0.05 * (people.age[person] > 60)
    place = np.where(ill, people.clinic[person], place).astype(np.int32)
    stay = np.clip(chance.gamma(2.0, 0.25, n), 0.08, 1.6)
    found = _outings(ground, (person, place, SHOPPING), arrive, stay)
    found.kind[ill] = TREATMENT
    return found


def _friends(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    people, law = ground.people, ground.scenario.mobility
    rate = law.visits_to_friends * day.kept(FRIEND) * people.restless[who]
    person = who[(chance.random(len(who)) < rate) & (people.age[who] >= 14)]
    n = len(person)
    busy = _busy(people, day, person)
    late = busy | (chance.random(n) < 0.4)
    arrive = np.where(late, 19.0 + chance.gamma(2.0, 1.2, n), chance.uniform(13.0, 17.5, n))
    stay = np.where(late, chance.gamma(2.0, 0.9, n) + 0.3, chance.uniform(0.5, 3.0, n))
    stay = _folded(arrive + stay, _EMPTY_AT) - arrive
    place = people.home[people.friend[person]]
    # Closed compounds turn guests away.
    turned = chance.random(n) < (0.004, 0.03, 0.3, 0.8)[day.phase.level]
    stay = np.where(turned, 1 / 30, stay)
    return _outings(ground, (person, place, FRIEND), arrive, stay, turned)


def _nights_out(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    """Let some of the younger eat and drink at a night market until late."""
    people = ground.people
    rate = _NIGHT_OUT * day.kept(FRIEND) * people.restless[who]
    young = (people.age[who] >= 16) & (people.age[who] < 60)
    person = who[(chance.random(len(who)) < rate) & young]
    n = len(person)
    arrive = _folded(20.5 + chance.gamma(2.0, 1.0, n), 27.0)
    stay = _folded(arrive + 0.4 + chance.gamma(2.0, 0.7, n), _EMPTY_AT) - arrive
    return _outings(ground, (person, people.market[person], SHOPPING), arrive, stay)


def _rounds(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    """Volunteers and grid workers go round the gates of their compound."""
    town, people = ground.town, ground.people
    goes = np.isin(people.role[who], (VOLUNTEER, GRID_WORKER))
    goes &= chance.random(len(who)) < day.kept(ROUND)
    person = who[goes & ~_busy(people, day, who)]
    n = len(person)
    place = town.near[people.home[person], chance.integers(0, 2, n)]
    stay = chance.uniform(0.4, 1.4, n)
    return _outings(ground, (person, place, ROUND), chance.uniform(9.0, 17.0, n), stay)


def _strangers(ground: Ground, day: Day, who: Rows, chance: np.random.Generator) -> Outings:
    """Couriers and agents try gates where they are not known; some are turned away."""
    town, people, law = ground.town, ground.people, ground.scenario.mobility
    person = who[chance.random(len(who)) < law.outsiders * day.kept(STRANGER)]
    person = person[people.work[person] < 0]
    n = len(person)
    turned = chance.random(n) < (0.15, 0.4, 0.8, 0.97)[day.phase.level]
    stay = np.where(turned, 1 / 30, chance.uniform(0.1, 0.5, n))
    arrive = chance.uniform(9.5, 20.5, n)
    place = chance.choice(town.homes, n)
    return _outings(ground, (person, place, STRANGER), arrive, stay, turned)


def _under_curfew(found: Outings, phase: Phase) -> Outings:
    """Drop outings that would begin or end while nobody may be out."""
    if phase.curfew_from >= 24 and phase.curfew_to <= 0:
        return found
    allowed = (found.leave >= phase.curfew_to * HOUR_MS) & (
        found.back <= phase.curfew_from * HOUR_MS
    )
    return found.take(allowed)
