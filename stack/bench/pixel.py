"""Pixel: from a check-in that is produced to the pixel of the map that it changes.

    load ------------.               (everything on one machine: broker, Flink, jobs, war room,
                     v                load, browser)
    probe --> broker --> counts --> place-minutes --> hub --> socket --> page --> pixel
    sent      acknowledged          readable                  framed              painted

A probe is one check-in at a place that the load leaves alone, in a cell whose count was led to
one below a break before: so that the cell changes its class, and its colour, with the probe and
with nothing else. Every cell has a footing, counted minutes before: where nearly all of a window
is one minute, the difference would tell a small count, and the war room withholds it until the
minute turns. All times are of the machine's one clock.
"""

from __future__ import annotations

import itertools
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import h3
import numpy as np
from rich.console import Console

from cities.pack import load
from dashboard.hub.classes import BUSY
from stack import preflight, up
from stack.bench.paced import flowing
from stack.bench.pixel_page import WatchedPage, watched_page
from stack.bench.probes import Ground, Probe, Prober, Slices, Target, ground_of
from stack.bench.rows import Row, at_least, at_most
from stack.bench.up import end_of, is_fresh
from stack.errors import StackError
from stack.layout import Layout
from stack.ports import Ports, url
from stack.rest import Rest
from stack.settings import Settings
from stack.up import Stack

CITY = "wuhan"
FIRST_BASE = 9300
ZOOM = 12.8
BREAKS = BUSY.counts[9][15]
FOOTING = 5
"""Counts under every target: the smallest that is shown."""
LOAD_S = 900
WAIT_S = 120.0
PROBE_WAIT_MS = 20_000
PROBING_S = 240.0
LONGEST_GAP_S = 1.6
LEAST_PROBES = 60
ENOUGH = 0.7
SETTLE_S = 2.0
P50_MS, P99_MS = 1_000.0, 2_000.0
CONSOLE = Console(stderr=True)


@dataclass
class Run:
    """A run under way: what it looks at, and what it has found."""

    stack: Stack
    page: WatchedPage
    prober: Prober
    slices: Slices
    targets: Sequence[Target]
    chance: np.random.Generator
    probes: list[Probe] = field(default_factory=list)
    per_second: float = 0.0


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure; `rate=5000`, `cells=40` times `rounds=3` probes, `warm=120` s, `detail=FILE`."""
    rate, cells, rounds, warm_s = (
        int(options.get(name, usual))
        for name, usual in (("rate", 5_000), ("cells", 40), ("rounds", 3), ("warm", 120))
    )
    if not 1 <= rounds <= len(BREAKS):
        raise StackError(f"rounds={rounds}: expected 1..{len(BREAKS)}, one a break")
    ground = ground_of(load(CITY).gazetteer, cells)
    with (
        tempfile.TemporaryDirectory(prefix="hexline-bench-") as folder,
        quiet_stack(Path(options.get("state", folder))) as stack,
        under_load(stack, ground, rate, warm_s) as started,
    ):
        probe_all(started, rounds)
        if "detail" in options:
            Path(options["detail"]).write_text("\n".join(map(str, started.probes)) + "\n")
        lag = lag_of(stack.web)
    return [
        *rows_of(started.probes),
        at_least("check-ins a second beside", round(started.per_second), 0.98 * rate, "/s"),
        Row("check-ins not yet counted at the end", lag, ""),
    ]


def lag_of(web: Rest) -> int:
    """Give how many check-ins are not yet counted; a war room that cannot tell fails the bench."""
    lag = (web.get("/api/status") or {}).get("lag")
    if lag is None:
        raise StackError("the war room does not tell how many check-ins are not yet counted")
    return int(lag)


@contextmanager
def quiet_stack(folder: Path) -> Iterator[Stack]:
    """Run a whole stack without its city's stream."""
    ports = preflight.suggestion(Ports(FIRST_BASE))
    layout = Layout(folder)
    try:
        yield up.up(layout, Settings(city=CITY, ports=ports, stream=False), CONSOLE)
    finally:
        up.down(layout)


@contextmanager
def under_load(stack: Stack, ground: Ground, rate: int, warm_s: float) -> Iterator[Run]:
    """Let the load flow and open the page; probing may begin."""
    names = [h3.int_to_str(target.cell) for target in ground.targets]
    with flowing(stack.bus, CITY, rate, LOAD_S, ground.quiet), Slices(stack.bus) as slices:
        until(lambda: is_fresh(stack.web), "the load on the map", time.sleep)
        prober = Prober(stack.bus)
        for target in ground.targets:
            prober.send(target, FOOTING)
        time.sleep(warm_s)
        latlng = h3.cell_to_latlng(ground.centre)
        with watched_page(url(stack.ports.web), latlng, ZOOM, names) as page:
            chance = np.random.default_rng(1)
            yield Run(stack, page, prober, slices, ground.targets, chance)


