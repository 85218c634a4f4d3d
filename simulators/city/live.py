"""A simulated city that lives by the wall clock until it is stopped: what `up` runs.

    weeks before: cases only ... | 75 minutes back | now ---- by the wall clock ---->
    ^ begin, kept in run.json      ^ gates are seen from here

The first run begins weeks ago, so that there is a past to see. A later one lives through the
same days again, which takes a moment, and goes on where the topics end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
from rich.console import Console

from cities.pack import CityPack, load
from cities.settings import Simulate
from schemas.broker import Broker
from schemas.times import MINUTE_MS
from simulators.city.calendar import Calendar
from simulators.city.ground import Ground
from simulators.city.rates import rate_of_people, stands_for
from simulators.city.run import WALL, encoder_of, written_in
from simulators.city.simulation import Simulation
from simulators.city.stream import CityStream
from simulators.errors import SettingError
from simulators.pace import Pace
from simulators.play import Run, Step, play
from simulators.present import Present
from simulators.progress import Progress
from simulators.scenario import Scenario
from simulators.sender import Sender
from simulators.stopping import Stopping
from simulators.truth import RunFile, Truth, read_run, write_run

HISTORY_DAYS = 45
"""More than six weeks: the last reported one is judged against the four before it."""
BACKFILL_MS = 75 * MINUTE_MS
"""How far back gates are seen at first: more than the hour ago that change looks at."""
MOST_PEOPLE = 1_000_000
_KEEP_DAYS = 2


@dataclass(frozen=True, slots=True)
class Order:
    """A live city as asked for; `people` and `rate` None are the pack's own.

    `folder` holds its truth, and the day on which it began.
    """

    scenario: Scenario
    city: str
    people: int | None
    rate: float | None
    seed: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Since:
    """Where to go on: cases from `cases_ms`, gates from `gates_ms`; what is there already.

    Since `whole_ms` gates were seen without a gap.
    """

    cases_ms: int
    gates_ms: int
    whole_ms: int
    present: frozenset[str]


class Diary:
    """Writes into `run.json` how far a live city is, once a minute."""

    def __init__(self, folder: Path, run: RunFile) -> None:
        self._folder, self.run = folder, run

    def step(self, step: Step, sent: Mapping[str, int]) -> None:
        """See how far everything is sent."""
        if step.done_ms >= self.run.done_ms + MINUTE_MS:
            self.write(step.done_ms, sent)

    def write(self, done_ms: int, sent: Mapping[str, int]) -> None:
        """Write it."""
        self.run = msgspec.structs.replace(self.run, done_ms=done_ms, sent=dict(sent))
        write_run(self._folder, self.run)


def live(order: Order, broker: Broker, console: Console) -> None:
    """Let a city live until it is stopped; an earlier run is continued without a gap or a twin."""
    pack = load(order.city)
    order = replace(order, people=order.people or people_of(pack), rate=order.rate or rate(pack))
    now_ms = WALL.now_ms()
    sender, stopping = Sender(broker), Stopping()
    before = earlier(pack, order)
    calendar = calendar_of(pack, before, now_ms)
    since = since_of(broker, before, calendar.begin_ms(0), now_ms)
    stream = stream_of(pack, order, calendar, since)
    simulation = stream.simulation
    console.print(words(pack, simulation.ground, simulation.gates.crowd.stands_for))
    progress = Progress(f"live {pack.id}", console)
    pace = Pace(start_ms=now_ms, wall_ms=now_ms, speed=1.0)

    def report(step: Step) -> None:
        diary.step(step, sender.sent)
        progress.show(step)

    try:
        with written_in(order.folder):
            truth = Truth(order.folder / "truth", simulation, pack.gazetteer, True, _KEEP_DAYS)
            diary = Diary(order.folder, run_file(pack, order, simulation, since))
            diary.write(since.cases_ms, {})
            stream.watch = truth
            with stream.ahead():
                run = Run(stream, sender, pace, since.cases_ms, since.present)
                step = play(run, WALL, report, stopping)
            safe = sender.flush(lambda: False)
            truth.close()
            diary.write(step.done_ms, sender.sent)
    finally:
        progress.close()
    console.print(closing(f"live {pack.id}", sender, step, safe=safe))


def people_of(pack: CityPack) -> int:
    """Give the people to simulate: as the pack says, else its residents, a million at most."""
    if isinstance(pack.stream, Simulate) and pack.stream.people:
        return pack.stream.people
    gazetteer = pack.gazetteer
    smallest = gazetteer.level == len(gazetteer.levels) - 1
    return max(100, min(MOST_PEOPLE, int(gazetteer.residents[smallest].sum())))


def rate(pack: CityPack) -> float | None:
    """Give the rate that the pack asks for; None is what its people make."""
    return pack.stream.rate if isinstance(pack.stream, Simulate) else None


def earlier(pack: CityPack, order: Order) -> RunFile | None:
    """Read the earlier run of this folder; None where there was none.

    Raises
    ------
    SettingError
        It is of another city than the one asked for.
    """
    try:
        before = read_run(order.folder)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError(f"{order.folder / 'run.json'} cannot be read: {error}") from None
    was = before.city, before.people, before.seed
    asked = pack.id, order.people, order.seed
    if was != asked:
        raise SettingError(
            f"{order.folder} holds a live city of {was[1]:,} people of {was[0]} with seed "
            f"{was[2]}, not {asked[1]:,} of {asked[0]} with seed {asked[2]}: choose another state"
        )
    return before


def calendar_of(pack: CityPack, before: RunFile | None, now_ms: int) -> Calendar:
    """Begin on the day on which the earlier run began, else weeks ago."""
    if before is not None:
        return Calendar.today(before.begin_ms, pack.timezone)
    today = Calendar.today(now_ms, pack.timezone)
    return replace(today, first=today.first - timedelta(days=HISTORY_DAYS))


def since_of(broker: Broker, before: RunFile | None, begin_ms: int, now_ms: int) -> Since:
    """Find out where an earlier run stopped; without one, begin with the city's history.

    After a long pause the check-ins of the last 75 minutes are made, those before are not:
    the city was not being watched. Case reports are made without a gap. What was being sent when
    the earlier run was killed is in doubt, partition by partition: all since its last word of
    how far everything is sent is looked for.
    """
    backfill_ms = max(begin_ms, now_ms - BACKFILL_MS)
    if before is None:
        return Since(begin_ms, backfill_ms, backfill_ms, frozenset())
    with Present(broker) as topics:
        newest = topics.newest_arrival_ms(before_ms=now_ms + MINUTE_MS)
        if newest is None:
            return Since(begin_ms, backfill_ms, backfill_ms, topics.ids_since(begin_ms))
        cases_ms = max(begin_ms, min(newest - MINUTE_MS, before.done_ms))
        present = topics.ids_since(cases_ms)
    if cases_ms < backfill_ms:
        return Since(cases_ms, backfill_ms, backfill_ms, present)
    return Since(cases_ms, cases_ms, before.gates_from_ms or cases_ms, present)


def stream_of(pack: CityPack, order: Order, calendar: Calendar, since: Since) -> CityStream:
    """Make the stream, with as many passers-by as the rate asks for."""
    ground = Ground.of(pack.gazetteer, order.scenario, order.people or 0, order.seed)
    prefix = f"{pack.id}-{calendar.first:%Y%m%d}-{order.seed}"
    many = stands_for(ground, order.rate)
    simulation = Simulation.of(pack.gazetteer, ground, calendar, prefix, many)
    return CityStream(simulation, pack.gazetteer, encoder_of(pack), None, since.gates_ms)


def run_file(pack: CityPack, order: Order, simulation: Simulation, since: Since) -> RunFile:
    """Describe the run; gates were seen without a gap from `gates_from_ms` on."""
    return RunFile(
        scenario=msgspec.Raw(msgspec.json.encode(order.scenario)),
        city=pack.id,
        city_version=pack.version,
        people=len(simulation.ground.people),
        seed=order.seed,
        begin_ms=simulation.calendar.begin_ms(0),
        done_ms=since.cases_ms,
        ended=False,
        sent={},
        gates_from_ms=since.whole_ms,
        stands_for=simulation.gates.crowd.stands_for,
    )


def words(pack: CityPack, ground: Ground, many: float) -> str:
    """Say how busy the city is, and why."""
    natural, n = rate_of_people(ground), len(ground.people)
    made = f"live {pack.id}: {n:,} people, simulated, make {natural:,.1f} check-ins a second"
    if many == 1.0:
        return f"{made} (mean over a working day)"
    return f"{made}; each stands for {many:.3g} at the gates, which makes {natural * many:,.1f}"


def closing(what: str, sender: Sender, step: Step, *, safe: bool) -> str:
    """Say what a run that was stopped has sent."""
    there = f", {step.skipped:,} were there already" if step.skipped else ""
    return f"{what} stopped: {sender.account.words()}{there}" + (
        "" if safe else "; the rest is in doubt, and the next run will look"
    )
