"""The made-up Wuhan beside real and published facts, within the distances the page states."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cities.pack import load
from simulators.pictures import lived, new_york_profile
from simulators.realism import (
    disease_facts,
    gyration_km,
    hour_profile,
    jump_lengths_km,
    tail_exponent,
    top_share,
    variation_distance,
)
from simulators.scenario import Epidemic, Scenario
from tests.simulators.towns import simulation


@pytest.fixture(scope="module")
def wuhan():
    gazetteer = load("wuhan").gazetteer
    made, week = lived(gazetteer, "quiet-week", 8_000)
    return gazetteer, made.ground, week


def test_hours_of_the_day_are_near_those_of_new_york(wuhan):
    _, _, week = wuhan
    for day in (week[1], week[6]):
        assert variation_distance(hour_profile(day.passages.at), new_york_profile()) < 0.12


def test_nights_are_calm_and_not_silent(wuhan):
    # New York's taxis have 8 to 29 % of the mean between one and six o'clock.
    _, _, week = wuhan
    for day in week[1:]:
        night = 24 * hour_profile(day.passages.at)[1:6]
        assert 0.08 < night.min() < night.max() < 0.6
        assert 0.1 < night.mean() < 0.35


def test_weekends_are_quieter(wuhan):
    numbers = [len(day.passages) for day in wuhan[2]]
    assert max(numbers[5:]) < 0.85 * min(numbers[:5])


def test_few_places_take_most_visits(wuhan):
    gazetteer, _, week = wuhan
    visited = np.concatenate([day.outings.place for day in week])
    visits = np.bincount(visited, minlength=len(gazetteer.place_id))
    assert top_share(visits, 0.1) > 0.45
    assert 1.5 < tail_exponent(visits.astype(float)) < 3.5


def test_people_and_outings_reach_as_far_as_in_published_studies(wuhan):
    # Median radius of gyration of mobile phone users in cities: some kilometres.
    _, ground, week = wuhan
    days = [day.outings for day in week]
    assert 1.0 < np.median(gyration_km(ground, days)) < 5.0
    jumps = np.concatenate([jump_lengths_km(ground, day) for day in days])
    assert 1.0 < np.median(jumps) < 4.0
    assert 1.75 < tail_exponent(jumps) < 3.5


def test_dispersion_and_times_of_an_epidemic_are_those_asked_for():
    disease = Epidemic(seeds=60, dispersion=0.5, per_hour=0.03)
    made = simulation(Scenario(name="wave", days=26, epidemic=disease), people=20_000)
    list(made.days())
    facts = disease_facts(made.ground, made.health, until_day=14)
    assert facts.infections > 500
    # Households and places full of immune people make offspring somewhat more even or uneven.
    assert 0.25 < facts.dispersion < 1.0
    assert 3.5 < facts.generation_time < 7.0
    assert 3.5 < facts.serial_interval < 7.5


@given(st.lists(st.integers(0, 10**6), min_size=24, max_size=24).filter(any))
def test_a_profile_is_nothing_from_itself_and_at_most_all_from_another(numbers):
    profile = np.array(numbers) / sum(numbers)
    other = np.roll(profile, 1)
    assert variation_distance(profile, profile) == 0
    assert 0 <= variation_distance(profile, other) <= 1 + 1e-12


def test_the_tail_of_a_power_law_gives_its_exponent():
    draws = (1 - np.random.default_rng(0).random(200_000)) ** (-1 / 1.2)  # alpha 2.2
    assert tail_exponent(draws) == pytest.approx(2.2, abs=0.05)
