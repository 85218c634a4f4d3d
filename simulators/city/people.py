"""People: households with ages, where they live, work, learn and buy, and whom they visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.chance import generator
from simulators.city.choosing import chosen_places
from simulators.city.shifts import shifts_of
from simulators.city.town import Reals, Rows, Town
from simulators.errors import SettingError
from simulators.scenario import Mobility

FEWEST, MOST = 100, 1 << 24
HOUSEHOLD_SIZES = (0.254, 0.297, 0.210, 0.132, 0.107)
"""Shares of households of 1 to 4 and of 5 people: China's census of 2020 (4.17 and more are 5)."""
NOBODY, VOLUNTEER, DISINFECTOR, KEY_PERSON, GRID_WORKER = range(5)
_ROLE_SHARES = (0.955, 0.015, 0.005, 0.02, 0.005)
_EMPLOYED = 0.72


@dataclass(frozen=True, eq=False)
class People:
    """People as columns, neighbours next to each other: members of a household are consecutive.

    Attributes
    ----------
    household : (n,) int32
        Number of the household, counting up.
    age : (n,) uint8
    home : (n,) int32
        The gate a household usually goes through.
    work : (n,) int32
        Where a person works or learns on working days; -1 for none.
    shift : (n,) uint8
        When a worker works: the row of `shifts.SHIFTS`.
    market, shop, clinic : (n,) int32
        Where a person usually buys and is treated.
    friend : (n,) int32
        The person somebody visits.
    role : (n,) uint8
        NOBODY ... GRID_WORKER.
    restless : (n,) float32
        Multiplies how often somebody goes out; mean 1.
    """

    household: Rows
    age: NDArray[np.uint8]
    home: Rows
    work: Rows
    shift: NDArray[np.uint8]
    market: Rows
    shop: Rows
    clinic: Rows
    friend: Rows
    role: NDArray[np.uint8]
    restless: NDArray[np.float32]

    def __len__(self) -> int:
        """Count the people."""
        return len(self.age)


def people_of(town: Town, number: int, law: Mobility, seed: int) -> People:
    """Make `number` people, over the areas as the residents are.

    Household sizes follow the census; ages follow the place in the household; places of work
    and errands follow the law of distance.

    Raises
    ------
    SettingError
        So many people cannot be numbered.
    """
    if not FEWEST <= number <= MOST:
        raise SettingError(f"--people {number}: expected {FEWEST} or more, {MOST:,} at most")
    household, position = _households(number, seed)
    age = _ages(position, household, seed)
    home = _homes(town, household, number, seed)
    chance = generator(seed, "people/ties")
    draws = {what: chance.random(number) for what in ("work", "school", "market", "shop", "clinic")}

    def near(places: Rows, weight: Reals, what: str) -> Rows:
        return chosen_places(town, home, (places, weight), law, draws[what])

    popular = generator(seed, "people/popular").pareto(1.3, len(town.part)) + 0.2
    work = near(town.works, town.work_weight, "work")
    school = near(town.schools, np.ones(len(town.schools)), "school")
    employed = generator(seed, "people/employed").random(number) < _EMPLOYED
    work = np.where((age >= 18) & (age < 62) & employed, work, -1)
    return People(
        household=household,
        age=age,
        home=home,
        work=np.where((age >= 6) & (age < 18), school, work).astype(np.int32),
        shift=shifts_of(town.part[work], generator(seed, "people/shifts").random(number)),
        market=near(town.markets, popular[town.markets], "market"),
        shop=near(town.shops, popular[town.shops], "shop"),
        clinic=near(town.clinics, np.ones(len(town.clinics)), "clinic"),
        friend=_friends(number, seed),
        role=generator(seed, "people/roles").choice(5, number, p=_ROLE_SHARES).astype(np.uint8),
        restless=generator(seed, "people/restless").gamma(4.0, 0.25, number).astype(np.float32),
    )


def _households(number: int, seed: int) -> tuple[Rows, NDArray[np.int64]]:
    sizes = 1 + generator(seed, "people/households").choice(5, number, p=HOUSEHOLD_SIZES)
    ends = np.cumsum(sizes)
    person = np.arange(number)
    household = np.searchsorted(ends, person, side="right")
    return household.astype(np.int32), person - (ends - sizes)[household]


def _ages(position: NDArray[np.int64], household: Rows, seed: int) -> NDArray[np.uint8]:
    """Draw ages: a head, a partner, then children and their grandparents."""
    chance = generator(seed, "people/ages")
    head = np.clip(chance.normal(47, 16, int(household[-1]) + 1), 20, 90)[household]
    partner = np.clip(head + chance.normal(-2, 4, len(head)), 20, 92)
    child = np.clip(head - chance.normal(28, 5, len(head)), 0, 60)
    elder = np.clip(head + chance.normal(26, 4, len(head)), 45, 98)
    later = np.where(chance.random(len(head)) < 0.72, child, elder)
    return np.select([position == 0, position == 1], [head, partner], later).astype(np.uint8)


def _homes(town: Town, household: Rows, number: int, seed: int) -> Rows:
    """Put each household behind a gate of the area where its first member falls."""
    ends = np.cumsum(town.residents)
    share = (np.arange(number) + 0.5) / number * ends[-1]
    area = np.searchsorted(ends, share, side="right")
    first = np.searchsorted(household, np.arange(int(household[-1]) + 1))
    area = area[first]
    start, stop = town.home_start[area], town.home_start[area + 1]
    draw = generator(seed, "people/homes").random(len(area))
    gate = start + (draw * np.maximum(1, stop - start)).astype(np.int64)
    # An area without a gate is entered through the nearest one in the pack's order.
    at = town.homes[np.minimum(gate, len(town.homes) - 1)]
    return np.asarray(at[household], dtype=np.int32)


def _friends(number: int, seed: int) -> Rows:
    """Draw a friend for each: mostly from the neighbourhood, some from anywhere."""
    chance = generator(seed, "people/friends")
    step = (chance.pareto(0.7, number) * 15 + 4).clip(4, 2 * number)
    sign = np.where(chance.random(number) < 0.5, -1.0, 1.0)
    return np.asarray((np.arange(number) + sign * step) % number, dtype=np.int32)
