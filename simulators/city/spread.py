"""One day of an epidemic: seeds, arrivals from elsewhere, households, and people met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.times import DAY_MS
from simulators.chance import generator
from simulators.city.contacts import Contacts, at_home, met
from simulators.city.disease import (
    HOUSEHOLD,
    IMPORTED,
    MET,
    SEED,
    Exposed,
    Health,
    highest_weight,
    infect,
)
from simulators.city.outings import Outings
from simulators.city.people import People
from simulators.city.town import Reals, Rows
from simulators.scenario import Epidemic


@dataclass(frozen=True, slots=True)
class Spread:
    """What a day of the epidemic brought: the newly infected and the contacts it ran through."""

    infected: Rows
    home: Contacts
    met: Contacts


@dataclass(frozen=True, slots=True)
class Today:
    """Which day it is, of which run, whom events bring the disease to, and who returns with it."""

    day: int
    seed: int
    forced: Exposed
    returned: Exposed


def spread(
    people: People, health: Health, outings: Outings, disease: Epidemic, today: Today
) -> Spread:
    """Let the disease spread for a day, through `health`, which it changes."""
    chance = generator(today.seed, f"epidemic/{today.day}")
    new = [_arrivals(health, disease, today)]
    weight = health.weights(today.day, disease) * health.infectiousness
    weight *= 1 + disease.season_amplitude * np.cos(2 * np.pi * today.day / 365)
    home = at_home(people, np.flatnonzero(weight > 0).astype(np.int32))
    risk = 1 - (1 - disease.household_attack) ** weight[home.source]
    new.append(_caught(health, (home, risk, HOUSEHOLD), disease, today.day, chance))
    elsewhere = met(outings, weight > 0, generator(today.seed, f"contacts/{today.day}"))
    # At the height of a mean person's infectiousness an hour has the scenario's risk.
    doses = elsewhere.minutes / 60 * weight[elsewhere.source] / highest_weight(disease)
    risk = 1 - (1 - disease.per_hour) ** doses
    new.append(_caught(health, (elsewhere, risk, MET), disease, today.day, chance))
    return Spread(np.concatenate(new), home, elsewhere)


def _arrivals(health: Health, disease: Epidemic, today: Today) -> Rows:
    chance = generator(today.seed, f"imported/{today.day}")
    n = len(health.infected)
    drawn = chance.integers(0, n, int(chance.poisson(disease.imported_daily)))
    # Somebody who comes back infected was infected some days before.
    at = today.day - chance.uniform(0.0, 3.0, len(drawn))
    new = infect(health, Exposed.elsewhere(drawn.astype(np.int32), at), IMPORTED, disease, chance)
    injected = generator(today.seed, f"injected/{today.day}")
    for way, rows in ((IMPORTED, today.forced.infector < 0), (MET, today.forced.infector >= 0)):
        more = infect(health, today.forced.take(rows), way, disease, injected)
        new = np.concatenate([new, more])
    returned = generator(today.seed, f"returned/{today.day}")
    new = np.concatenate([new, infect(health, today.returned, IMPORTED, disease, returned)])
    if today.day > 0 or not disease.seeds:
        return new
    first = generator(today.seed, "epidemic/seeds")
    who = first.choice(n, min(disease.seeds, n), replace=False).astype(np.int32)
    began = Exposed.elsewhere(who, -first.uniform(0.0, 5.0, len(who)))
    return np.concatenate([new, infect(health, began, SEED, disease, first)])


def _caught(
    health: Health,
    risky: tuple[Contacts, Reals, int],
    disease: Epidemic,
    day: int,
    chance: np.random.Generator,
) -> Rows:
    contacts, risk, way = risky
    hit: NDArray[np.bool_] = chance.random(len(contacts)) < risk
    # Whoever was met by two of the infectious is said to have it from either, by chance.
    order = chance.permutation(int(hit.sum()))
    at = day + contacts.at_ms[hit] / DAY_MS
    exposed = Exposed(contacts.person[hit][order], contacts.source[hit][order], at[order])
    return infect(health, exposed, way, disease, chance)
