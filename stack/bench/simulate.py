"""The simulator: check-ins made in columns, sent and acknowledged; a million people; realism.

Speed in columns is by processor time, as the calls are of one thread, and by the wall: of one
process, and of two with what it takes to hand days over. Sending starts a broker of its own,
without the jobs that would read beside it.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cities.pack import CityPack, load
from schemas.broker import Broker
from simulators.city.run import Order, simulation_of, stream_of
from simulators.city.simulation import DayOfCity, Simulation
from simulators.city.workers import working
from simulators.facts import JUMP_EXPONENT, NEW_YORK_HOURS, NEW_YORK_WEEKDAYS
from simulators.load import Load
from simulators.load_run import pool_of
from simulators.load_run import run as run_load
from simulators.pictures import lived
from simulators.realism import (
    distance_from_jump_law,
    gyration_km,
    hour_profile,
    jump_lengths_km,
    top_share,
    variation_distance,
)
from simulators.scenario import read_scenario
from stack import bus, preflight, up
from stack.bench.rows import Row, at_least, at_most, between
from stack.java import find_java_home
from stack.layout import Layout
from stack.ports import Ports
from stack.programs import BROKER
from stack.settings import Settings
from stack.steps import Steps

FIRST_BASE = 9500
WORKING_DAYS = 4  # after the Monday on which a quiet week begins
GIB = 1 << 20  # of ru_maxrss, which counts in KiB
Numbers = NDArray[np.float64] | NDArray[np.int64]


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure; `people=N` for the large city (1,000,000), `seconds=N` of sending (20)."""
    pack = load("wuhan")
    return [
        *large_city(pack, int(options.get("people", "1000000"))),
        *sending(float(options.get("seconds", "20"))),
        *realism(pack),
    ]


def large_city(pack: CityPack, people: int) -> list[Row]:
    """Start a large city, and make its second day in columns."""
    begin = time.perf_counter()
    simulation = city_of(pack, people)
    stream = stream_of(pack, simulation, None)
    stream.between(stream.begin_ms, stream.furthest(stream.begin_ms))
    first_s = time.perf_counter() - begin
    rate = columns_a_second(city_of(pack, people // 4))
    alone, both = (
        round(columns_a_second_by_the_wall(city_of(pack, people // 4), workers))
        for workers in (1, 2)
    )
    return [
        at_most(f"{people:,} people: start to first event", round(first_s, 1), 60, "s"),
        at_most("resident memory at its highest", round(_highest_gib(), 2), 4, "GiB"),
        Row("made in columns, one core", round(rate), "check-ins/s of processor time"),
        Row("made in columns, --workers 1", alone, "check-ins/s by the wall"),
        at_least("made in columns, --workers 2", both, 1e6, "check-ins/s by the wall"),
    ]


def city_of(pack: CityPack, people: int) -> Simulation:
    """Put a quiet city together."""
    nowhere = Path("unused")
    order = Order(read_scenario("quiet-week"), pack.id, people, 1, "2020-04-06", 1.0, None, nowhere)
    return simulation_of(pack, order, 0)


def columns_a_second(simulation: Simulation) -> float:
    """Give check-ins a second of processor time, all else that a day brings included."""
    days = simulation.days()
    next(days)
    begin = time.process_time()
    made = _made(simulation, next(days))
    return made / (time.process_time() - begin)


def columns_a_second_by_the_wall(simulation: Simulation, workers: int) -> float:
    """Give check-ins a second of the wall clock that so many processes make of working days.

    The day before warms the processes up. Of two, the second may be a day ahead when the time
    begins, and again when it ends.
    """
    with working(simulation, workers) as days_of:
        days = days_of()
        _made(simulation, next(days))
        begin = time.perf_counter()
        made = sum(_made(simulation, next(days)) for _ in range(WORKING_DAYS))
        return made / (time.perf_counter() - begin)


def _made(simulation: Simulation, day: DayOfCity) -> int:
    simulation.told(day.day)
    parts = simulation.parts(day)
    return sum(len(stretch.sent.done) for stretch in map(simulation.gates.stretch, parts))


def _highest_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB


def sending(seconds: float) -> list[Row]:
    """Send as fast as the machine can, beside a broker of its own and nothing else."""
    pool, encoder = pool_of("wuhan", 100_000, 1, read_scenario("rush-hour"))
    load_ = Load("steady", 1_000_000, seconds, 1_000_000_000)
    with tempfile.TemporaryDirectory(prefix="hexline-bench-") as folder, alone(folder) as broker:
        found = run_load(pool, encoder, load_, broker, Console(stderr=True))
    return [
        at_least(
            "made, encoded, acknowledged (acks=all, idempotent)",
            round(found.sent / found.seconds),
            200_000,
            "check-ins/s",
        )
    ]


@contextmanager
def alone(folder: str) -> Iterator[Broker]:
    """Start a broker alone: the figure is of two cores shared with it, not with its readers."""
    base = preflight.suggestion(Ports(FIRST_BASE))
    settings = Settings(city="wuhan", ports=base, stream=False)
    stack = up.Stack(Layout(Path(folder)), settings, find_java_home(os.environ))
    stack.layout.make()
    up.fetch_jars(stack.layout, Steps(Console(stderr=True)))
    up.write_configuration(stack)
    up.start_supervisor(stack)
    try:
        up.start(stack, BROKER)
        up.wait_for_broker(stack)
        bus.ensure_topics(stack.bus, keep_all=True)
        yield stack.bus
    finally:
        up.down(stack.layout)


def realism(pack: CityPack) -> list[Row]:
    """Compare a quiet week with New York's taxis and published laws."""
    made, week = lived(pack.gazetteer, "quiet-week", 20_000)
    passages = [day.passages for day in week]
    named = (("working day", 1, "weekday"), ("Saturday", 5, "saturday"), ("Sunday", 6, "sunday"))
    hours = [
        at_most(f"hours of a {name}, distance from New York's taxis", round(far, 3), 0.13, "share")
        for name, day, kind in named
        for far in [distance(hour_profile(passages[day].at), NEW_YORK_HOURS[kind])]
    ]
    days = distance(np.array([len(found) for found in passages]), NEW_YORK_WEEKDAYS)
    outings = [day.outings for day in week]
    visits = np.bincount(np.concatenate([day.place for day in outings]))
    reach = float(np.median(gyration_km(made.ground, outings)))
    jumps = np.concatenate([jump_lengths_km(made.ground, day) for day in outings])
    law = distance_from_jump_law(jumps, JUMP_EXPONENT, longest_km=40)
    return [
        *hours,
        at_most("days of the week, distance from New York's taxis", round(days, 3), 0.04, "share"),
        at_least(
            "visits that go to a tenth of the places", round(top_share(visits, 0.1), 2), 0.45, ""
        ),
        at_most("lengths of outings, distance from the published law", round(law, 3), 0.06, "KS"),
        between("radius of gyration, median", round(reach, 2), 1.0, 5.0, "km"),
    ]


def distance(one: Sequence[float] | Numbers, other: Sequence[float]) -> float:
    """Give the share that would have to move to make two columns of numbers alike."""
    shares = [np.asarray(column) / np.sum(column) for column in (one, other)]
    return variation_distance(*shares)
