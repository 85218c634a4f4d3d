"""What a day leaves to the next: people who are still out, and what gates see of them.

day 0 |------ out ---------------|-- back      passages of the right part are day 1's
day 1 |                          |   ^ nobody leaves home before this
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas.times import DAY_MS
from simulators.city.outings import BREATH_MS, Outings
from simulators.city.passages import OF_THE_DAY_BEFORE, Passages, in_order_of_time, joined


@dataclass(eq=False)
class Midnight:
    """The state between two days; it is asked once a day for each of the two.

    Attributes
    ----------
    back : (people,) int32
        When those who were out at the last midnight come home, in milliseconds since then; 0 for
        those who were at home.
    later : Passages or None
        What gates see after the last midnight of outings of the days before.
    """

    back: NDArray[np.int32]
    later: Passages | None = None

    @classmethod
    def of(cls, number: int) -> Midnight:
        """Begin with everybody at home."""
        return cls(np.zeros(number, dtype=np.int32))

    def at_home_first(self, found: Outings) -> NDArray[np.bool_]:
        """Say which of a day's outings happen: their person is back from the day before."""
        back = self.back[found.person]
        happens = (back == 0) | (found.leave > back + BREATH_MS)
        self.back = np.maximum(self.back - DAY_MS, 0).astype(np.int32)
        late = found.take(happens & (found.back > DAY_MS))
        np.maximum.at(self.back, late.person, (late.back - DAY_MS).astype(np.int32))
        return np.asarray(happens)

    def passed(self, parts: list[Passages]) -> Passages:
        """Give what gates see from midnight to midnight, of a day's passages and of those left."""
        found = in_order_of_time(joined(parts if self.later is None else [self.later, *parts]))
        first = int(np.searchsorted(found.at, DAY_MS))
        later = found.take(slice(first, None))
        at = (later.at - DAY_MS).astype(np.int32)
        self.later = replace(later, at=at, number=later.number | OF_THE_DAY_BEFORE)
        return found.take(slice(0, first))
