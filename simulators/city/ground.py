"""What stays the same all through a run: the town, its people, and how they move."""

from __future__ import annotations

from dataclasses import dataclass

from geo.gazetteer import Gazetteer
from simulators.city.people import People, people_of
from simulators.city.town import Town, town_of
from simulators.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Ground:
    """A town with its people, the scenario they live in, and the run's seed."""

    town: Town
    people: People
    scenario: Scenario
    seed: int

    @classmethod
    def of(cls, gazetteer: Gazetteer, scenario: Scenario, number: int, seed: int) -> Ground:
        """Make a city of so many people."""
        town = town_of(gazetteer, seed)
        return cls(town, people_of(town, number, scenario.mobility, seed), scenario, seed)
