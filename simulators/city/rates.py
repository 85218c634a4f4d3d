"""How busy a city is by itself, and how many each person must stand for to make it busier."""

from __future__ import annotations

import numpy as np

from schemas.times import DAY_MS
from simulators.chance import generator
from simulators.city.ground import Ground
from simulators.city.outings import Day, outings_of
from simulators.city.passages import passages_of
from simulators.errors import SettingError
from simulators.scenario import Phase

HIGHEST = 1_000_000.0
MOST = 2_000
_ASKED = 50_000
_TUESDAY = 1


def rate_of_people(ground: Ground) -> float:
    """Give the check-ins a second that a city's people make, the mean over a working day.

    It is counted on a sample of people spread all over the city.
    """
    n = len(ground.people)
    who = np.arange(0, n, max(1, n // _ASKED), dtype=np.int32)
    chance = generator(ground.seed, "rate")
    day = Day(0, _TUESDAY, Phase(from_day=0))
    outings = outings_of(ground, day, who, chance)
    passages = passages_of(ground, outings, np.zeros(n, dtype=np.bool_), chance)
    return len(passages) / len(who) * n / (DAY_MS / 1000)


def stands_for(ground: Ground, rate: float | None) -> float:
    """Say for how many each person must stand, for a city with this rate; 1 where none is asked.

    Raises
    ------
    SettingError
        The rate is not one of check-ins a second.
    """
    if rate is None:
        return 1.0
    if not 0 < rate <= HIGHEST:
        raise SettingError(f"--rate {rate:g}: expected check-ins a second in 0..{HIGHEST:,.0f}")
    many = rate / rate_of_people(ground)
    if many > MOST:
        raise SettingError(
            f"--rate {rate:g}: each of {len(ground.people):,} people would stand for {many:,.0f}, "
            f"expected at most {MOST:,}: simulate more people"
        )
    return many
