"""Counts: how many check-ins a second pass Kafka, Flink and Kafka, and what else could do it.

All contenders read the same topic, one after the other, on one broker and one cluster of their
own. The rate is that between two checkpoints: of each, Flink says when it was begun, and the
broker which offsets it holds. So start-up, and the first warm-up, are not in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from confluent_kafka import Producer
from rich.console import Console

from cities.pack import load
from jobs.rest import Flink
from schemas.topics import CHECKINS, TOPICS
from stack import bus, preflight, up
from stack import programs as the_programs
from stack.bench.load import Batch, Load, batches
from stack.bench.offsets import Committed
from stack.bench.rows import Row, at_least
from stack.errors import StackError
from stack.java import find_java_home
from stack.layout import Layout
from stack.ports import Ports, url
from stack.programs import BROKER, JOBMANAGER, TASKMANAGER
from stack.settings import Settings
from stack.steps import Steps
from stack.up import Stack

CITY = "wuhan"
FIRST_BASE = 9300
WARM = 1 / 2
POLL_S = 0.1
# Each part of a job commits its own offsets, and Flink's answers are up to a second old. Far less
# than from one checkpoint to the next.
SETTLED_S = 1.5
CONSOLE = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one contender did: its steady rate, and processor seconds a million records."""

    per_second: float
    cpu_s_per_million: float
    behind_s: float = 0.0

    def __str__(self) -> str:
        """Write it as a line of progress."""
        return f"{self.per_second:,.0f}/s, {self.cpu_s_per_million:.1f} processor s a million"


@dataclass(frozen=True, slots=True)
class Trial:
    """One contender, how it runs, and what runs beside it."""

    title: str
    name: str
    backend: str = "rocksdb"
    beside: str | None = None
    settings: tuple[str, ...] = ()


TRIALS = (
    Trial("ours, no dedupe", "ours"),
    Trial("SQL on the JVM alone", "jvm"),
    Trial("SQL on the JVM alone, no cells, areas, accounts", "jvm-bare"),
    Trial("Python function, row by row", "rows"),
    Trial("ours, dedupe", "ours-dedupe"),
    Trial("ours, dedupe, roll-ups beside", "ours-dedupe", beside="rollups"),
    Trial("ours, no dedupe, hashmap", "ours", backend="hashmap"),
)


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure every trial; `records=N` (12,000,000), `parallelism=N` (2), `state=DIR`."""
    records = int(options.get("records", "12000000"))
    parallelism = options.get("parallelism", "2")
    wanted = wanted_trials(options.get("only", ""))
    decoded = Row("yardstick: msgspec decodes on one core of this machine", decoded_per_s(), "/s")
    with (
        tempfile.TemporaryDirectory(prefix="hexline-bench-") as folder,
        engines(Path(options.get("state", folder)), CONSOLE) as stack,
    ):
        produce(stack, records)
        figures: dict[str, Figure] = {}
        for trial in TRIALS:
            if trial.name in wanted:
                figures[trial.title] = measure(stack, trial, records, parallelism)
                CONSOLE.print(f"  {trial.title}: {figures[trial.title]}", highlight=False)
    return [decoded, *rows_of(figures)]


def wanted_trials(only: str) -> set[str]:
    """Read which trials are wanted, all unless told; a name that is none is refused."""
    known = {trial.name for trial in TRIALS}
    wanted = set(only.split(",")) if only else known
    if unknown := wanted - known:
        raise StackError(f"only={','.join(sorted(unknown))}: expected {', '.join(sorted(known))}")
    return wanted


def rows_of(figures: Mapping[str, Figure]) -> list[Row]:
    """Give rates, costs, and the ratios that must be reached."""
    rows = [
        Row(f"{title}: check-ins a second", round(figure.per_second), "/s")
        for title, figure in figures.items()
    ]
    rows += [
        Row(f"{title}: processor time", round(figure.cpu_s_per_million, 2), "s/million")
        for title, figure in figures.items()
    ]
    rate = {title: figure.per_second for title, figure in figures.items()}
    own, dedupe = "ours, no dedupe", "ours, dedupe"
    both = "ours, dedupe, roll-ups beside"
    if own in rate:
        rows.append(at_least("ours, no dedupe", round(rate[own]), 120_000, "/s"))
    if both in rate:
        rows.append(at_least(both, round(rate[both]), 40_000, "/s"))
        rows.append(Row("roll-ups behind counts at the end", figures[both].behind_s, "s"))
    for title, least in (("SQL on the JVM alone", 0.9), ("Python function, row by row", 2.0)):
        if {own, title} <= rate.keys():
            rows.append(
                at_least(f"ours over {title}", round(rate[own] / rate[title], 2), least, "x")
            )
    for title, base in (
        (own, "SQL on the JVM alone, no cells, areas, accounts"),
        (dedupe, own),
        (both, dedupe),
        (own, "ours, no dedupe, hashmap"),
    ):
        if {title, base} <= rate.keys():
            rows.append(Row(f"{title} over {base}", round(rate[title] / rate[base], 2), "x"))
    return rows


def check_ins(records: int) -> Iterator[Batch]:
    """Give the load, at the places of the bench's city."""
    return batches(Load(places=load(CITY).gazetteer.place_id.tolist(), records=records))


