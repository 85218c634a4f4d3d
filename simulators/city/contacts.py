"""Contacts of the infectious: at home with their household, elsewhere with whom they met.

True contacts are worked out for people who are infectious; those of all others decide nothing.
A person meets at most a dozen of those present at a place, drawn among all whose stay overlaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.times import MINUTE_MS
from simulators.city.outings import DRIVE, Outings
from simulators.city.people import People
from simulators.city.town import Reals, Rows
from simulators.sorting import order_of

MET_AT_MOST = 12
_LOOKED_AT = 64
AT_HOME_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Contacts:
    """Columns of contacts of one day: who was infectious, whom they met, where, how long."""

    source: Rows
    person: Rows
    place: Rows
    minutes: NDArray[np.int32]
    at_ms: NDArray[np.int32]

    def __len__(self) -> int:
        """Count the contacts."""
        return len(self.source)


def at_home(people: People, source: Rows) -> Contacts:
    """Give the household members of some people; who lives alone has none."""
    first = np.searchsorted(people.household, people.household[source], side="left")
    last = np.searchsorted(people.household, people.household[source], side="right")
    size = last - first
    member = np.repeat(first, size) + _counting(size)
    who = np.repeat(source, size)
    other = member != who
    n = int(other.sum())
    return Contacts(
        who[other].astype(np.int32),
        member[other].astype(np.int32),
        people.home[who[other]],
        np.full(n, AT_HOME_MINUTES, dtype=np.int32),
        np.zeros(n, dtype=np.int32),
    )


def met(outings: Outings, source: NDArray[np.bool_], chance: np.random.Generator) -> Contacts:
    """Give whom infectious people met at the places they went to; drivers are by themselves.

    Parameters
    ----------
    outings : Outings
        Of everybody, on one day.
    source : (people,) bool
        Who is infectious.
    """
    inside = outings.take(~outings.denied & (outings.kind != DRIVE))
    inside = inside.take(order_of(inside.place))
    own = np.flatnonzero(source[inside.person])
    first = np.searchsorted(inside.place, inside.place[own], side="left")
    size = np.searchsorted(inside.place, inside.place[own], side="right") - first
    looked = np.where(size <= _LOOKED_AT, size, _LOOKED_AT)
    row = np.repeat(own, looked)
    draw = (chance.random(len(row)) * np.repeat(size, looked)).astype(np.int64)
    step = np.where(np.repeat(size <= _LOOKED_AT, looked), _counting(looked), draw)
    other = np.repeat(first, looked) + step
    start = np.maximum(inside.arrive[row], inside.arrive[other])
    minutes = (np.minimum(inside.depart[row], inside.depart[other]) - start) // MINUTE_MS
    good = (minutes > 0) & (inside.person[other] != inside.person[row])
    row, other, minutes, start = row[good], other[good], minutes[good], start[good]
    keep = _at_most(row, chance.random(len(row)), MET_AT_MOST)
    row, other = row[keep], other[keep]
    return Contacts(
        inside.person[row],
        inside.person[other],
        inside.place[row],
        minutes[keep].astype(np.int32),
        start[keep].astype(np.int32),
    )


def _counting(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count 0, 1, 2 ... anew for each size."""
    ends = np.cumsum(sizes)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - sizes, sizes)


def _at_most(group: NDArray[np.int64], draw: Reals, most: int) -> NDArray[np.int64]:
    """Keep at most so many rows of each group, drawn evenly."""
    order = np.lexsort((draw, group))
    _, sizes = np.unique(group[order], return_counts=True)
    return np.sort(order[_counting(sizes) < most])
