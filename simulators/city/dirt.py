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

_DAY_BITS = 52


@dataclass(frozen=True, slots=True)
class Seen:
    """True passages of a stretch of a day, as their gates see them.

    `number` names each passage of the day for good, doubles included; `person` and
    `household` number who passes.
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
    number = (np.int64(moment.day + 1) << _DAY_BITS) + seen.number
    event_id = scrambled(number.astype(np.uint64), moment.seed)
    true_ms = moment.begin_ms + passages.at.astype(np.int64)
    direction, swapped = _swapped(passages.direction, dirt, moment, event_id)
    temperature, misread = devices.readings(passages, moment)
    when = delivery.Passed(event_id, place, true_ms, len(devices.skew_ms))
    arrival_ms, held = delivery.arrivals(when, dirt, moment)
    person, renamed = names.people_named(seen.person, dirt, moment)
    skew_ms, wrong_clock = devices.clocks(place, moment)
    check_ins = CheckIns(
        event_ms=true_ms + skew_ms,
        arrival_ms=arrival_ms,
        event_id=event_id,
        person=person,
        household=names.households_named(seen.household),
        place=place,
        direction=direction,
        channel=passages.channel,
        purpose=passages.purpose,
        reason=passages.reason,
        temperature=temperature,
    )
    done = swapped | misread | held | renamed | wrong_clock | _marks(dirt, moment, event_id)
    lost = _lost(passages, devices, moment, event_id) | also_lost
    found = delivery.some_twice(Sent(check_ins, done, np.arange(n)), dirt, moment)
    if lost.any():
        found = found.take(np.flatnonzero(lost[found.passage] == 0))
    return sorted_by_arrival(found), Lost(np.flatnonzero(lost), lost[lost != 0])


Ids = NDArray[np.uint64]


def _lost(passages: Passages, devices: Devices, moment: Moment, event_id: Ids) -> Marks:
    missed = marked(moment.drawn("missed", devices.dirt.missed, event_id), Done.MISSED)
    return np.where(devices.silent(passages), np.uint16(Done.SILENT), missed)


def _swapped(
    direction: NDArray[np.uint8], dirt: Dirt, moment: Moment, event_id: Ids
) -> tuple[NDArray[np.uint8], Marks]:
    if dirt.swapped == 0:
        return direction, np.zeros(len(direction), dtype=np.uint16)
    drawn = moment.drawn("swapped", dirt.swapped, event_id)
    both_ways = drawn & ((direction == IN) | (direction == OUT))
    turned = np.where(both_ways, np.where(direction == IN, OUT, IN), direction)
    return turned.astype(np.uint8), marked(both_ways, Done.SWAPPED)


def _marks(dirt: Dirt, moment: Moment, event_id: Ids) -> Marks:
    """Mark what is broken when it is written: malformed, a position in a wrong datum, or odd."""
    malformed = moment.drawn("malformed", dirt.malformed, event_id)
    datum = moment.drawn("datum", dirt.wrong_datum, event_id) & ~malformed
    odd = moment.drawn("odd", dirt.odd, event_id) & ~malformed & ~datum
    found = marked(malformed, Done.MALFORMED) | marked(datum, Done.WRONG_DATUM)
    return found | marked(odd, Done.ODD)
