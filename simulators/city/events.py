"""Injected events: what is put into a city on purpose, with its place, time and size.

An event is settled once, before the run: where it is and who takes part. On each day it adds
outings, keeps people at home, makes them febrile, brings the disease, or silences places.

The place of what befalls households or one person is where they live, of several households
the first; slow growth is of the whole city and has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.times import DAY_MS, HOUR_MS
from simulators.chance import generator
from simulators.city.disease import Exposed
from simulators.city.ground import Ground
from simulators.city.outings import FRIEND, SHOPPING, STRANGER, Outings
from simulators.city.town import GATE, MARKET, SHOP, Rows
from simulators.errors import SettingError
from simulators.scenario import Event

_COMING = {
    "gathering": FRIEND,
    "surge": SHOPPING,
    "super_spreader": FRIEND,
    "testing_drive": SHOPPING,
}
_TAKES_HOUSEHOLDS = ("silent_household", "fever_household")
_LIVE_THERE = (*_TAKES_HOUSEHOLDS, "frequent_person")
_TAKES_PEOPLE = (*_COMING, "denied_wave", "returnees")
_CAUGHT_AT_VENUE = 0.25
_RETURNED_ILL = 0.4
_SOURCE_DAYS_BEFORE = 5.0
_GROWN_UP = 14
_EVERYWHERE = -1
_QUICKEST_MS = 30 * 60_000
"""A person goes out and comes back no more often than this."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An event with its place and people; `begin` and `end` in ms since the run's start.

    `people` take part; the first of them is the source of a super-spreader venue. `place` is
    -1 where the whole city is meant.
    """

    event: Event
    place: int
    people: Rows
    begin: int
    end: int

    def covers(self, day: int) -> bool:
        """Say whether any part of a day lies within the event."""
        return self.begin < (day + 1) * DAY_MS and self.end > day * DAY_MS


def settle(ground: Ground, place_id: NDArray[np.object_], events: Sequence[Event]) -> list[Settled]:
    """Choose a place and people for every event; each event has its own source of chance.

    Raises
    ------
    SettingError
        An event names a place that the city has not, begins after the scenario's end, or takes
        more people than there are.
    """
    rows = {name: row for row, name in enumerate(place_id.tolist())}
    found = []
    for number, event in enumerate(events):
        chance = generator(ground.seed, f"event/{number}/{event.kind}")
        if wrong := _impossible(ground, event, rows):
            raise SettingError(f"event {number} ({event.kind}): {wrong}")
        place = rows[event.place] if event.place else _somewhere(ground, event, chance)
        begin = event.day * DAY_MS + int(event.hour * HOUR_MS)
        people = _people(ground, event, place, chance)
        place = _known_by(ground, event, place, people)
        found.append(Settled(event, place, people, begin, begin + int(event.hours * HOUR_MS)))
    return found


def _impossible(ground: Ground, event: Event, rows: dict[str, int]) -> str | None:
    """Say why an event cannot be; None where it can."""
    if event.place is not None and event.place not in rows:
        return f"place {event.place!r} is unknown"
    if event.kind == "slow_growth" and event.place is not None:
        return f"place {event.place!r}: expected none, for it is of the whole city"
    if event.day >= ground.scenario.days:
        return f"day {event.day}: expected one of the scenario's days 0..{ground.scenario.days - 1}"
    at_home = _at_home(ground, None if event.place is None else rows[event.place])
    if event.kind in _LIVE_THERE and not len(at_home):
        return f"place {event.place!r}: nobody lives there"
    if event.kind in _TAKES_HOUSEHOLDS:
        most, what = len(np.unique(ground.people.household[at_home])), "households"
    elif event.kind in _TAKES_PEOPLE:
        most, what = len(ground.people), "people"
    else:
        return None
    where = "the city" if event.place is None or what == "people" else f"place {event.place!r}"
    return f"size {event.size}: {where} has {most:,} {what}" if event.size > most else None


def _at_home(ground: Ground, place: int | None) -> NDArray[np.int64]:
    """Give who lives at a place, or everybody where it is None."""
    if place is None:
        return np.arange(len(ground.people))
    return np.flatnonzero(ground.people.home == place)


def _somewhere(ground: Ground, event: Event, chance: np.random.Generator) -> int:
    if event.kind == "returnees":
        return _building(ground, event.size, chance)
    wanted = {"surge": (MARKET, SHOP), "super_spreader": (MARKET, SHOP)}.get(event.kind, (GATE,))
    among = np.flatnonzero(np.isin(ground.town.part, wanted))
    among = among if len(among) else np.arange(len(ground.town.part))
    return int(chance.choice(among))


def _building(ground: Ground, size: int, chance: np.random.Generator) -> int:
    """Choose a home where so many live at least, or else one of those where most do."""
    live_there = np.bincount(ground.people.home, minlength=len(ground.town.part))
    return int(chance.choice(np.flatnonzero(live_there >= min(size, live_there.max()))))


def _people(ground: Ground, event: Event, place: int, chance: np.random.Generator) -> Rows:
    people, n = ground.people, len(ground.people)
    lives_there = _at_home(ground, place if event.place else None)
    if event.kind in _TAKES_HOUSEHOLDS:
        houses = np.unique(people.household[lives_there])
        chosen = chance.choice(houses, min(event.size, len(houses)), replace=False)
        return np.flatnonzero(np.isin(people.household, chosen)).astype(np.int32)
    if event.kind == "frequent_person":
        grown = lives_there[people.age[lives_there] >= _GROWN_UP]
        return chance.choice(grown if len(grown) else lives_there, 1).astype(np.int32)
    if event.kind == "returnees":
        near = np.flatnonzero(people.home == place)
        near = near if len(near) else np.arange(n)
        return np.sort(chance.permutation(near)[: event.size]).astype(np.int32)
    if event.kind in _COMING or event.kind == "denied_wave":
        far = np.hypot(
            ground.town.x_km[people.home] - ground.town.x_km[place],
            ground.town.y_km[people.home] - ground.town.y_km[place],
        )
        near = np.argsort(far, kind="stable")[: max(4 * event.size, 50)]
        return np.sort(chance.permutation(near)[: event.size]).astype(np.int32)
    return np.empty(0, dtype=np.int32)


def _known_by(ground: Ground, event: Event, place: int, people: Rows) -> int:
    """Give the place by which an event is known, once it is settled who takes part."""
    if event.kind == "slow_growth":
        return _EVERYWHERE
    if event.kind not in _LIVE_THERE:
        return place
    return int(ground.people.home[people[0]])


def more_outings(ground: Ground, settled: Sequence[Settled], day: int) -> list[Outings]:
    """Give the outings that events add on a day."""
    return [
        _of_event(ground, found, generator(ground.seed, f"event-day/{number}/{day}"))
        for number, found in enumerate(settled)
        if found.begin // DAY_MS == day
    ]


def _of_event(ground: Ground, found: Settled, chance: np.random.Generator) -> Outings:
    event, people = found.event, found.people
    start, stop = found.begin % DAY_MS, found.begin % DAY_MS + (found.end - found.begin)
    n = len(people)
    if event.kind == "frequent_person":
        most = max(2, (stop - start) // _QUICKEST_MS)
        at = np.linspace(start, stop, min(max(2, event.size), most), endpoint=False)
        person = np.repeat(people, len(at))
        place = ground.town.near[ground.people.home[person], 0]
        return _outings(person, place, STRANGER, at, at + 120_000)
    if event.kind == "denied_wave":
        at = chance.uniform(start, stop, n)
        turned = _outings(people, np.full(n, found.place), STRANGER, at, at + 60_000)
        turned.denied[:] = True
        return turned
    if event.kind not in _COMING:
        return _outings(people[:0], people[:0], STRANGER, np.empty(0), np.empty(0))
    arrive = start + chance.beta(2, 3, n) * (stop - start) * 0.6
    leave = np.maximum(arrive + 600_000, stop - chance.exponential(0.15, n) * (stop - start))
    place = np.full(n, found.place)
    return _outings(people, place, _COMING[event.kind], arrive, leave)


def _outings(
    person: Rows,
    place: NDArray[np.int32] | NDArray[np.int64],
    kind: int,
    arrive: NDArray[np.float64],
    depart: NDArray[np.float64],
) -> Outings:
    way = 600_000
    leave = np.maximum(arrive - way, 0)
    columns = (leave, np.maximum(arrive, leave + 1), depart, depart + way)
    times = [column.astype(np.int32) for column in columns]
    return Outings(
        person.astype(np.int32),
        place.astype(np.int32),
        np.full(len(person), kind, dtype=np.uint8),
        times[0],
        times[1],
        times[2],
        times[3],
        np.zeros(len(person), dtype=np.bool_),
    )


def staying(settled: Sequence[Settled], day: int, outings: Outings) -> NDArray[np.bool_]:
    """Say which ordinary outings do not happen: silent households, people of an event."""
    gone = np.zeros(len(outings), dtype=np.bool_)
    for found in settled:
        # Of outings that last beyond midnight some reach into an event of the next day.
        if not (found.covers(day) or found.covers(day + 1)) or not len(found.people):
            continue
        inside = (outings.back + day * DAY_MS > found.begin) & (
            outings.leave + day * DAY_MS < found.end
        )
        if found.event.kind != "fever_household":
            gone |= inside & np.isin(outings.person, found.people)
    return gone


def febrile(
    settled: Sequence[Settled], day: int, of_disease: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Add the members of fever households to those who are ill."""
    ill = of_disease.copy()
    for found in settled:
        if found.event.kind == "fever_household" and found.covers(day):
            ill[found.people] = True
    return ill


