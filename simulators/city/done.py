"""What enters the bus and what never does, with the record of what was done to each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from simulators.chance import generator, key_of
from simulators.check_ins import CheckIns
from simulators.numbers import uniform
from simulators.sorting import order_of


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
    ODD = 4096


Marks = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Sent:
    """What enters the bus: check-ins, what was done to each, and the passage behind each.

    `done` holds bits of `Done`; `passage` is the row among the true passages of its stretch.
    """

    check_ins: CheckIns
    done: Marks
    passage: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | slice) -> Sent:
        """Give some rows, in the order asked for."""
        return Sent(self.check_ins.take(rows), self.done[rows], self.passage[rows])


@dataclass(frozen=True, slots=True)
class Lost:
    """Passages that nothing was sent of: their rows, and why."""

    passage: NDArray[np.int64]
    done: Marks


@dataclass(frozen=True, slots=True)
class Moment:
    """Which stretch of which day of which run, and when the day begins (milliseconds, UTC)."""

    day: int
    begin_ms: int
    seed: int
    stretch: int = 0

    def all_day(self, what: str) -> np.random.Generator:
        """Give the generator of a source of dirt that is drawn once a day."""
        return generator(self.seed, f"dirt/{what}/{self.day}")

    def uniform(self, what: str, event_id: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Draw a number in [0, 1) for each passage: that of its id and of the source of chance.

        What befalls a passage does not depend on which others there are.
        """
        return uniform(event_id, key_of(self.seed, f"dirt/{what}"))

    def drawn(self, what: str, share: float, event_id: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Draw which passages are hit; nothing is drawn for a share of nothing."""
        if share == 0:
            return np.zeros(len(event_id), dtype=np.bool_)
        return np.asarray(self.uniform(what, event_id) < share)


def marked(rows: NDArray[np.bool_], kind: Done) -> Marks:
    """Give the bit of a kind where it was done, 0 elsewhere."""
    return rows.astype(np.uint16) * np.uint16(kind)


def sorted_by_arrival(found: Sent) -> Sent:
    """Sort by arrival; what arrives in the same millisecond keeps its order."""
    return found.take(order_of(found.check_ins.arrival_ms))


def joined(parts: list[Sent]) -> Sent:
    """Put sent check-ins behind one another."""
    names = [field.name for field in fields(CheckIns)]
    columns = (np.concatenate([getattr(part.check_ins, name) for part in parts]) for name in names)
    return Sent(
        CheckIns(*columns),
        np.concatenate([part.done for part in parts]),
        np.concatenate([part.passage for part in parts]),
    )
