"""A day in stretches of ten minutes: what its gates make of true passages.

Each stretch is worked out from its passages alone, so a large city need not be held in memory
as check-ins for a whole day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators.city import dirt, events
from simulators.city.crowd import Crowd
from simulators.city.devices import Devices
from simulators.city.done import Done, Lost, Moment, Sent, marked
from simulators.city.events import Settled
from simulators.city.passages import Passages
from simulators.city.town import Rows

STRETCH_MS = 10 * 60_000
STRETCHES = 144


@dataclass(frozen=True, slots=True)
class Part:
    """The true passages of one stretch."""

    moment: Moment
    passages: Passages


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the gates make of a stretch: what was true, doubles included; what is sent; lost."""

    moment: Moment
    true: Passages
    sent: Sent
    lost: Lost


@dataclass(frozen=True, eq=False)
class Gates:
    """The gates of a city: devices, the crowd before them, and what events do to them."""

    devices: Devices
    crowd: Crowd
    settled: list[Settled]
    grid: Rows
    seed: int

    def part(self, passages: Passages, day: int, begin_ms: int, number: int) -> Part:
        """Cut a stretch out of a day."""
        # Of the column's own type: of another, all of the column would be converted.
        cuts = np.array([number * STRETCH_MS, (number + 1) * STRETCH_MS], passages.at.dtype)
        first, last = np.searchsorted(passages.at, cuts).tolist()
        moment = Moment(day, begin_ms, self.seed, number)
        return Part(moment, passages.take(slice(first, last)))

    def stretch(self, part: Part) -> Stretch:
        """Work a stretch out."""
        seen = self.crowd.seen(part.passages)
        true, day = seen.passages, part.moment.day
        silenced = events.silenced(self.grid, self.settled, day, true.place, true.at)
        sent, lost = dirt.sent(seen, self.devices, part.moment, marked(silenced, Done.SILENT))
        return Stretch(part.moment, true, sent, lost)
