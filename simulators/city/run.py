"""Run a simulated city into Kafka or a folder, with its truth beside it: the edges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec
from polars.exceptions import PolarsError
from rich.console import Console

from cities.pack import CityPack, load
from schemas.broker import Broker
from schemas.times import DAY_MS
from schemas.topics import CHECKINS
from simulators.check_ins import Encoder
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.simulation import Simulation
from simulators.city.stream import CityStream
from simulators.city.workers import working
from simulators.errors import DiskError, SimulatorError
from simulators.files_out import FilesOut, Form
from simulators.pace import AS_FAST_AS_POSSIBLE, Pace
from simulators.play import Clock, Run, Step, play
from simulators.present import Present, kept_for_ms
from simulators.progress import Progress
from simulators.scenario import Scenario
from simulators.sender import Sender
from simulators.stopping import Stopping
from simulators.truth import RunFile, Truth, write_run

WALL = Clock(now_ms=lambda: time.time_ns() // 1_000_000, sleep=time.sleep)
USUAL_START = "2020-04-06"
NOT_WRITTEN = (OSError, PolarsError)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be simulated.

    `speed` None is live: the run begins on today's local midnight and follows the wall clock.
    `folder` holds the truth, and the streams too where there is no broker. `length_s` None is
    the scenario's own.
    """

    scenario: Scenario
    city: str
    people: int
    seed: int
    start: str | None
    speed: float | None
    length_s: float | None
    folder: Path
    form: Form = "jsonl"
    workers: int = 1


def simulation_of(pack: CityPack, order: Order, now_ms: int) -> Simulation:
    """Put the city of an order together."""
    follows_the_wall = order.speed is None and order.start is None
    calendar = (
        Calendar.today(now_ms, pack.timezone)
        if follows_the_wall
        else Calendar.of(order.start or USUAL_START, pack.timezone)
    )
    ground = Ground.of(pack.gazetteer, order.scenario, order.people, order.seed)
    prefix = f"{pack.id}-{calendar.first:%Y%m%d}-{order.seed}"
    return Simulation.of(pack.gazetteer, ground, calendar, prefix)


def stream_of(pack: CityPack, simulation: Simulation, length_s: float | None) -> CityStream:
    """Make the stream of a simulation, as long as wanted but never beyond its days."""
    begin = simulation.calendar.begin_ms(0)
    end = simulation.calendar.begin_ms(simulation.ground.scenario.days)
    if length_s is not None:
        end = min(end, begin + int(length_s * 1000))
    return CityStream(simulation, pack.gazetteer, encoder_of(pack), end)


def encoder_of(pack: CityPack) -> Encoder:
    """Make what writes the check-ins of a city; their source says that they are simulated."""
    kinds = pack.gazetteer.place_kind.tolist()
    return Encoder(pack.gazetteer.place_id.tolist(), [f"sim:{pack.id}:{kind}" for kind in kinds])


def simulate(order: Order, broker: Broker | None, console: Console) -> None:
    """Simulate a city into Kafka (with a broker) or into files, and write the truth."""
    pack = load(order.city)
    now_ms = WALL.now_ms()
    simulation = simulation_of(pack, order, now_ms)
    stream = stream_of(pack, simulation, order.length_s)
    with written_in(order.folder):
        output = Sender(broker) if broker else FilesOut(order.folder, order.form)
        truth = Truth(order.folder / "truth", simulation, pack.gazetteer)
    stream.watch = truth
    if broker and (warning := too_old(stream.begin_ms, kept_for_ms(broker, CHECKINS), now_ms)):
        console.print(warning)
    if note := shorter(order.scenario, order.length_s):
        console.print(note)
    stopping = Stopping()
    progress = Progress(f"simulate {order.scenario.name}", console)
    step = Step(stream.begin_ms, 0, 0, 0.0)
    try:
        with written_in(order.folder), working(simulation, order.workers) as stream.days:
            run = _plan(stream, output, order, broker, now_ms)
            with nullcontext() if run.pace.speed == AS_FAST_AS_POSSIBLE else stream.ahead():
                step = play(run, WALL, progress.show, stopping)
            output.flush(lambda: not stopping())
    finally:
        progress.close()
        _close(order, output, truth, lambda: _run_file(order, pack, stream, step, output))
    ended = _ended(stream, step)
    console.print(
        f"simulate {order.scenario.name} {'finished' if ended else 'stopped'}: {output.words()}"
        f"; truth in {order.folder / 'truth'}"
    )


def too_old(begin_ms: int, kept_ms: int | None, now_ms: int) -> str | None:
    """Say that a run begins before what the broker keeps; None where it does not."""
    if kept_ms is None or begin_ms >= now_ms - kept_ms:
        return None
    return (
        f"simulate: this run begins {(now_ms - begin_ms) / DAY_MS:,.0f} days ago, and the broker "
        f"keeps check-ins {kept_ms / DAY_MS:g} days by their own time: it may delete some before "
        "they are counted. Take --start of these days, or send to a city on a replay's clock, "
        "whose topics keep all"
    )


def shorter(scenario: Scenario, length_s: float | None) -> str | None:
    """Say that a scenario is over before the length asked for; None where it is not."""
    if length_s is None or length_s <= scenario.days * 86_400:
        return None
    return (
        f"simulate: --for {length_s / 86_400:g}d, and {scenario.name} lasts {scenario.days}: it "
        "ends then; more `days` in a scenario of your own make it longer"
    )


@contextmanager
def written_in(folder: Path) -> Iterator[None]:
    """Turn what a disk says that is full, or not ours, into one line that names the folder."""
    try:
        yield
    except SimulatorError:
        raise
    except NOT_WRITTEN as error:
        raise DiskError.at(folder, error) from None


def _close(
    order: Order, output: Sender | FilesOut, truth: Truth, run_file: Callable[[], RunFile]
) -> None:
    """End everything that is written, each even where the one before cannot be."""
    ends: list[Callable[[], None]] = [truth.close, lambda: write_run(order.folder, run_file())]
    if isinstance(output, FilesOut):
        ends.insert(0, output.close)
    failed: Exception | None = None
    for end in ends:
        try:
            end()
        except NOT_WRITTEN as error:
            failed = error
    if failed is not None:
        raise DiskError.at(order.folder, failed) from None


def _plan(
    stream: CityStream,
    output: Sender | FilesOut,
    order: Order,
    broker: Broker | None,
    now_ms: int,
) -> Run:
    begin = stream.begin_ms
    if broker is None or order.speed == AS_FAST_AS_POSSIBLE:
        pace = Pace(begin, now_ms, AS_FAST_AS_POSSIBLE)
    elif order.speed is None:
        pace = Pace(now_ms, now_ms, 1.0)
    else:
        pace = Pace(begin, now_ms, order.speed)
    present: frozenset[str] = frozenset()
    if broker is not None:
        with Present(broker) as topics:
            present = topics.ids_since(begin)
    return Run(stream, output, pace, begin, present)


def _ended(stream: CityStream, step: Step) -> bool:
    return stream.end_ms is not None and step.done_ms >= stream.end_ms


def _run_file(
    order: Order,
    pack: CityPack,
    stream: CityStream,
    step: Step,
    output: Sender | FilesOut,
) -> RunFile:
    return RunFile(
        scenario=msgspec.Raw(msgspec.json.encode(order.scenario)),
        city=pack.id,
        city_version=pack.version,
        people=order.people,
        seed=order.seed,
        begin_ms=stream.begin_ms,
        done_ms=step.done_ms,
        ended=_ended(stream, step),
        sent=dict(output.sent),
    )
