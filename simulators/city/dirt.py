"""The world's dirt: true passages become what devices and clerks send, with a record of it.

Every kind has its own named sources of chance, so switching one on or off changes nothing that
the others do. Every check-in keeps the bits of what was done to it, for the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from simulators.chance import generator
from simulators.check_ins import IN, NOT_MEASURED, OUT, CheckIns
from simulators.city.passages import Passages
from simulators.numbers import scrambled, scrambled_one
from simulators.scenario import Dirt

HOUR_MS = 3_600_000
_SERIAL_BITS = 36
_BURST_MS = 30_000
_PEOPLE_KEY, _HOUSEHOLD_KEY, _NEW_KEY = 11, 12, 13


class Done(IntFlag):
    """What was done to a check-in on its way; the bits are written to the truth."""

    SKEW = 1
    DRIFT = 2
    THERMOMETER = 4
    WEATHER = 8
    OFFLINE = 16
    DUPLICATE = 32
    MISSED = 64
    SWAPPED = 128
    MALFORMED = 256
    SILENT = 512
    NEW_KEY = 1024
    WRONG_DATUM = 2048


@dataclass(frozen=True, slots=True)
class Sent:
    """What enters the bus: check-ins, what was done to each, and the passage behind each.

    `done` holds bits of `Done`; `passage` is the row of the day's true passages, in the order in
    which the truth keeps them.
    """

    check_ins: CheckIns
    done: NDArray[np.uint16]
    passage: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Sent:
        """Give some rows, in the order asked for."""
        return Sent(self.check_ins.take(rows), self.done[rows], self.passage[rows])


@dataclass(frozen=True, slots=True)
class Lost:
    """Passages that nothing was sent of: their rows, and why."""

    passage: NDArray[np.int64]
    done: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Moment:
    """Which day of which run, and when it begins, in milliseconds since 1970 UTC."""

    day: int
    begin_ms: int
    seed: int

    def chance(self, what: str) -> np.random.Generator:
        """Give the generator of one source of dirt on this day."""
        return generator(self.seed, f"dirt/{what}/{self.day}")


@dataclass(frozen=True, eq=False)
class Devices:
    """Properties of the device at every place, drawn once a run."""

    skew_ms: NDArray[np.int64]
    drift_ms_per_day: NDArray[np.int64]
    thermometer: NDArray[np.int16]
    is_silent: NDArray[np.bool_]
    dirt: Dirt

    @classmethod
    def of(cls, places: int, dirt: Dirt, seed: int) -> Devices:
        """Draw them; a device is as it should be unless drawn otherwise."""

        def some(what: str, share: float, spread: float) -> NDArray[np.float64]:
            chance = generator(seed, f"dirt/{what}")
            drawn = chance.random(places) < share
            return np.where(drawn, chance.normal(0.0, spread, places), 0.0)

        return cls(
            skew_ms=np.rint(some("clock-skew", dirt.clock_skew, dirt.clock_skew_s * 1000)).astype(
                np.int64
            ),
            drift_ms_per_day=np.rint(
                some("clock-drift", dirt.clock_drift, dirt.clock_drift_s_per_day * 1000)
            ).astype(np.int64),
            thermometer=np.rint(
                some("thermometer", dirt.thermometer, dirt.thermometer_c * 10)
            ).astype(np.int16),
            is_silent=generator(seed, "dirt/silent").random(places) < dirt.silent,
            dirt=dirt,
        )


def sent(
    passages: Passages,
    household: NDArray[np.int32],
    devices: Devices,
    moment: Moment,
    also_lost: NDArray[np.uint16],
) -> tuple[Sent, Lost]:
    """Give what a day's passages look like on the bus, sorted by arrival, and what never came.

    Parameters
    ----------
    passages : Passages
        Of the day, in the truth's order.
    household : (people,) int32
        Household of every person.
    also_lost : (n,) uint16
        Bits for passages that an injected event loses; 0 for the others.
    """
    dirt = devices.dirt
    place = passages.place
    true_ms = moment.begin_ms + passages.at.astype(np.int64)
    direction, swapped = _swapped(passages.direction, dirt, moment)
    temperature, misread = _misread(passages, devices, dirt, moment)
    arrival_ms, held = _arrivals(passages, true_ms, devices, dirt, moment)
    person, renamed = _pseudonyms(passages.person, dirt, moment)
    skew_ms, wrong_clock = _clocks(place, devices, moment)
    rows = np.arange(len(passages))
    number = (np.int64(moment.day + 1) << _SERIAL_BITS) + rows
    check_ins = CheckIns(
        event_ms=true_ms + skew_ms,
        arrival_ms=arrival_ms,
        event_id=scrambled(number.astype(np.uint64), moment.seed),
        person=person,
        household=scrambled(household[passages.person].astype(np.uint64), _HOUSEHOLD_KEY),
        place=place,
        direction=direction,
        channel=passages.channel,
        purpose=passages.purpose,
        reason=passages.reason,
        temperature=temperature,
    )
    marks = _marks(len(passages), dirt, moment)
    done = swapped | misread | held | renamed | wrong_clock | marks
    # What is lost is taken out last: every draw above is one a passage, whatever is lost.
    lost = _lost(passages, devices, dirt, moment) | also_lost
    found = _twice(Sent(check_ins, done, rows), dirt, moment)
    kept = np.flatnonzero(lost[found.passage] == 0)
    order = np.argsort(found.check_ins.arrival_ms[kept], kind="stable")
    return found.take(kept[order]), Lost(np.flatnonzero(lost), lost[lost != 0])


def sorted_by_arrival(found: Sent) -> Sent:
    """Sort by arrival; what arrives in the same millisecond keeps its order."""
    order = np.argsort(found.check_ins.arrival_ms, kind="stable")
    return found.take(order)


def joined(parts: list[Sent]) -> Sent:
    """Put sent check-ins behind one another."""
    names = [field.name for field in fields(CheckIns)]
    columns = (np.concatenate([getattr(part.check_ins, name) for part in parts]) for name in names)
    return Sent(
        CheckIns(*columns),
        np.concatenate([part.done for part in parts]),
        np.concatenate([part.passage for part in parts]),
    )


def _lost(passages: Passages, devices: Devices, dirt: Dirt, moment: Moment) -> NDArray[np.uint16]:
    missed = moment.chance("missed").random(len(passages), dtype=np.float32) < dirt.missed
    start = dirt.silent_from_hour * HOUR_MS
    in_hours = (passages.at >= start) & (passages.at < start + dirt.silent_hours * HOUR_MS)
    silent = devices.is_silent[passages.place] & in_hours
    return np.where(silent, Done.SILENT, np.where(missed, Done.MISSED, 0)).astype(np.uint16)


Changed = tuple[NDArray[np.uint8], NDArray[np.uint16]]


def _swapped(direction: NDArray[np.uint8], dirt: Dirt, moment: Moment) -> Changed:
    drawn = moment.chance("swapped").random(len(direction), dtype=np.float32) < dirt.swapped
    both_ways = drawn & ((direction == IN) | (direction == OUT))
    turned = np.where(both_ways, np.where(direction == IN, OUT, IN), direction)
    return turned.astype(np.uint8), np.where(both_ways, Done.SWAPPED, 0).astype(np.uint16)


def _misread(
    seen: Passages, devices: Devices, dirt: Dirt, moment: Moment
) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    measured = seen.temperature != NOT_MEASURED
    off = devices.thermometer[seen.place]
    # A cold morning cools foreheads; the day's weather shifts all of them alike.
    of_day = moment.chance("weather").normal(0.0, 2.0)
    morning = np.cos((seen.at / HOUR_MS - 4.0) / 24 * 2 * np.pi)
    weather = np.rint(dirt.weather * (of_day - 2.0 * morning)).astype(np.int16)
    done = np.where(measured & (off != 0), Done.THERMOMETER, 0)
    done = done | np.where(measured & (weather != 0), Done.WEATHER, 0)
    read = np.clip(seen.temperature + off + weather, 250, 450)
    return np.where(measured, read, NOT_MEASURED).astype(np.int16), done.astype(np.uint16)


def _arrivals(
    seen: Passages,
    true_ms: NDArray[np.int64],
    devices: Devices,
    dirt: Dirt,
    moment: Moment,
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    network = moment.chance("network").standard_exponential(len(seen), dtype=np.float32) * 400
    arrival_ms = true_ms + 50 + network.astype(np.int64)
    chance = moment.chance("offline")
    places = len(devices.skew_ms)
    is_off = chance.random(places) < dirt.offline
    since = moment.begin_ms + (chance.uniform(6.0, 21.0, places) * HOUR_MS).astype(np.int64)
    until = since + (chance.gamma(2.0, dirt.offline_hours / 2, places) * HOUR_MS).astype(np.int64)
    held = is_off[seen.place] & (true_ms >= since[seen.place]) & (true_ms < until[seen.place])
    burst = moment.chance("burst").integers(0, _BURST_MS, len(seen))
    arrival_ms = np.where(held, until[seen.place] + burst, arrival_ms)
    return arrival_ms, np.where(held, Done.OFFLINE, 0).astype(np.uint16)


def _pseudonyms(
    person: NDArray[np.int32], dirt: Dirt, moment: Moment
) -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """Name people; who once got a new key (a new phone) has it from that day on."""
    numbers = person.astype(np.uint64)
    draw = (scrambled(numbers, _NEW_KEY) >> np.uint64(11)).astype(np.float64) / 2**53
    # A share of people a day: on day d everybody with a draw below d * share has changed.
    new = draw < dirt.new_keys * moment.day
    name = np.where(new, scrambled(numbers, _NEW_KEY + 1), scrambled(numbers, _PEOPLE_KEY))
    return name, np.where(new, Done.NEW_KEY, 0).astype(np.uint16)


def _clocks(
    place: NDArray[np.int32], devices: Devices, moment: Moment
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    skew_ms = devices.skew_ms[place]
    drift_ms = devices.drift_ms_per_day[place] * moment.day
    done = np.where(skew_ms != 0, Done.SKEW, 0) | np.where(drift_ms != 0, Done.DRIFT, 0)
    return skew_ms + drift_ms, done.astype(np.uint16)


def pseudonyms(person: int, household: int) -> tuple[str, str]:
    """Give the names by which the bus knows a person and a household, with the first key."""
    one, all_of_them = scrambled_one(person, _PEOPLE_KEY), scrambled_one(household, _HOUSEHOLD_KEY)
    return f"p{one:016x}", f"h{all_of_them:016x}"


def _twice(found: Sent, dirt: Dirt, moment: Moment) -> Sent:
    """Send some again, byte for byte, seconds to minutes later."""
    chance = moment.chance("duplicates")
    drawn = chance.random(len(found.done), dtype=np.float32) < dirt.duplicates
    wait_ms = chance.integers(1_000, 900_000, len(drawn))[drawn]
    again = found.take(np.flatnonzero(drawn))
    if not len(again.done):
        return found
    later = replace(again.check_ins, arrival_ms=again.check_ins.arrival_ms + wait_ms)
    return joined([found, Sent(later, again.done | np.uint16(Done.DUPLICATE), again.passage)])


def _marks(n: int, dirt: Dirt, moment: Moment) -> NDArray[np.uint16]:
    """Mark what is broken when it is written: malformed, or a position in a wrong datum."""
    malformed = moment.chance("malformed").random(n, dtype=np.float32) < dirt.malformed
    datum = moment.chance("datum").random(n, dtype=np.float32) < dirt.wrong_datum
    marks = np.where(malformed, Done.MALFORMED, np.where(datum, Done.WRONG_DATUM, 0))
    return marks.astype(np.uint16)
