"""The way from a gate to the bus: the network, gates off line, records that are sent twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas.times import HOUR_MS
from simulators.city.done import Done, Marks, Moment, Sent, joined, marked
from simulators.city.town import Rows
from simulators.scenario import Dirt

_FASTEST_MS, _NETWORK_MS = 50, 400
_BURST_MS = 30_000
_AGAIN_MS = (1_000, 900_000)


def arrivals(
    place: Rows, true_ms: NDArray[np.int64], places: int, dirt: Dirt, moment: Moment
) -> tuple[NDArray[np.int64], Marks]:
    """Say when each passage enters the bus: at once, or when its gate is on line again.

    A gate off line keeps what it sees for some hours and delivers it in a burst.
    """
    network = moment.chance("network").standard_exponential(len(place), dtype=np.float32)
    arrival_ms = true_ms + _FASTEST_MS + (network * _NETWORK_MS).astype(np.int64)
    if dirt.offline == 0:
        return arrival_ms, np.zeros(len(place), dtype=np.uint16)
    chance = moment.all_day("offline")
    is_off = chance.random(places) < dirt.offline
    since = moment.begin_ms + (chance.uniform(6.0, 21.0, places) * HOUR_MS).astype(np.int64)
    until = since + (chance.gamma(2.0, dirt.offline_hours / 2, places) * HOUR_MS).astype(np.int64)
    held = is_off[place] & (true_ms >= since[place]) & (true_ms < until[place])
    burst = moment.chance("burst").integers(0, _BURST_MS, len(place))
    return np.where(held, until[place] + burst, arrival_ms), marked(held, Done.OFFLINE)


def some_twice(found: Sent, dirt: Dirt, moment: Moment) -> Sent:
    """Send some again, byte for byte, seconds to minutes later."""
    drawn = moment.drawn("duplicates", dirt.duplicates, len(found.done))
    if not drawn.any():
        return found
    wait_ms = moment.chance("duplicate-waits").integers(*_AGAIN_MS, len(drawn))[drawn]
    again = found.take(np.flatnonzero(drawn))
    later = replace(again.check_ins, arrival_ms=again.check_ins.arrival_ms + wait_ms)
    return joined([found, Sent(later, again.done | np.uint16(Done.DUPLICATE), again.passage)])