def exposed(ground: Ground, settled: Sequence[Settled], day: int) -> Exposed:
    """Give whom events infect on a day, and by whom."""
    person, infector = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    at = [np.empty(0)]
    for number, found in enumerate(settled):
        chance = generator(ground.seed, f"event-exposed/{number}/{day}")
        who, source = _infected(ground, found, day, chance)
        begins = max(day, found.begin / DAY_MS)
        if source >= 0:  # who brings it was infected elsewhere, days before
            person.append(np.array([source]))
            infector.append(np.array([-1]))
            at.append(np.array([begins - _SOURCE_DAYS_BEFORE]))
        person.append(who)
        infector.append(np.full(len(who), source))
        at.append(np.full(len(who), begins))
    return Exposed(
        np.concatenate(person).astype(np.int32),
        np.concatenate(infector).astype(np.int32),
        np.concatenate(at),
    )


def _infected(
    ground: Ground, found: Settled, day: int, chance: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    kind, starts = found.event.kind, found.begin // DAY_MS == day
    nobody = np.empty(0, dtype=np.int64)
    if kind == "returnees" and starts:
        return found.people[chance.random(len(found.people)) < _RETURNED_ILL].astype(np.int64), -1
    if kind == "super_spreader" and starts and len(found.people):
        guests = found.people[1:]
        caught = chance.random(len(guests)) < _CAUGHT_AT_VENUE
        return guests[caught].astype(np.int64), int(found.people[0])
    if kind == "slow_growth" and found.covers(day):
        length = max(1, (found.end - found.begin) // DAY_MS)
        wanted = found.event.size * (day - found.begin // DAY_MS + 1) / length
        return chance.integers(0, len(ground.people), int(chance.poisson(wanted))), -1
    return nobody, -1


def silenced(
    grid: Rows, settled: Sequence[Settled], day: int, place: Rows, at: Rows
) -> NDArray[np.bool_]:
    """Say which passages nobody hears of: those in a blind spot's grid while it lasts."""
    lost = np.zeros(len(place), dtype=np.bool_)
    for found in settled:
        if found.event.kind == "blind_spot" and found.covers(day):
            here = grid[place] == grid[found.place]
            when = at.astype(np.int64) + day * DAY_MS
            lost |= here & (when >= found.begin) & (when < found.end)
    return lost
