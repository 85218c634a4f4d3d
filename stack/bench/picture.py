"""Picture: whether the job keeps up with a rush hour of slices, and says each tick in time.

    slices, 5,000 a second --.
    cases, 2,000 ------------+--> picture --> cell-density and the other topics

Slices are those of the city's own places, each place some times a minute, with full counts that
grow. A tick's delay is the broker's time of the last record of a tick, less the tick's own time,
which its revision tells: the second in which it was due.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import numpy as np
from confluent_kafka import Consumer, Producer, TopicPartition
from rich.console import Console

from cities.pack import CityPack, load
from jobs.rest import Flink
from jobs.steps.picture.ground import Ground
from schemas.records import CaseReport, PlaceMinute
from schemas.times import DAY_MS, minute_of
from schemas.topics import CASES, CELL_DENSITY, PLACE_MINUTES
from stack import programs as the_programs
from stack.bench.counts import engines
from stack.bench.rows import Row, at_least, at_most
from stack.errors import StackError
from stack.rest import Rest
from stack.up import Stack

CITY = "wuhan"
RATE, SECONDS, CASES_SENT = 5_000, 120.0, 2_000
BATCHES_A_SECOND = 10
CONSOLE = Console(stderr=True)


class Said(msgspec.Struct):
    """What the bench needs of a statement."""

    revision: int
    complete_to_ms: int


def run(options: Mapping[str, str]) -> list[Row]:
    """Send slices at a rate and look at ticks and checkpoints; see the list of benches."""
    rate, seconds = int(options.get("rate", RATE)), float(options.get("seconds", SECONDS))
    pack = load(CITY)
    with (
        tempfile.TemporaryDirectory(prefix="hexline-bench-") as folder,
        engines(Path(options.get("state", folder)), CONSOLE) as stack,
    ):
        job_id = submitted(stack)
        Flink(f"http://127.0.0.1:{stack.ports.flink}").until_healthy(job_id, 180)
        send_cases(stack, pack)
        sent, took_s, last_ms = send_slices(stack, pack, rate, seconds)
        behind_s = said_up_to(stack, last_ms)
        return rows_of(stack, pack, job_id, sent=sent, took_s=took_s, behind_s=behind_s)


def submitted(stack: Stack) -> str:
    """Submit the job from a process of its own; give its id."""
    words = (
        "import os; from jobs.control import submit; print('job', submit('picture', os.environ))"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", words],
        env=the_programs.environment(
            stack.layout, stack.ports, stack.settings, stack.java_home, os.environ
        ),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ids = [line[4:] for line in said.stdout.splitlines() if line.startswith("job ")]
    if not ids:
        raise StackError(f"picture was not submitted: {said.stderr[-500:]}")
    return ids[-1]


def send_cases(stack: Stack, pack: CityPack) -> None:
    """Send cases of the last seven weeks, at the city's places."""
    chance, now_ms = np.random.default_rng(1), int(time.time() * 1000)
    producer = Producer(stack.bus.client())
    for number in range(CASES_SENT):
        report = CaseReport(
            v=1, case_id=f"case-{number}", revision=1, category="confirmed", status="open",
            report_ms=now_ms - int(chance.integers(0, 49 * DAY_MS)), source="sim:bench",
            place_id=str(chance.choice(pack.gazetteer.place_id)),
        )  # fmt: skip
        value = msgspec.json.encode(report)
        producer.produce(CASES.name, key=report.case_id, value=value, timestamp=report.report_ms)
    producer.flush()


def send_slices(stack: Stack, pack: CityPack, rate: int, seconds: float) -> tuple[int, float, int]:
    """Send slices that grow, evenly over the time; give number, seconds and the last arrival."""
    chance, gazetteer = np.random.default_rng(2), pack.gazetteer
    producer = Producer(
        {**stack.bus.client(), "linger.ms": 20, "queue.buffering.max.messages": 500_000}
    )
    ends = [_ending(pack, row) for row in range(len(gazetteer.place_id))]
    began, sent, last_ms = time.monotonic(), 0, 0
    while (passed := time.monotonic() - began) < seconds:
        now_ms = int(time.time() * 1000)
        grown = 1 + now_ms % 60_000 // 1_000
        head = f'{{"v":1,"minute_ms":{minute_of(now_ms)},"arrival_ms":{now_ms},"n_in":{grown},'
        for row in chance.integers(0, len(ends), max(0, int(passed * rate) - sent)).tolist():
            key = f"{gazetteer.place_id[row]}|{minute_of(now_ms)}"
            producer.produce(PLACE_MINUTES.name, key=key, value=head + ends[row])
            sent, last_ms = sent + 1, now_ms
        producer.poll(1.0 / BATCHES_A_SECOND)
    producer.flush()
    return sent, time.monotonic() - began, last_ms


