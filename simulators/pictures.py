"""The plots of docs/methods/simulator.md, made from a run of a pack: `simulators pictures DIR`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cities.pack import load
from geo.gazetteer import Gazetteer
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.simulation import DayOfCity, Simulation
from simulators.facts import NEW_YORK_HOURS
from simulators.plots import lines
from simulators.realism import (
    DiseaseFacts,
    Reals,
    disease_facts,
    gyration_km,
    hour_profile,
    jump_lengths_km,
)
from simulators.scenario import read_scenario

PEOPLE, SEED = 50_000, 1


def lived(gazetteer: Gazetteer, scenario: str, people: int) -> tuple[Simulation, list[DayOfCity]]:
    """Live through a scenario, keeping every day."""
    ground = Ground.of(gazetteer, read_scenario(scenario), people, SEED)
    calendar = Calendar.of("2020-04-06", "Asia/Shanghai")
    simulation = Simulation.of(gazetteer, ground, calendar, "picture")
    return simulation, list(simulation.days())


def write_pictures(folder: Path) -> DiseaseFacts:
    """Write all plots; gives the facts of the epidemic they show."""
    folder.mkdir(parents=True, exist_ok=True)
    gazetteer = load("wuhan").gazetteer
    quiet, week = lived(gazetteer, "quiet-week", PEOPLE)
    _write(folder, "hours", hours(week))
    _write(folder, "places", places(week, len(gazetteer.place_id)))
    _write(folder, "distances", distances(quiet.ground, week))
    waves = {
        name: lived(gazetteer, name, PEOPLE)[0]
        for name in ("citywide-wave", "lockdown-and-reopening")
    }
    _write(folder, "waves", epidemics(waves))
    wave = waves["citywide-wave"]
    return disease_facts(wave.ground, wave.health, until_day=15)


def _write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.svg").write_text(text, encoding="utf-8")


def hours(week: list[DayOfCity]) -> str:
    """Draw the hours of a working day and a Sunday beside those of New York's taxis."""
    curves: list[tuple[str, Sequence[float] | Reals]] = [
        ("simulated Tuesday", hour_profile(week[1].passages.at)),
        ("New York's taxis, working days", NEW_YORK_HOURS["weekday"]),
        ("simulated Sunday", hour_profile(week[6].passages.at)),
        ("New York's taxis, Sundays", NEW_YORK_HOURS["sunday"]),
    ]
    named = [(name, [(float(h), float(s)) for h, s in enumerate(curve)]) for name, curve in curves]
    return lines("Passages by hour of day", ("hour", "share"), named)


def places(week: list[DayOfCity], number: int) -> str:
    """Draw visits by rank of place, both logarithmic: a straight line is a power law."""
    visits = np.bincount(np.concatenate([day.outings.place for day in week]), minlength=number)
    ordered = np.sort(visits[visits > 0])[::-1]
    rank = np.unique(np.geomspace(1, len(ordered), 120).astype(np.int64))
    curve = [(float(np.log10(r)), float(np.log10(ordered[r - 1]))) for r in rank]
    return lines("Visits of places in a week", ("log10 rank", "log10 visits"), [("visits", curve)])


def distances(ground: Ground, week: list[DayOfCity]) -> str:
    """Draw how far outings and people reach: the share beyond each distance, logarithmic."""
    days = [day.outings for day in week]
    reach = {
        "outings": np.concatenate([jump_lengths_km(ground, day) for day in days]),
        "people (radius of gyration)": gyration_km(ground, days),
    }
    at = np.geomspace(0.1, 40, 60)
    curves = [
        (
            name,
            [
                (float(np.log10(x)), float(np.log10((values > x).mean())))
                for x in at
                if (values > x).any()
            ],
        )
        for name, values in reach.items()
    ]
    return lines("How far", ("log10 km", "log10 share beyond"), curves)


def epidemics(waves: dict[str, Simulation]) -> str:
    """Draw new infections a day."""
    curves = []
    for name, simulation in waves.items():
        infected = simulation.health.infected
        day = np.floor(infected[np.isfinite(infected)]).astype(np.int64)
        counts = np.bincount(day[day >= 0], minlength=simulation.ground.scenario.days)
        curves.append((name, [(float(d), float(n)) for d, n in enumerate(counts)]))
    return lines("New infections a day", ("day", "people"), curves)
