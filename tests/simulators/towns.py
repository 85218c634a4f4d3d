"""A little simulated town, ready made; the same for every test of a session."""

from functools import lru_cache

from simulators.check_ins import Encoder
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.simulation import DayOfCity, Simulation
from simulators.city.stream import CityStream
from simulators.scenario import Scenario
from tests.simulators.cities import little_city

CITY = little_city()
FIRST = "2020-04-06"  # a Monday
PEOPLE = 3_000


def simulation(scenario: Scenario, seed: int = 1, people: int = PEOPLE) -> Simulation:
    ground = Ground.of(CITY, scenario, people, seed)
    return Simulation.of(CITY, ground, Calendar.of(FIRST, "Asia/Shanghai"), "town")


@lru_cache(maxsize=8)
def days(scenario: Scenario, seed: int = 1, people: int = PEOPLE) -> tuple[DayOfCity, ...]:
    return tuple(simulation(scenario, seed, people).days())


def stream(scenario: Scenario, seed: int = 1, people: int = PEOPLE) -> CityStream:
    made = simulation(scenario, seed, people)
    encoder = Encoder(CITY.place_id.tolist(), [f"sim:town:{kind}" for kind in CITY.place_kind])
    return CityStream(made, CITY, encoder, made.calendar.begin_ms(scenario.days))
