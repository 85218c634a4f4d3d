"""The way from a gate to the bus: the network, gates off line, records that are sent twice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas.times import HOUR_MS
from simulators.city.done import Done, Marks, Moment, Sent, joined, marked
from simulators.city.town import Rows
from simulators.scenario import Dirt

_FASTEST_MS, _NETWORK_MS = 50, 400
_BURST_MS = 30_000
_SOONEST_MS, _AGAIN_WITHIN_MS = 1_000, 898_000


@dataclass(frozen=True, slots=True)
class Passed:
    """Passages on their way: id, row of the place, true instant; and how many places there are."""

    event_id: NDArray[np.uint64]
    place: Rows
    true_ms: NDArray[np.int64]
    places: int


def arrivals(passed: Passed, dirt: Dirt, moment: Moment) -> tuple[NDArray[np.int64], Marks]:
    """Say when each passage enters the bus: at once, or when its gate is on line again.

    A gate off line keeps what it sees for some hours and delivers it in a burst.
    """
    place, true_ms = passed.place, passed.true_ms
    network = -np.log1p(-moment.uniform("network", passed.event_id))  # exponential, mean 1
    arrival_ms = true_ms + _FASTEST_MS + (network * _NETWORK_MS).astype(np.int64)
    if dirt.offline == 0:
        return arrival_ms, np.zeros(len(place), dtype=np.uint16)
    chance, places = moment.all_day("offline"), passed.places
    is_off = chance.random(places) < dirt.offline
    since = moment.begin_ms + (chance.uniform(6.0, 21.0, places) * HOUR_MS).astype(np.int64)
    until = since + (chance.gamma(2.0, dirt.offline_hours / 2, places) * HOUR_MS).astype(np.int64)
    held = is_off[place] & (true_ms >= since[place]) & (true_ms < until[place])
    burst = (moment.uniform("burst", passed.event_id) * _BURST_MS).astype(np.int64)
    return np.where(held, until[place] + burst, arrival_ms), marked(held, Done.OFFLINE)


def some_twice(found: Sent, dirt: Dirt, moment: Moment) -> Sent:
    """Send some again, byte for byte, seconds to minutes later."""
    drawn = moment.drawn("duplicates", dirt.duplicates, found.check_ins.event_id)
    if not drawn.any():
        return found
    again = found.take(np.flatnonzero(drawn))
    wait = moment.uniform("duplicate-waits", again.check_ins.event_id)
    wait_ms = (_SOONEST_MS + wait * _AGAIN_WITHIN_MS).astype(np.int64)
    later = replace(again.check_ins, arrival_ms=again.check_ins.arrival_ms + wait_ms)
    return joined([found, Sent(later, again.done | np.uint16(Done.DUPLICATE), again.passage)])