def _ending(pack: CityPack, row: int) -> str:
    """Give the part of a slice that is the same for all minutes of a place."""
    gazetteer = pack.gazetteer
    cells, grid = gazetteer.cells[row], gazetteer.area_id[gazetteer.grid[row]]
    record = PlaceMinute(
        place_id=gazetteer.place_id[row], minute_ms=0, arrival_ms=0, n_in=0, n_out=2, n_pass=3,
        n_denied=0, n_screened=4, n_fever=0, n_simulated=5, grid=grid,
        cell7=f"{cells[0]:x}", cell8=f"{cells[1]:x}", cell9=f"{cells[2]:x}",
    )  # fmt: skip
    fields = msgspec.to_builtins(record)
    for name in ("v", "minute_ms", "arrival_ms", "n_in"):
        del fields[name]
    return msgspec.json.encode(fields).decode()[1:]


def said_up_to(stack: Stack, last_arrival_ms: int, wait_s: float = 120) -> float:
    """Wait until all partitions are folded up to an arrival; give the seconds.

    Of the last second each partition has some slices, but not all have one of its last instant.
    """
    began, due_ms = time.monotonic(), last_arrival_ms - 1_000
    while not any(said.complete_to_ms >= due_ms for _, said in densities(stack)):
        if time.monotonic() - began > wait_s:
            raise StackError(f"the picture is more than {wait_s:g} s behind")
        time.sleep(1.0)
    return time.monotonic() - began


def densities(stack: Stack) -> list[tuple[int, Said]]:
    """Read all densities said, each with the broker's time."""
    consumer = Consumer({**stack.bus.client(), "group.id": "bench", "enable.auto.commit": False})
    part = TopicPartition(CELL_DENSITY.name, 0, 0)
    try:
        end = consumer.get_watermark_offsets(part, timeout=10)[1]
        consumer.assign([part])
        found: list[tuple[int, Said]] = []
        while len(found) < end:
            for each in consumer.consume(10_000, 1.0):
                value = msgspec.json.decode(each.value() or b"", type=Said)
                found.append((int(each.timestamp()[1]), value))
        return found
    finally:
        consumer.close()


def rows_of(
    stack: Stack, pack: CityPack, job_id: str, *, sent: int, took_s: float, behind_s: float
) -> list[Row]:
    """Give delays of ticks, times of checkpoints, and size of state."""
    every_s = pack.statistics.density_every_s
    delays = delays_of(densities(stack), every_s)
    points = checkpoints(stack, job_id)
    slow = [point["end_to_end_duration"] / 1000 for point in points]
    cells = len(Ground.of(pack.gazetteer, 0).cells)
    return [
        Row("cells of the statistics", cells, ""),
        at_least("slices sent and folded", round(sent / took_s), 4_900, "/s"),
        at_least("ticks beside the first", len(delays), took_s // every_s - 1, ""),
        at_most("behind at the end, a tick included", round(behind_s, 1), 13, "s"),
        Row("tick until its last record, median", _at(delays, 0.5), "s"),
        at_most("tick until its last record, 95 %", _at(delays, 0.95), 3, "s"),
        Row("tick until its last record, slowest", round(max(delays), 2), "s"),
        Row("checkpoint, median", _at(slow, 0.5), "s"),
        at_most("checkpoint, 95 %", _at(slow, 0.95), 2, "s"),
        Row("state", round(points[0]["state_size"] / 1e6, 2), "MB"),
        Row("state a cell", round(points[0]["state_size"] / cells), "bytes"),
    ]


def delays_of(densities_: Iterable[tuple[int, Said]], every_s: int) -> list[float]:
    """Give the seconds until the last record of each tick but the first, which says everything."""
    ticks: dict[int, list[int]] = defaultdict(list)
    for written_ms, said in densities_:
        ticks[said.revision // every_s * every_s].append(written_ms)
    delays = [max(written) / 1000 - due_s for due_s, written in sorted(ticks.items())][1:]
    if not delays:
        raise StackError(f"{len(ticks)} tick: expected two at least, take more seconds")
    return delays


def _at(seconds: list[float], share: float) -> float:
    return round(float(np.quantile(seconds, share)), 2)


def checkpoints(stack: Stack, job_id: str) -> list[dict[str, float]]:
    """Give the last checkpoints that were completed, newest first."""
    said = Rest(stack.ports.flink).get(f"/jobs/{job_id}/checkpoints") or {}
    done = [point for point in said.get("history", ()) if point["status"] == "COMPLETED"]
    if not done:
        raise StackError("no checkpoint was completed")
    return done
