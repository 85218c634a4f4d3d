"""The page of a real stack in a real browser, for tests that look at both."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil

LONGEST_MS = 90_000
LIVE = '#chip:is([data-state="live"], [data-state="late"], [data-state="replay"])'
# Keeps the legend of each of the newest frames that were drawn, by its arrival clock.
REMEMBER = """
() => {
  const { live, chip } = hexline;
  window.seen = new Map();
  setInterval(() => {
    if (!live.counted || live.layer !== live.newest || seen.has(chip.arrivalMs)) return;
    const rows = [...document.querySelectorAll('.legend-row')];
    const n = Object.fromEntries(rows.map(({ dataset }) => [dataset.k, Number(dataset.n)]));
    seen.set(chip.arrivalMs, {
      page: { cells: [0, 1, 2, 3, 4, 5, 6].map((k) => n[k]), withheld: n[7] },
      all: Object.values(n).reduce((sum, one) => sum + one, 0), table: live.layer.values.length,
    });
    if (seen.size > 100) seen.delete(seen.keys().next().value);
  }, 50);
}
"""
# One of them beside what the server says of the same moment; null if the page did not draw it.
SAME_MOMENT = """
async () => {
  const kpi = await (await fetch('/api/kpi')).json();
  for (let i = 0; i < 20 && !seen.has(kpi.arrival_ms); i += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  const { cells, withheld } = kpi.classes;
  const drawn = seen.get(kpi.arrival_ms);
  return drawn ? { ...drawn, server: { cells, withheld } } : null;
}
"""


@contextmanager
def opened(browser: Any, url: str) -> Iterator[Any]:
    """Open the page where every cell is of resolution 9, and wait until it shows cells."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(LONGEST_MS)
    page.goto(url)
    page.wait_for_selector('html[data-map="ready"]')
    page.evaluate("hexline.map.map.jumpTo({ zoom: 12 })")
    page.wait_for_function("hexline.live.anyKnown && hexline.live.table?.res === 9")
    page.evaluate("window.mark = 1")
    page.evaluate(REMEMBER)
    try:
        yield page
    finally:
        context.close()


def legends(page: Any, wait_s: float = 90) -> dict[str, Any]:
    """Give the legend on the page and the server's, both of one moment."""
    deadline = time.monotonic() + wait_s
    while (both := page.evaluate(SAME_MOMENT)) is None:
        assert time.monotonic() < deadline, "page and server were never of one moment"
    return both


def frames_go_on(page: Any) -> None:
    """Wait for a new frame; the page must be the same that it was, not one loaded anew."""
    before = page.evaluate("hexline.live.frames")
    page.wait_for_function("before => hexline.live.frames > before", arg=before)
    assert page.evaluate("window.mark") == 1


@contextmanager
def asleep() -> Iterator[None]:
    """Stop every process of the browser, as a machine's sleep does, and let them go on."""
    mine = psutil.Process().children(recursive=True)
    browsers = [process for process in mine if "chrom" in process.name()]
    assert browsers, "no browser is running"
    for process in browsers:
        process.suspend()
    try:
        yield
    finally:
        for process in browsers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