def until(
    so: Callable[[], bool], what: str, pause: Callable[[float], None], wait_s: float = WAIT_S
) -> None:
    """Wait until something is so, for a time."""
    deadline = time.monotonic() + wait_s
    while not so():
        if time.monotonic() > deadline:
            raise StackError(f"{what}: not within {wait_s:g} s")
        pause(0.2)


def probe_all(of: Run, rounds: int) -> None:
    """Lead the cells to one below a break and over it, break by break, and time the load."""
    began_s, end = time.monotonic(), end_of(of.stack.bus)
    for before, least in zip((FOOTING, *BREAKS), BREAKS[:rounds], strict=False):
        lead(of, before, least - 1)
        led = [spot for spot, value in enumerate(of.page.values()) if value == least - 1]
        probe_round(of, led, least, began_s + PROBING_S)
    of.per_second = (end_of(of.stack.bus) - end) / (time.monotonic() - began_s)


def lead(of: Run, now: int, to: int) -> None:
    """Raise every cell's count, and wait until the page has nearly all of them.

    A few may be withheld, to hide a neighbour that has just begun to count.
    """
    for target in of.targets:
        of.prober.send(target, to - now)
    enough = math.ceil(ENOUGH * len(of.targets))
    until(lambda: of.page.values().count(to) >= enough, f"{enough} cells at {to}", of.page.pause)
    of.page.pause(SETTLE_S)


def probe_round(of: Run, spots: Sequence[int], value: int, deadline_s: float) -> None:
    """Send one probe a cell, at moments drawn at random; wait for all of them."""
    numbers: dict[int, Probe] = {}
    for spot in of.chance.permutation(spots).tolist():
        if time.monotonic() > deadline_s:
            break
        number = len(of.probes)
        of.page.watch(number, spot, value)
        # The wait spans many beats of everything that beats on the way.
        of.page.pause(of.chance.uniform(0.0, LONGEST_GAP_S))
        numbers[number] = of.prober.probe(of.targets[spot], of.slices)
        of.probes.append(numbers[number])
        collect(of)
    deadline_s = time.monotonic() + PROBE_WAIT_MS / 1000
    while any(not probe.painted_ms for probe in numbers.values()) and time.monotonic() < deadline_s:
        of.page.pause(0.2)
        collect(of)
    tell_lost(of, numbers)


def tell_lost(of: Run, numbers: Mapping[int, Probe]) -> None:
    """Say of each probe that was not painted what its cell shows instead."""
    values = of.page.values()
    for probe in numbers.values():
        if not probe.painted_ms:
            CONSOLE.print(
                f"not painted: {probe}, its cell is at {values[of.targets.index(probe.target)]}"
            )


def collect(of: Run) -> None:
    """Take what the page has seen."""
    for change in of.page.changes():
        probe = of.probes[change.number]
        probe.framed_ms, probe.painted_ms = change.framed_ms, change.painted_ms


def rows_of(probes: Sequence[Probe]) -> list[Row]:
    """Give the whole way and its parts; a probe that was not painted took as long as we waited."""
    whole = np.array([
        p.painted_ms - p.sent_ms if p.painted_ms else PROBE_WAIT_MS for p in probes
    ])  # fmt: skip
    lost = sum(not probe.painted_ms for probe in probes)
    p50, p90, p99, most = np.percentile(whole, [50, 90, 99, 100], method="higher")
    name = "check-in sent to pixel changed"
    return [
        at_most(f"{name}, p50", int(p50), P50_MS, "ms"),
        Row(f"{name}, p90", int(p90), "ms"),
        at_most(f"{name}, p99", int(p99), P99_MS, "ms"),
        Row(f"{name}, slowest", int(most), "ms"),
        *parts_of([probe for probe in probes if probe.painted_ms]),
        at_least("probes", len(probes), LEAST_PROBES, ""),
        at_most("probes not painted", lost, 0, ""),
    ]


def parts_of(probes: Sequence[Probe]) -> list[Row]:
    """Give the median and p99 of each part of the way, of probes seen at both its ends."""
    stops = ("sent_ms", "acknowledged_ms", "readable_ms", "framed_ms", "painted_ms")
    rows = []
    for begin, end in itertools.pairwise(stops):
        both = [(getattr(probe, begin), getattr(probe, end)) for probe in probes]
        taken = [after - before for before, after in both if before and after]
        if taken:
            p50, p99 = np.percentile(taken, [50, 99], method="higher")
            name = f"  {begin[:-3]} to {end[:-3]}"
            rows += [Row(f"{name}, p50", int(p50), "ms"), Row(f"{name}, p99", int(p99), "ms")]
    return rows
