"""The names by which the bus knows people and households: keyed numbers, never who they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulators.city.done import Done, Marks, Moment, marked
from simulators.numbers import scrambled, scrambled_one, uniform
from simulators.scenario import Dirt

_PEOPLE_KEY, _HOUSEHOLD_KEY, _NEW_KEY = 11, 12, 13


def people_named(
    person: NDArray[np.int64], dirt: Dirt, moment: Moment
) -> tuple[NDArray[np.uint64], Marks]:
    """Name people; who once got a new key (a new phone) has it from that day on."""
    numbers = person.astype(np.uint64)
    name = scrambled(numbers, _PEOPLE_KEY)
    if dirt.new_keys * moment.day == 0:
        return name, np.zeros(len(name), dtype=np.uint16)
    # A share of people a day: on day d everybody with a draw below d * share has changed.
    new = uniform(numbers, _NEW_KEY) < dirt.new_keys * moment.day
    return np.where(new, scrambled(numbers, _NEW_KEY + 1), name), marked(new, Done.NEW_KEY)


def households_named(household: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Name households."""
    return scrambled(household.astype(np.uint64), _HOUSEHOLD_KEY)


def pseudonyms(person: int, household: int) -> tuple[str, str]:
    """Give the names by which the bus knows a person and a household, with the first key."""
    return person_named(person), household_named(household)


def person_named(person: int) -> str:
    """Give the name by which the bus knows a person, with the first key."""
    return f"p{scrambled_one(person, _PEOPLE_KEY):016x}"


def household_named(household: int) -> str:
    """Give the name by which the bus knows a household."""
    return f"h{scrambled_one(household, _HOUSEHOLD_KEY):016x}"
