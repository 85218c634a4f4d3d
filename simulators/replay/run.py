"""Run a replay against the broker: the edges around `play`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cities.pack import CityPack, load
from cities.settings import Replay as RealStream
from schemas.broker import Broker
from simulators.errors import SettingError
from simulators.pace import AS_FAST_AS_POSSIBLE, Pace
from simulators.play import Clock, Run, play
from simulators.present import Present
from simulators.progress import Progress
from simulators.replay.files import Files
from simulators.replay.open import Days, open_replay
from simulators.replay.stream import STEP_MS, Replay
from simulators.sender import Sender
from simulators.stopping import Stopping

DEFAULT_SPEED = 60.0
STEADY = Clock(now_ms=lambda: time.monotonic_ns() // 1_000_000, sleep=time.sleep)
"""Of a clock that is set a replay would wait for hours, or send days at once."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be replayed; what is None is as the pack says."""

    city: str
    folder: Path | None
    days: tuple[str | None, str | None]
    speed: float | None


def run_replay(order: Order, broker: Broker, console: Console) -> bool:
    """Play a window of a city's real data, from where an earlier run stopped; say if to its end."""
    pack = load(order.city)
    files, days, speed = chosen(order, pack)
    stream = open_replay(files, pack.timezone, pack.gazetteer.area_index, days)
    stopping = Stopping()
    sender = Sender(broker)
    run = plan(stream, speed, broker, sender, STEADY.now_ms())
    progress = Progress(f"replay of {pack.id}", console)
    try:
        step = play(run, STEADY, progress.show, stopping)
        safe = sender.flush(lambda: not stopping())
    finally:
        progress.close()
    is_whole = step.done_ms >= stream.end_ms
    console.print(
        f"replay of {pack.id} {'finished' if is_whole else 'stopped'}: {sender.account.words()}, "
        f"{step.skipped:,} were there already" + ("" if safe else ", the rest is in doubt")
    )
    return is_whole and safe


def chosen(order: Order, pack: CityPack) -> tuple[Files, Days, float]:
    """Put together what was asked for and, where nothing was, what the pack says."""
    own = pack.stream
    if order.folder is None and not isinstance(own, RealStream):
        raise SettingError(f"city {pack.id} ships no streams to replay: give --folder")
    if order.folder is not None or not isinstance(own, RealStream):
        files = Files.inside(order.folder or pack.folder)
        return files, order.days, order.speed or DEFAULT_SPEED
    files = Files.of(pack.folder, own.trips, own.cases, own.zones)
    first, last = order.days
    days = (first or own.first.isoformat(), last or own.last.isoformat())
    return files, days, order.speed or own.speed


def plan(stream: Replay, speed: float, broker: Broker, sender: Sender, now_ms: int) -> Run:
    """Find out where an earlier run stopped, and go on from there.

    One that began later in this window says nothing of what comes before: all is looked for.
    """
    with Present(broker) as topics:
        newest = topics.newest_arrival_ms(before_ms=stream.end_ms)
        oldest = topics.oldest_arrival_ms(stream.start_ms)
        begun = oldest is not None and oldest <= stream.first_arrival_ms
        if newest is None or newest < stream.start_ms or not begun:
            from_ms, start_ms = stream.begin_ms, stream.start_ms
        else:
            from_ms, start_ms = max(stream.begin_ms, newest - STEP_MS), newest
        present = topics.ids_since(from_ms)
    if speed == AS_FAST_AS_POSSIBLE:
        start_ms = from_ms
    return Run(stream, sender, Pace(start_ms, now_ms, speed), from_ms, present)
