"""How much a simulated city is like real ones: measures that are compared with published facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.city.disease import HOUSEHOLD, Health
from simulators.city.ground import Ground
from simulators.city.outings import Outings

Reals = NDArray[np.float64]


def hour_profile(at_ms: NDArray[np.int64] | NDArray[np.int32]) -> Reals:
    """Give the share of passages in each hour of the day; `at_ms` since a local midnight."""
    hours = np.bincount((at_ms // 3_600_000) % 24, minlength=24)
    return np.asarray(hours / hours.sum())


def variation_distance(one: Reals, other: Reals) -> float:
    """Give the share of passages that would have to move to make two profiles equal, in 0..1."""
    return float(np.abs(one - other).sum() / 2)


def top_share(visits: NDArray[np.int64], part: float) -> float:
    """Give the share of all visits that the busiest `part` of places takes."""
    ordered = np.sort(visits)[::-1]
    return float(ordered[: max(1, int(len(ordered) * part))].sum() / ordered.sum())


def tail_exponent(values: Reals, share: float = 0.1) -> float:
    """Estimate alpha of a power-law tail, p(x) ~ x^-alpha, from the largest `share` of values.

    Notes
    -----
    Hill's estimator (1975): 1 + 1 / mean(ln(x / x_min)) over the tail.
    """
    ordered = np.sort(values[values > 0])[::-1]
    tail = ordered[: max(2, int(len(ordered) * share))]
    return float(1 + 1 / np.mean(np.log(tail / tail[-1]))) if tail[0] > tail[-1] else float("inf")


def jump_lengths_km(ground: Ground, outings: Outings) -> Reals:
    """Give the distance from home of every outing's place."""
    town, home = ground.town, ground.people.home[outings.person]
    place = outings.place
    return np.asarray(
        np.hypot(town.x_km[home] - town.x_km[place], town.y_km[home] - town.y_km[place])
    )


def gyration_km(ground: Ground, days: list[Outings]) -> Reals:
    """Give everybody's radius of gyration over some days; home counts once a day.

    Notes
    -----
    The root of the mean squared distance from the centre of mass (Gonzalez et al. 2008).
    """
    town, people = ground.town, ground.people
    everyone = np.arange(len(people))
    who = np.concatenate([everyone] * len(days) + [day.person for day in days])
    at = np.concatenate([people.home] * len(days) + [day.place for day in days])
    n = np.bincount(who)
    x, y = town.x_km[at], town.y_km[at]
    mean_x, mean_y = (np.bincount(who, weights=column) / n for column in (x, y))
    squares = np.bincount(who, weights=(x - mean_x[who]) ** 2 + (y - mean_y[who]) ** 2) / n
    return np.asarray(np.sqrt(squares))


@dataclass(frozen=True, slots=True)
class DiseaseFacts:
    """What the truth of an epidemic shows: times in days, offspring of those infected early."""

    infections: int
    generation_time: float
    serial_interval: float
    reproduction: float
    dispersion: float
    household_attack: float


def disease_facts(ground: Ground, health: Health, until_day: float) -> DiseaseFacts:
    """Measure an epidemic; offspring are counted of those infected before `until_day`.

    `household_attack` is the share of household members of the first infected who are infected
    within the household in the 14 days after, over households with a first case by then.
    """
    infected = np.flatnonzero(np.isfinite(health.infected))
    caught = infected[health.infector[infected] >= 0]
    source = health.infector[caught]
    offspring = np.bincount(source, minlength=len(ground.people))
    early = infected[health.infected[infected] < until_day]
    mean, variance = offspring[early].mean(), offspring[early].var()
    return DiseaseFacts(
        infections=len(infected),
        generation_time=float((health.infected[caught] - health.infected[source]).mean()),
        serial_interval=float((health.onset[caught] - health.onset[source]).mean()),
        reproduction=float(mean),
        dispersion=float(mean**2 / (variance - mean)) if variance > mean else float("inf"),
        household_attack=_household_attack(ground, health, until_day),
    )


def _household_attack(ground: Ground, health: Health, until_day: float) -> float:
    household = ground.people.household
    houses = int(household[-1]) + 1
    first_at = np.full(houses, np.inf)
    np.minimum.at(first_at, household, health.infected)
    struck = first_at[household] < until_day
    is_first = health.infected == first_at[household]
    others = struck & ~is_first
    soon = health.infected <= first_at[household] + 14
    hit = others & soon & (health.way == HOUSEHOLD) & np.isfinite(health.infected)
    return float(hit.sum() / max(1, others.sum()))
