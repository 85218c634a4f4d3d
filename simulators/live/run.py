"""Run a live city against the broker: the edges around `play`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rich.console import Console

from cities.pack import load
from cities.settings import Simulate
from schemas.broker import Broker
from schemas.times import MINUTE_MS
from simulators.live.open import Wanted, open_live
from simulators.live.stream import Live
from simulators.pace import Pace
from simulators.play import Clock, Run, Step, play
from simulators.present import Present
from simulators.progress import Progress
from simulators.sender import Sender
from simulators.stopping import Stopping

DEFAULT_RATE = 200.0
WALL = Clock(now_ms=lambda: time.time_ns() // 1_000_000, sleep=time.sleep)


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for; `rate` None is the pack's own."""

    rate: float | None
    seed: int
    dirt: float


def run_live(city: str, settings: Settings, broker: Broker, console: Console) -> None:
    """Let a city live until it is stopped; an earlier run is continued without a gap or a twin."""
    pack = load(city)
    of_pack = pack.stream.rate if isinstance(pack.stream, Simulate) else DEFAULT_RATE
    rate = of_pack if settings.rate is None else settings.rate
    wanted = Wanted(rate, settings.seed, settings.dirt)
    zone = ZoneInfo(pack.timezone)
    now_ms = WALL.now_ms()
    stream = open_live(pack.id, zone, pack.gazetteer, wanted, now_ms)
    stopping = Stopping()
    sender = Sender(broker)
    run = plan(stream, broker, sender, now_ms)
    progress = Progress(f"live {pack.id}", console)
    try:
        step = play(run, WALL, progress.show, stopping)
        safe = sender.flush(lambda: False)
    finally:
        progress.close()
    console.print(closing(f"live {pack.id}", sender, step, safe=safe))


def closing(what: str, sender: Sender, step: Step, *, safe: bool) -> str:
    """Say what a run that was stopped has sent."""
    there = f", {step.skipped:,} were there already" if step.skipped else ""
    return f"{what} stopped: {sender.account.words()}{there}" + (
        "" if safe else "; the rest is in doubt, and the next run will look"
    )


def plan(stream: Live, broker: Broker, sender: Sender, now_ms: int) -> Run:
    """Find out where an earlier run stopped; without one, start with the stream's history.

    After a long pause the check-ins of the last 75 minutes are made, those before are not:
    the city was not being watched. Case reports are made without a gap.
    """
    with Present(broker) as topics:
        newest = topics.newest_arrival_ms(before_ms=now_ms + MINUTE_MS)
        from_ms = stream.begin_ms if newest is None else max(stream.begin_ms, newest - MINUTE_MS)
        present = topics.ids_since(from_ms)
    pace = Pace(start_ms=now_ms, wall_ms=now_ms, speed=1.0)
    return Run(stream, sender, pace, from_ms, present)
