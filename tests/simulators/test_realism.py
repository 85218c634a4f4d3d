"""The made-up Wuhan beside real and published facts, within the distances the page states."""

import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cities.pack import load
from simulators.facts import (
    HOUSEHOLD_ATTACK,
    JUMP_EXPONENT,
    JUMP_EXPONENT_SE,
    NEW_YORK_HOURS,
    NEW_YORK_WEEKDAYS,
    SERIAL_INTERVAL_DAYS,
    hours_and_weekdays,
)
from simulators.pictures import lived
from simulators.realism import (
    disease_facts,
    distance_from_jump_law,
    gyration_km,
    hour_profile,
    jump_exponent,
    jump_lengths_km,
    tail_beyond_exponential,
    tail_exponent,
    top_share,
    variation_distance,
)
from simulators.scenario import Epidemic, Scenario
from tests.simulators.towns import simulation

TRIPS = os.environ.get("HEXLINE_NYC_TRIPS")


@pytest.fixture(scope="module")
def wuhan():
    gazetteer = load("wuhan").gazetteer
    made, week = lived(gazetteer, "quiet-week", 8_000)
    return gazetteer, made.ground, week


@pytest.mark.parametrize(
    ("days", "kind", "most"),
    [((0, 1, 2, 3, 4), "weekday", 0.10), ((5,), "saturday", 0.13), ((6,), "sunday", 0.13)],
)
def test_hours_of_the_day_are_near_those_of_new_york(wuhan, days, kind: str, most: float):
    # Measured: 0.09, 0.115, 0.113 of passages would have to move to another hour.
    for day in days:
        simulated = hour_profile(wuhan[2][day].passages.at)
        real = np.array(NEW_YORK_HOURS[kind])
        assert variation_distance(simulated, real / real.sum()) < most


def test_days_of_the_week_are_near_those_of_new_york(wuhan):
    # Measured: 0.025; the simulated Sunday is as quiet as the Saturday, New York's quieter still.
    numbers = np.array([len(day.passages) for day in wuhan[2]])
    real = np.array(NEW_YORK_WEEKDAYS)
    assert variation_distance(numbers / numbers.sum(), real / real.sum()) < 0.04


@pytest.mark.skipif(TRIPS is None, reason="HEXLINE_NYC_TRIPS names no file of March 2020's trips")
def test_new_yorks_hours_and_weekdays_are_those_of_the_published_trips():
    hours, weekdays = hours_and_weekdays(Path(TRIPS))
    for kind, shares in NEW_YORK_HOURS.items():
        assert np.abs(hours[kind] - shares).max() < 6e-5
    assert np.abs(weekdays - NEW_YORK_WEEKDAYS).max() < 6e-5


def test_nights_are_calm_and_not_silent(wuhan):
    # New York's taxis have 8 to 29 % of the mean between one and six o'clock.
    _, _, week = wuhan
    for day in week[1:]:
        night = 24 * hour_profile(day.passages.at)[1:6]
        assert 0.08 < night.min() < night.max() < 0.6
        assert 0.1 < night.mean() < 0.35


def test_few_places_take_most_visits(wuhan):
    gazetteer, _, week = wuhan
    visited = np.concatenate([day.outings.place for day in week])
    visits = np.bincount(visited, minlength=len(gazetteer.place_id))
    assert top_share(visits, 0.1) > 0.45
    # Power laws of many kinds of counts have exponents of 2 to 3 (Clauset et al. 2009).
    assert 2.0 < tail_exponent(visits.astype(float)) < 3.2
    assert tail_beyond_exponential(visits.astype(float)) > 2


def test_outings_reach_as_far_as_telephone_users_do(wuhan):
    # Measured: 0.043 from the law as published, nearest with an exponent of 1.85.
    _, ground, week = wuhan
    jumps = np.concatenate([jump_lengths_km(ground, day.outings) for day in week])
    assert distance_from_jump_law(jumps, JUMP_EXPONENT, longest_km=40) < 0.06
    assert abs(jump_exponent(jumps, longest_km=40) - JUMP_EXPONENT) <= JUMP_EXPONENT_SE
    random = np.random.default_rng(1).uniform(0.5, 40, len(jumps))
    assert distance_from_jump_law(random, JUMP_EXPONENT, longest_km=40) > 0.3


