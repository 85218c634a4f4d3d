"""The disease: what goes into a scenario can be found again in the truth."""

import numpy as np
import pytest

from simulators.chance import generator
from simulators.city.contacts import MET_AT_MOST, at_home, met
from simulators.city.disease import (
    HOUSEHOLD,
    NOBODY,
    Exposed,
    Health,
    daily_weights,
    infect,
)
from simulators.city.ground import Ground
from simulators.city.spread import Today, spread
from simulators.scenario import Epidemic, Scenario
from tests.simulators.towns import CITY, days, simulation

WAVE = Scenario(name="wave", days=25, epidemic=Epidemic(seeds=30, per_hour=0.05))


@pytest.mark.parametrize("length", [3.0, 6.0, 10.0])
def test_infectiousness_over_all_days_sums_to_one(length: float):
    onset = np.array([5.0, 5.7, 6.2], dtype=np.float32)
    disease = Epidemic(infectious_days=length)
    total = sum(daily_weights(onset, day, disease) for day in range(40))
    assert total == pytest.approx(np.ones(3))


def test_the_uninfected_are_never_infectious():
    assert not Health.of(5).weights(3, Epidemic()).any()


def test_nobody_is_infected_twice():
    health = Health.of(10)
    twice = Exposed.elsewhere(np.array([3, 3, 4], dtype=np.int32), np.array([1.0, 2.0, 3.0]))
    first = infect(health, twice, 1, Epidemic(), generator(0, "a"))
    again = infect(health, twice, 1, Epidemic(), generator(0, "b"))
    assert first.tolist() == [3, 4]
    assert again.tolist() == []
    assert health.infected[3] == 1.0


def test_household_attack_rate_and_dispersion_come_back():
    # One infected a household, nobody met elsewhere: members are infected with the chance
    # E[1 - (1 - a)^x], x gamma with mean 1 and shape k, which is 1 - (1 - ln(1 - a)/k)^-k.
    disease = Epidemic(seeds=0, household_attack=0.3, dispersion=2.0, per_hour=0.0)
    ground = Ground.of(CITY, Scenario(name="x", days=1), 30_000, 1)
    health, people = Health.of(len(ground.people)), ground.people
    first = np.unique(people.household, return_index=True)[1].astype(np.int32)
    sources = Exposed.elsewhere(first, np.zeros(len(first)))
    infect(health, sources, 0, disease, generator(1, "first"))
    nowhere = days(Scenario(name="still", days=1))[0].outings.take(np.zeros(0, dtype=np.int64))
    onset = health.onset.copy()
    for day in range(25):
        # Only those infected at the start pass it on: a household's first generation.
        later = np.isfinite(health.infected) & ~np.isin(np.arange(len(people)), first)
        health.onset[later] = np.inf
        spread(people, health, nowhere, disease, Today(day, 1, _nobody(), _nobody()))
    assert np.array_equal(onset[first], health.onset[first])
    members = np.setdiff1d(np.arange(len(people)), first)
    attacked = np.isfinite(health.infected[members])
    expected = 1 - (1 - np.log(1 - 0.3) / 2.0) ** -2.0
    # five standard deviations, doubled because members of a household share their source
    assert abs(attacked.mean() - expected) < 10 * 0.5 / len(members) ** 0.5
    assert (health.way[members[attacked]] == HOUSEHOLD).all()
    shape = health.infectiousness[first].mean() ** 2 / health.infectiousness[first].var()
    assert abs(shape - 2.0) < 0.25


def _nobody() -> Exposed:
    return Exposed.elsewhere(np.empty(0, dtype=np.int32), np.empty(0))


def test_contacts_at_home_are_all_others_of_the_household():
    people = simulation(WAVE).ground.people
    source = np.array([0, 17, 400], dtype=np.int32)
    found = at_home(people, source)
    expected = {
        (person, other)
        for person in source.tolist()
        for other in np.flatnonzero(people.household == people.household[person]).tolist()
        if other != person
    }
    assert set(zip(found.source.tolist(), found.person.tolist(), strict=True)) == expected


def test_people_met_were_there_at_the_same_time():
    found = days(WAVE)[0].outings
    infectious = np.zeros(3_000, dtype=np.bool_)
    infectious[::20] = True
    contacts = met(found, infectious, generator(0, "met"))
    assert len(contacts) > 100
    stays: dict[tuple[int, int], list[int]] = {}
    for row in range(len(found)):
        stays.setdefault((int(found.person[row]), int(found.place[row])), []).append(row)
    for row in range(len(contacts)):
        place = int(contacts.place[row])
        overlaps = [
            (min(found.depart[one], found.depart[two]) - max(found.arrive[one], found.arrive[two]))
            // 60_000
            for one in stays[int(contacts.source[row]), place]
            for two in stays[int(contacts.person[row]), place]
        ]
        assert contacts.minutes[row] in overlaps
    assert contacts.minutes.min() > 0
    most = np.unique(contacts.source * 10_000 + contacts.place, return_counts=True)[1].max()
    assert most <= MET_AT_MOST * 3


def test_every_infection_has_an_infector_who_was_met_that_day():
    made = simulation(WAVE)
    health = made.health
    for day in made.days():
        pairs = {
            way: set(zip(found.source.tolist(), found.person.tolist(), strict=True))
            for way, found in ((2, day.spread.home), (3, day.spread.met))
        }
        for person in day.spread.infected.tolist():
            infector, way = int(health.infector[person]), int(health.way[person])
            if infector == NOBODY:
                assert way in (0, 1)
            else:
                assert (infector, person) in pairs[way]
                assert health.infected[infector] < health.infected[person]
    assert np.isfinite(health.infected).sum() > 200


def test_generation_time_lies_where_the_profile_puts_it():
    # Infectiousness rises two days before onset and is centred about onset, so a generation
    # takes about an incubation of 5.2 days, less in a growing epidemic.
    made = simulation(WAVE)
    list(made.days())
    health = made.health
    caught = np.flatnonzero(health.infector >= 0)
    took = health.infected[caught] - health.infected[health.infector[caught]]
    assert 3.5 < took.mean() < 7.0
