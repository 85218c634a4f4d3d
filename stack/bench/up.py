"""Up: from the command to the first coloured map, what all of it holds in memory, what it idles at.

    ./hexline up --rate 1000 --> address --> page --> a cell in its colour     seconds
                                               `--> history read, a minute more --> memory
    ./hexline up --no-stream --> all still, a minute more                      cores

Setting up comes before and is not counted: environment, jars and the browser are there.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console

from schemas.broker import Broker
from schemas.topics import CHECKINS
from stack import bus, preflight, up
from stack.bench.browser import chromium, in_one_line
from stack.bench.paced import flowing
from stack.bench.processes import memory_mib, processor_s
from stack.bench.rows import Row, at_least, at_most
from stack.errors import StackError
from stack.layout import CHECKOUT, Layout
from stack.ports import Ports, address, url
from stack.programs import BROKER, CITY_STREAM, JOBMANAGER, JOBS_KEEPER, TASKMANAGER, WAR_ROOM
from stack.rest import Rest
from stack.steps import Steps

CITY = "wuhan"
FIRST_BASE = 9300
VIEWPORT = {"width": 1366, "height": 768}
UP_WAIT_S = 600.0
PAGE_WAIT_MS = 120_000
FRESH_S = 5.0
FRESH_WAIT_S = 300.0
RATE_OVER_S = 10.0
FLOW_S = 600
POLL_S = 1.0
LONGEST_S, MOST_GIB, MOST_CORES = 90.0, 5.0, 0.4
ALWAYS = (BROKER, JOBMANAGER, TASKMANAGER, JOBS_KEEPER, WAR_ROOM)
CONSOLE = Console(stderr=True)

# A cell in the view whose pixel is nine tenths of its class' colour and one tenth of the ground's.
PAINTED = """
async () => {
  const { live, map } = hexline;
  const { classOf, COLOURS } = await import('/assets/js/classes.js');
  const { gl } = map.map.painter.context;
  const canvas = map.map.getCanvas();
  const { level } = COLOURS[document.documentElement.dataset.theme] ?? COLOURS.dark;
  const pixel = new Uint8Array(4);
  const isIts = (index) => {
    const k = classOf(live.codes[index], live.coded, 'level');
    if (typeof k !== 'number') return false;
    const { x, y } = map.map.project(live.table.centre(index));
    if (x < 0 || y < 0 || x >= canvas.clientWidth || y >= canvas.clientHeight) return false;
    const scale = gl.drawingBufferHeight / canvas.clientHeight;
    const row = gl.drawingBufferHeight - 1 - Math.round(y * scale);
    gl.readPixels(Math.round(x * scale), row, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [1, 3, 5].every((at, i) => {
      const painted = 0.9 * parseInt(level[k].slice(at, at + 2), 16);
      return pixel[i] >= painted - 2 && pixel[i] <= painted + 28;
    });
  };
  return new Promise((resolve) => {
    map.map.once('render', () => {
      resolve(live.codes.some((code, index) => code > 4 && isIts(index)));
    });
    map.map.triggerRepaint();
  });
}
"""
READY = "Boolean(globalThis.hexline?.map?.cells && hexline.live.codes && hexline.live.coded)"


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure; `rate=1000`, `settle=60`, `seconds=60`, `state=DIR`, `only=flow` or `idle`."""
    rate, settle_s, seconds = (
        float(options.get(name, usual))
        for name, usual in (("rate", 1_000), ("settle", 60), ("seconds", 60))
    )
    only = options.get("only", "")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hexline-bench-") as folder:
        layout = Layout(Path(options.get("state", folder)))
        layout.make()
        up.fetch_jars(layout, Steps(CONSOLE))
        base = preflight.suggestion(Ports(FIRST_BASE))
        if only != "idle":
            rows += flow_rows(layout, base, rate, settle_s)
        if only != "flow":
            rows += idle_rows(layout, base, settle_s, seconds)
    return rows


def flow_rows(layout: Layout, base: int, rate: float, settle_s: float) -> list[Row]:
    """Start with the city's stream: time to the first map, then memory in steady flow."""
    page = url(base)
    with in_one_line("the live page"), chromium() as browser, stopped_after(layout):
        began_s = time.monotonic()
        command(layout, base, "--rate", f"{rate:g}")
        address_s = time.monotonic() - began_s
        painted_s = first_paint(browser, page, began_s)
        browser.close()
        caught_up_s = wait_until_fresh(base)
        broker = Ports(base).broker
        # A city's rate is its mean over a day: what it lacks of it at this hour is added.
        lacking = max(0, round(rate - per_second_of(broker, RATE_OVER_S)))
        with flowing(Broker(address(broker)), CITY, lacking, FLOW_S) if lacking else nullcontext():
            per_second = per_second_of(broker, settle_s)
            sizes = memory_mib(layout)
    all_there(sizes, (*ALWAYS, CITY_STREAM))
    gib = round(sum(sizes.values()) / 1024, 2)
    return [
        at_most("up to the first coloured map", round(painted_s, 1), LONGEST_S, "s"),
        Row("  up to the address", round(address_s, 1), "s"),
        Row("  first map to history read", round(caught_up_s, 1), "s"),
        at_most(f"memory of everything at {rate:,.0f}/s", gib, MOST_GIB, "GiB"),
        at_least("  check-ins a second meanwhile", round(per_second), 0.95 * rate, "/s"),
        *by_program(sizes, "memory", "MiB", 0),
    ]


def idle_rows(layout: Layout, base: int, settle_s: float, seconds: float) -> list[Row]:
    """Start without a stream: the processor time of everything where nothing comes."""
    with stopped_after(layout):
        command(layout, base, "--no-stream")
        time.sleep(settle_s)
        before, began_s = processor_s(layout), time.monotonic()
        time.sleep(seconds)
        after, took_s = processor_s(layout), time.monotonic() - began_s
    all_there(after, ALWAYS)
    cores = {name: (after[name] - before.get(name, 0.0)) / took_s for name in after}
    if restarted := [name for name, value in cores.items() if value < 0]:
        raise StackError(f"{', '.join(restarted)}: started anew while it was measured")
    return [
        at_most("idle, all processes", round(sum(cores.values()), 3), MOST_CORES, "cores"),
        *by_program(cores, "idle", "cores", 3),
    ]


def all_there(figures: Mapping[str, float], names: Sequence[str]) -> None:
    """Refuse figures in which a program is missing: what has ended uses nothing."""
    if missing := [name for name in names if name not in figures]:
        raise StackError(f"{', '.join(missing)}: not running while it was to be measured")


def per_second_of(broker: int, seconds: float) -> float:
    """Give how many check-ins come in a second, over so many seconds."""
    before, began_s = end_of(Broker(address(broker))), time.monotonic()
    time.sleep(seconds)
    return (end_of(Broker(address(broker))) - before) / (time.monotonic() - began_s)


def end_of(broker: Broker) -> int:
    """Give how many check-ins the broker has."""
    return sum(extent.end for extent in bus.extents(broker, [CHECKINS.name]))


def by_program(figures: Mapping[str, float], what: str, unit: str, digits: int) -> list[Row]:
    """Give one row a program, the largest first."""
    largest_first = sorted(figures.items(), key=lambda item: -item[1])
    return [Row(f"  {what}, {name}", round(value, digits), unit) for name, value in largest_first]


@contextmanager
def stopped_after(layout: Layout) -> Iterator[None]:
    """Stop everything of a state folder when the block ends, however it does."""
    try:
        yield
    finally:
        up.down(layout)


def command(layout: Layout, base: int, *words: str) -> None:
    """Run `./hexline up` as a person would; it returns when it has printed the address."""
    where = ("--city", CITY, "--ports", str(base), "--state", str(layout.root))
    said = subprocess.run(
        [CHECKOUT / "hexline", "up", "-d", *where, *words],
        capture_output=True, text=True, check=False, timeout=UP_WAIT_S, env=os.environ,
    )  # fmt: skip
    if said.returncode != 0 or url(base) not in said.stdout:
        raise StackError(f"hexline up failed: {said.stdout[-500:]}{said.stderr[-500:]}")


def first_paint(browser: Any, address: str, began_s: float) -> float:
    """Open the page; give the seconds until a cell has its class' colour."""
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(address)
    page.wait_for_function(READY, timeout=PAGE_WAIT_MS)
    deadline_s = time.monotonic() + PAGE_WAIT_MS / 1000
    while not page.evaluate(PAINTED):
        if time.monotonic() > deadline_s:
            raise StackError(f"no cell of {address} has its colour")
    return time.monotonic() - began_s


def wait_until_fresh(base: int) -> float:
    """Wait until the history that a stream begins with is read; give the seconds it took."""
    began_s = time.monotonic()
    while not is_fresh(Rest(base)):
        if time.monotonic() - began_s > FRESH_WAIT_S:
            raise StackError(f"the history was not read within {FRESH_WAIT_S:g} s")
        time.sleep(POLL_S)
    return time.monotonic() - began_s


def is_fresh(web: Rest) -> bool:
    """Say whether the war room shows what arrived a moment ago."""
    fresh_s = (web.get("/api/status") or {}).get("freshness_s")
    return fresh_s is not None and fresh_s < FRESH_S