def test_people_reach_some_kilometres(wuhan):
    # Most telephone users' radius is 1-10 km in months, and grows with the logarithm of time.
    _, ground, week = wuhan
    radius = gyration_km(ground, [day.outings for day in week])
    assert 1.0 < np.median(radius) < 5.0
    assert 0.5 < np.mean((radius > 1.0) & (radius < 10.0)) < 0.8


def test_an_epidemic_has_the_dispersion_and_times_that_it_was_asked_for():
    disease = Epidemic(seeds=200, dispersion=0.5, per_hour=0.02)
    found = []
    for seed in (1, 2, 3):
        scenario = Scenario(name="wave", days=22, epidemic=disease)
        made = simulation(scenario, seed=seed, people=20_000)
        list(made.days())
        found.append(disease_facts(made.ground, made.health, until_day=6))
    facts = {name: np.mean([getattr(f, name) for f in found]) for name in asdict(found[0])}
    assert facts["infections"] > 3_000
    # Some 1,500 offspring counts give k to a sixth; places full of people even it out a little.
    assert abs(facts["dispersion"] / 0.5 - 1) < 0.3
    # Whoever is reported stays at home from then on: the late part of a generation is missing.
    off = facts["forward_generation_time"] - facts["expected_generation_time"]
    assert -0.6 < off < 0.1
    assert SERIAL_INTERVAL_DAYS[0] < facts["serial_interval"] < SERIAL_INTERVAL_DAYS[1]


def test_the_usual_household_attack_rate_is_within_the_published_interval():
    # E[1 - (1 - a)^x] over gamma distributed infectiousness x; `test_city_disease` finds it again.
    usual = Epidemic()
    expected = 1 - (1 - np.log(1 - usual.household_attack) / usual.dispersion) ** -usual.dispersion
    assert HOUSEHOLD_ATTACK[0] < expected < HOUSEHOLD_ATTACK[1]


@given(st.lists(st.integers(0, 10**6), min_size=24, max_size=24).filter(any))
def test_a_profile_is_nothing_from_itself_and_at_most_all_from_another(numbers):
    profile = np.array(numbers) / sum(numbers)
    other = np.roll(profile, 1)
    assert variation_distance(profile, profile) == 0
    assert 0 <= variation_distance(profile, other) <= 1 + 1e-12


def test_the_tail_of_a_power_law_gives_its_exponent():
    draws = (1 - np.random.default_rng(0).random(200_000)) ** (-1 / 1.2)  # alpha 2.2
    assert tail_exponent(draws) == pytest.approx(2.2, abs=0.05)


def test_a_tail_that_is_exponential_is_told_from_a_power_law():
    chance = np.random.default_rng(3)
    assert tail_beyond_exponential(chance.exponential(5.0, 20_000)) < 0
    assert tail_beyond_exponential((1 - chance.random(20_000)) ** (-1 / 1.2)) > 3


@pytest.mark.parametrize("exponent", [1.4, 1.75, 2.2])
def test_distances_drawn_from_the_law_are_near_it_and_give_its_exponent(exponent: float):
    at = np.geomspace(0.5, 40, 20_000)
    density = (at + 1.5) ** -exponent * np.exp(-at / 400) * np.gradient(at)
    ends = np.cumsum(density) / density.sum()
    drawn = np.interp(np.random.default_rng(5).random(50_000), ends, at)
    # five standard deviations of a share, 0.5 / sqrt(n)
    assert distance_from_jump_law(drawn, exponent, 40) < 5 * 0.5 / 50_000**0.5
    assert jump_exponent(drawn, 40) == pytest.approx(exponent, abs=0.06)
