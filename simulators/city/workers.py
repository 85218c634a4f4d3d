"""A second process that lives through the days, while this one sees to the gates.

    second process:  day 0 | day 1          | day 2          | ...
    this process:          | gates of day 0 | gates of day 1 | ...

A day is handed over whole, as columns, with what it did to the health of people. It waits until
it is asked for, so the second process is never further ahead than by one.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection

from simulators.city.disease import Health
from simulators.city.simulation import DayOfCity, Days, Simulation
from simulators.errors import WorkerError


@contextmanager
def working(simulation: Simulation, number: int) -> Iterator[Days]:
    """Let one process work, or two; the days are the same whoever lives through them."""
    if number <= 1:
        yield simulation.days
        return
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_live, args=(simulation, there), daemon=True)
    process.start()
    there.close()  # or its end would not be noticed

    def days(seen_from: int = 0, until: int | None = None) -> Iterator[DayOfCity]:
        here.send((seen_from, until))
        return iter(partial(_handed, simulation, here), None)

    try:
        yield days
    finally:
        process.kill()
        process.join()
        here.close()


def _handed(simulation: Simulation, here: Connection) -> DayOfCity | None:
    """Wait for a day, and let it happen to the health of people here; None after the last."""
    try:
        handed: tuple[DayOfCity, Health] | None = here.recv()
    except (EOFError, OSError):
        raise WorkerError("the process that lives through the days has ended too early") from None
    if handed is None:
        return None
    day, state = handed
    simulation.health.put(day.spread.infected, state)
    return day


def _live(simulation: Simulation, there: Connection) -> None:
    for ends in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ends, signal.SIG_IGN)  # the first process answers them
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):  # it is gone
        for day in simulation.days(*there.recv()):
            there.send((day, simulation.health.take(day.spread.infected)))
            del day  # is let go before the next one is made
        there.send(None)
