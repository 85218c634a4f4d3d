"""How many real passers-by a simulated person stands for: what makes a city as busy as asked.

A person's doubles go where the person goes, some minutes later, under names of their own. They
are seen at gates like everybody; the disease does not know them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulators.city.dirt import Seen
from simulators.city.ground import Ground
from simulators.city.passages import NUMBER_BITS, Passages
from simulators.numbers import uniform

LATEST_MS = 15 * 60_000
_SHARE_KEY, _DELAY_KEY = 21, 22


@dataclass(frozen=True, eq=False)
class Crowd:
    """`stands_for` passers-by a person, at least 0; 1 is the person alone.

    With a fraction, that share of people has one double more; below 1, that share of people is
    seen at all.
    """

    household: NDArray[np.int32]
    stands_for: float = 1.0

    @classmethod
    def of(cls, ground: Ground, stands_for: float) -> Crowd:
        """Make the crowd of a city's people."""
        return cls(ground.people.household, stands_for)

    def seen(self, passages: Passages) -> Seen:
        """Give the passages that gates see."""
        if self.stands_for == 1.0:
            person = passages.person.astype(np.int64)
            household = self.household[passages.person].astype(np.int64)
            return Seen(passages, passages.number, person, household)
        copies = self._copies(passages.person)
        row = np.repeat(np.arange(len(passages)), copies)
        double = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
        found = passages.take(row)
        person = found.person + double * len(self.household)
        later = self._delay_ms(person, double)
        found = replace(found, at=(found.at + later).astype(np.int32))
        number = found.number + (double << NUMBER_BITS)
        return Seen(found, number, person, self._household(person))

    def _copies(self, person: NDArray[np.int32]) -> NDArray[np.int64]:
        whole = int(self.stands_for)
        draw = uniform(person.astype(np.uint64), _SHARE_KEY)
        return np.asarray(whole + (draw < self.stands_for - whole), dtype=np.int64)

    def _delay_ms(self, person: NDArray[np.int64], double: NDArray[np.int64]) -> NDArray[np.int64]:
        drawn = (uniform(person.astype(np.uint64), _DELAY_KEY) * LATEST_MS).astype(np.int64)
        return np.where(double == 0, 0, drawn)

    def _household(self, person: NDArray[np.int64]) -> NDArray[np.int64]:
        double, one = np.divmod(person, len(self.household))
        return np.asarray(self.household[one] + double * (int(self.household[-1]) + 1))