def decoded_per_s() -> int:
    """Give how fast this machine is at the least that any reader of JSON in Python must do."""
    payloads = [payload for batch in check_ins(100_000) for payload in batch.payloads]
    decode = msgspec.json.Decoder().decode
    taken_s = []
    for _ in range(5):
        began_s = time.process_time()
        for payload in payloads:
            decode(payload)
        taken_s.append(time.process_time() - began_s)
    return round(len(payloads) / min(taken_s))


@contextmanager
def engines(folder: Path, console: Console) -> Iterator[Stack]:
    """Start a broker and Flink of our own, and nothing else."""
    ports = Ports(preflight.suggestion(Ports(FIRST_BASE)))
    settings = Settings(city=CITY, ports=ports.base, stream=False)
    stack = Stack(Layout(folder), settings, find_java_home(os.environ))
    steps = Steps(console)
    stack.layout.make()
    up.fetch_jars(stack.layout, steps)
    up.write_configuration(stack)
    up.start_supervisor(stack)
    try:
        for name in (BROKER, JOBMANAGER, TASKMANAGER):
            up.start(stack, name)
        with steps.step("Broker and Flink"):
            up.wait_for_broker(stack)
            bus.ensure_topics(stack.bus, keep_all=True)
            up.wait_for_flink(stack)
        yield stack
    finally:
        up.down(stack.layout)


def produce(stack: Stack, records: int) -> None:
    """Put the load on the bus."""
    producer = Producer(
        {**stack.bus.client(), "linger.ms": 20, "batch.size": 1 << 20,
         "queue.buffering.max.messages": 500_000, "queue.buffering.max.kbytes": 400_000}
    )  # fmt: skip
    for batch in check_ins(records):
        for key, payload, arrival_ms in zip(
            batch.keys, batch.payloads, batch.arrival_ms, strict=True
        ):
            producer.produce(CHECKINS.name, value=payload, key=key, timestamp=arrival_ms)
        while len(producer) > 300_000:
            producer.poll(POLL_S)
    producer.flush()


def measure(stack: Stack, trial: Trial, records: int, parallelism: str) -> Figure:
    """Run one trial from empty results to the end of the log."""
    empty_results(stack)
    flink = Flink(url(stack.ports.flink))
    beside = submit(stack, trial.beside, trial.backend, "1") if trial.beside else None
    job_id = submit(stack, trial.name, trial.backend, parallelism, *trial.settings)
    try:
        figure = watch(stack, flink, job_id, records)
        if beside is not None:
            return Figure(figure.per_second, figure.cpu_s_per_million, caught_up(stack))
        return figure
    finally:
        for each in (job_id, beside):
            if each is not None:
                flink.cancel(each)
        ended = lambda: not any(job.is_active for job in flink.jobs())  # noqa: E731
        up.wait(stack, ended, 60, "the end is", JOBMANAGER)


