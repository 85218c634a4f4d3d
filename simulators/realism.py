"""How much a simulated city is like real ones: measures that are compared with published facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.city.disease import HOUSEHOLD, Health, middle_of_infectiousness
from simulators.city.ground import Ground
from simulators.city.outings import Outings
from simulators.facts import JUMP_CUTOFF_KM, JUMP_OFFSET_KM

Reals = NDArray[np.float64]
_SHORTEST_KM = 0.5


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


def tail_beyond_exponential(values: Reals, share: float = 0.1) -> float:
    """Say by how many standard errors a power law fits the tail better than an exponential.

    Notes
    -----
    The normalized log-likelihood ratio of Vuong (1989), as Clauset, Shalizi & Newman (2009, SIAM
    Review 51:661) use it: above 2 the tail is heavier than exponential beyond chance.
    """
    ordered = np.sort(values[values > 0])[::-1]
    tail = ordered[: max(2, int(len(ordered) * share))]
    least, alpha, mean = tail[-1], tail_exponent(values, share), (tail - tail[-1]).mean()
    power = np.log((alpha - 1) / least) - alpha * np.log(tail / least)
    exponential = -np.log(mean) - (tail - least) / mean
    ratio = power - exponential
    return float(ratio.sum() / (np.sqrt(len(tail)) * ratio.std()))


def distance_from_jump_law(far_km: Reals, exponent: float, longest_km: float) -> float:
    """Give how far distances are from the published law, both between 0.5 km and the longest.

    Returns
    -------
    float
        The largest difference of the cumulative shares (Kolmogorov & Smirnov), in 0..1.

    Notes
    -----
    `p(d) ~ (d + 1.5 km)^-exponent exp(-d / 400 km)`: see `facts`.
    """
    at = np.geomspace(_SHORTEST_KM, longest_km, 4_000)
    density = (at + JUMP_OFFSET_KM) ** -exponent * np.exp(-at / JUMP_CUTOFF_KM)
    steps = (density[1:] + density[:-1]) / 2 * np.diff(at)
    law = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    seen = np.sort(far_km[(far_km >= _SHORTEST_KM) & (far_km <= longest_km)])
    return float(np.abs(np.arange(1, len(seen) + 1) / len(seen) - np.interp(seen, at, law)).max())


def jump_exponent(far_km: Reals, longest_km: float) -> float:
    """Give the exponent with which the published law is nearest, to 0.05."""
    tried = np.arange(1.0, 3.0, 0.05)
    return float(min(tried, key=lambda e: distance_from_jump_law(far_km, float(e), longest_km)))


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
    """What the truth of an epidemic shows: times in days, offspring of those infected early.

    `generation_time` is that of all pairs, which growth shortens; `forward_generation_time`
    that of the pairs whose infector was infected early, `expected_generation_time` what those
    infectors' incubation and the profile of infectiousness make it.
    """

    infections: int
    generation_time: float
    forward_generation_time: float
    expected_generation_time: float
    serial_interval: float
    reproduction: float
    dispersion: float
    household_attack: float


def disease_facts(ground: Ground, health: Health, until_day: float) -> DiseaseFacts:
    """Measure an epidemic; offspring are counted of those infected from day 0 to `until_day`.

    `household_attack` is the share of household members of the first infected who are infected
    within the household in the 14 days after, over households with a first case by then.
    """
    infected = np.flatnonzero(np.isfinite(health.infected))
    caught = infected[health.infector[infected] >= 0]
    source = health.infector[caught]
    offspring = np.bincount(source, minlength=len(ground.people))
    at = health.infected[infected]
    early = infected[(at >= 0) & (at < until_day)]
    mean, variance = offspring[early].mean(), offspring[early].var()
    took = health.infected[caught] - health.infected[source]
    incubation = health.onset[early] - health.infected[early]
    height = middle_of_infectiousness(ground.scenario.epidemic)
    return DiseaseFacts(
        infections=len(infected),
        generation_time=float(took.mean()),
        forward_generation_time=float(took[np.isin(source, early)].mean()),
        expected_generation_time=float(incubation.mean() + height),
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
