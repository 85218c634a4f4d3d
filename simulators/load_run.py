"""Run a load against the broker: the edges around `run_load`."""

from __future__ import annotations

import time

import numpy as np
from rich.console import Console

from cities.pack import load as load_pack
from schemas.broker import Broker
from simulators.check_ins import CheckIns, Encoder, joined
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.run import encoder_of
from simulators.city.simulation import Simulation
from simulators.load import Achieved, Load, run_load
from simulators.scenario import Scenario
from simulators.sender import Sender
from simulators.stopping import Stopping


def pool_of(city: str, people: int, seed: int, scenario: Scenario) -> tuple[CheckIns, Encoder]:
    """Make the check-ins of a scenario's first day, a working day, and what writes them.

    What is broken only when it is written (malformed, a wrong datum) is no part of a load.
    """
    pack = load_pack(city)
    ground = Ground.of(pack.gazetteer, scenario, people, seed)
    calendar = Calendar.of("2020-04-07", pack.timezone)
    simulation = Simulation.of(pack.gazetteer, ground, calendar, "load")
    day = next(simulation.days())
    made = [part.sent.check_ins for part in map(simulation.gates.stretch, simulation.parts(day))]
    return joined(made).by_arrival(), encoder_of(pack)


def run(pool: CheckIns, encoder: Encoder, load: Load, broker: Broker, console: Console) -> Achieved:
    """Send a load and say what came of it."""
    sender, stopping = Sender(broker), Stopping()

    def send(rows: CheckIns) -> None:
        sender.send_now(encoder.messages(rows))

    begin = time.perf_counter()
    with console.status(f"load: {load.rate:,.0f}/s {load.profile} for {load.length_s:g} s"):
        clock = (time.monotonic, time.sleep)
        sent, _ = run_load(load, pool, send, clock, wall_ms, stopped=stopping)
        sender.flush(lambda: not stopping())
    seconds = time.perf_counter() - begin
    missing = max(0, load.due(load.length_s) - sent)
    delays = np.array(sender.account.delays_ms)
    achieved = Achieved(sum(sender.sent.values()), seconds, missing, delays)
    console.print(f"load {load.profile}: {achieved.words()}")
    return achieved


def wall_ms() -> int:
    """Read the wall clock."""
    return time.time_ns() // 1_000_000