def empty_results(stack: Stack) -> None:
    """Delete every topic but the load's, and make them anew."""
    admin = bus.admin(stack.bus)
    for done in admin.delete_topics([name for name in TOPICS if name != CHECKINS.name]).values():
        done.result()
    groups = [g.group_id for g in admin.list_consumer_groups().result().valid]
    for done in (admin.delete_consumer_groups(groups) if groups else {}).values():
        done.result()
    time.sleep(2)  # the broker deletes in the background, and refuses a name until it has
    bus.ensure_topics(stack.bus, keep_all=True)


def submit(stack: Stack, *words: str) -> str:
    """Submit a contender from a process of its own; give its job id."""
    said = subprocess.run(
        [sys.executable, "-P", "-m", "stack.bench.contenders", *words],
        env=the_programs.environment(
            stack.layout, stack.ports, stack.settings, stack.java_home, os.environ
        ),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ids = [line[4:] for line in said.stdout.splitlines() if line.startswith("job ")]
    if said.returncode != 0 or not ids:
        raise StackError(f"contender {words[0]} was not submitted: {said.stderr[-500:]}")
    return ids[-1]


def watch(stack: Stack, flink: Flink, job_id: str, records: int, wait_s: float = 600) -> Figure:
    """Note each checkpoint's time, offsets and processor time until the log's end is read."""
    committed = Committed(stack.bus, CHECKINS, "bench")
    points: list[tuple[float, int, float]] = []
    deadline = time.monotonic() + wait_s
    while not points or points[-1][1] < records:
        if time.monotonic() > deadline:
            health = flink.health(job_id)
            raise StackError(f"{points[-1:]} of {records} within {wait_s:g} s: {health.wrong}")
        if committed.total() > (points[-1][1] if points else 0):
            used_s = processor_s(stack)
            time.sleep(SETTLED_S)
            if begun_s := flink.last_checkpoint_begun_s(job_id):
                points.append((begun_s, committed.total(), used_s))
        time.sleep(POLL_S)
    return steady(points, records)


def steady(points: list[tuple[float, int, float]], records: int) -> Figure:
    """Give the rate between the first checkpoint past the warm-up and the last within the log.

    A last one at the log's end would hold the time in which there was nothing left to read.
    """
    inside = [point for point in points if WARM * records <= point[1] < records]
    if len(inside) < 2:
        raise StackError(
            f"{len(inside)} of {len(points)} checkpoints past the warm-up and before the end of "
            f"{records} records: expected two, take more records"
        )
    (begin_s, first, cpu_first), (end_s, last, cpu_last) = inside[0], inside[-1]
    n = last - first
    return Figure(n / (end_s - begin_s), (cpu_last - cpu_first) / n * 1e6)


def processor_s(stack: Stack) -> float:
    """Give the processor seconds that the TaskManager and its Python workers have used."""
    root = psutil.Process(int(stack.layout.pid_of(TASKMANAGER).read_text()))
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        try:
            used = process.cpu_times()
        except psutil.Error:
            continue
        total += used.user + used.system
    return total


def caught_up(stack: Stack, wait_s: float = 300) -> float:
    """Wait until the roll-ups have read every slice; give the seconds that took."""
    from schemas.topics import PLACE_MINUTES  # noqa: PLC0415

    committed = Committed(stack.bus, PLACE_MINUTES, "bench-rollups")
    began = time.monotonic()
    while committed.total() < committed.end():
        if time.monotonic() - began > wait_s:
            raise StackError(f"roll-ups did not catch up within {wait_s:g} s")
        time.sleep(POLL_S)
    return round(time.monotonic() - began, 1)
