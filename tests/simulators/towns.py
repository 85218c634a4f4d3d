"""A little simulated town, ready made; the same for every test of a session."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulators.check_ins import Encoder
from simulators.city import done
from simulators.city.calendar import Calendar
from simulators.city.done import Lost, Sent
from simulators.city.ground import Ground
from simulators.city.outings import Outings
from simulators.city.passages import Passages
from simulators.city.simulation import DayOfCity, Simulation
from simulators.city.stream import CityStream
from simulators.scenario import Scenario
from tests.simulators.cities import little_city

CITY = little_city()
FIRST = "2020-04-06"  # a Monday
PEOPLE = 3_000


@dataclass(frozen=True)
class WholeDay:
    """A day with all that its gates made of it; `sent.passage` and `lost.passage` are its rows."""

    begin_ms: int
    outings: Outings
    passages: Passages
    sent: Sent
    lost: Lost


def simulation(
    scenario: Scenario, seed: int = 1, people: int = PEOPLE, stands_for: float = 1.0
) -> Simulation:
    ground = Ground.of(CITY, scenario, people, seed)
    calendar = Calendar.of(FIRST, "Asia/Shanghai")
    return Simulation.of(CITY, ground, calendar, "town", stands_for)


def whole(made: Simulation, day: DayOfCity) -> WholeDay:
    """Work out every stretch of a day and put them behind one another."""
    sent, lost, first = [], [], 0
    for stretch in map(made.gates.stretch, made.parts(day)):
        found = stretch.sent
        sent.append(Sent(found.check_ins, found.done, found.passage + first))
        lost.append(Lost(stretch.lost.passage + first, stretch.lost.done))
        first += len(stretch.true)
    return WholeDay(
        day.begin_ms,
        day.outings,
        day.passages,
        done.joined(sent),
        Lost(
            np.concatenate([part.passage for part in lost]),
            np.concatenate([part.done for part in lost]),
        ),
    )


@lru_cache(maxsize=8)
def days(scenario: Scenario, seed: int = 1, people: int = PEOPLE) -> tuple[WholeDay, ...]:
    made = simulation(scenario, seed, people)
    return tuple(whole(made, day) for day in made.days())


def stream(scenario: Scenario, seed: int = 1, people: int = PEOPLE) -> CityStream:
    made = simulation(scenario, seed, people)
    return stream_of(made)


def stream_of(made: Simulation, gates_from_ms: int | None = None) -> CityStream:
    encoder = Encoder(CITY.place_id.tolist(), [f"sim:town:{kind}" for kind in CITY.place_kind])
    end_ms = made.calendar.begin_ms(made.ground.scenario.days)
    return CityStream(made, CITY, encoder, end_ms, gates_from_ms)
