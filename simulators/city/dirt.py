"""The world's dirt: true passages become what devices and clerks send, with a record of it.

    passages -> clocks, thermometers -> names -> network -> twice -> lost -> bus

Every kind has its own named sources of chance, so switching one on or off changes nothing that
the others do. Every check-in keeps the bits of what was done to it, for the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.check_ins import IN, OUT, CheckIns
from simulators.city import delivery, names
from simulators.city.devices import Devices
from simulators.city.done import Done, Lost, Marks, Moment, Sent, marked, sorted_by_arrival
from simulators.city.passages import Passages
from simulators.numbers import scrambled
from simulators.scenario import Dirt

_DAY_BITS = 44


@dataclass(frozen=True, slots=True)
class Seen:
    """True passages of a stretch of a day, as their gates see them.

    `number` names each passage of the day for good; `person` and `household` number who
    passes, doubles included.
    """

    passages: Passages
    number: NDArray[np.int64]
    person: NDArray[np.int64]
    household: NDArray[np.int64]


def sent(seen: Seen, devices: Devices, moment: Moment, also_lost: Marks) -> tuple[Sent, Lost]:
    """Give what passages look like on the bus, sorted by arrival, and what never came.

    Parameters
    ----------
    also_lost : (n,) uint16
        Bits for passages that an injected event loses; 0 for the others.
    """
    dirt, passages = devices.dirt, seen.passages
    place, n = passages.place, len(passages)
    true_ms = moment.begin_ms + passages.at.astype(np.int64)
    direction, swapped = _swapped(passages.direction, dirt, moment)
    temperature, misread = devices.readings(passages, moment)
    arrival_ms, held = delivery.arrivals(place, true_ms, len(devices.skew_ms), dirt, moment)
    person, renamed = names.people_named(seen.person, dirt, moment)
    skew_ms, wrong_clock = devices.clocks(place, moment)
    number = (np.int64(moment.day + 1) << _DAY_BITS) + seen.number
    check_ins = CheckIns(
        event_ms=true_ms + skew_ms,
        arrival_ms=arrival_ms,
        event_id=scrambled(number.astype(np.uint64), moment.seed),
        person=person,
        household=names.households_named(seen.household),
        place=place,
        direction=direction,
        channel=passages.channel,
        purpose=passages.purpose,
        reason=passages.reason,
        temperature=temperature,
    )
    done = swapped | misread | held | renamed | wrong_clock | _marks(n, dirt, moment)
    # What is lost is taken out last: every draw above is one a passage, whatever is lost.
    lost = _lost(passages, devices, moment) | also_lost
    found = delivery.some_twice(Sent(check_ins, done, np.arange(n)), dirt, moment)
    if lost.any():
        found = found.take(np.flatnonzero(lost[found.passage] == 0))
    return sorted_by_arrival(found), Lost(np.flatnonzero(lost), lost[lost != 0])


def _lost(passages: Passages, devices: Devices, moment: Moment) -> Marks:
    missed = marked(moment.drawn("missed", devices.dirt.missed, len(passages)), Done.MISSED)
    return np.where(devices.silent(passages), np.uint16(Done.SILENT), missed)


def _swapped(
    direction: NDArray[np.uint8], dirt: Dirt, moment: Moment
) -> tuple[NDArray[np.uint8], Marks]:
    drawn = moment.drawn("swapped", dirt.swapped, len(direction))
    both_ways = drawn & ((direction == IN) | (direction == OUT))
    turned = np.where(both_ways, np.where(direction == IN, OUT, IN), direction)
    return turned.astype(np.uint8), marked(both_ways, Done.SWAPPED)


def _marks(n: int, dirt: Dirt, moment: Moment) -> Marks:
    """Mark what is broken when it is written: malformed, or a position in a wrong datum."""
    malformed = moment.drawn("malformed", dirt.malformed, n)
    datum = moment.drawn("datum", dirt.wrong_datum, n) & ~malformed
    return marked(malformed, Done.MALFORMED) | marked(datum, Done.WRONG_DATUM)
