"""The live page with its pixels watched: when a frame comes, and when a cell's colour changes.

A pixel is read in the map's own frame, right after it is drawn; reading it waits until all
drawing is done. Times are milliseconds of the machine's clock, the same here and in the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stack.bench.browser import chromium, in_one_line

VIEWPORT = {"width": 1366, "height": 768}
LONGEST_MS = 120_000
ANOTHER = 8  # levels of 255; neighbouring classes are 40 or more apart in one of the channels

WATCH = """
({ cells, another }) => {
  const { live, map, wire } = hexline;
  const { gl } = map.map.painter.context;
  const spots = cells.map((cell) => {
    const index = live.table.indexOf(cell);
    const { x, y } = map.map.project(live.table.centre(index));
    return { index, x, y };
  });
  const pixel = new Uint8Array(4);
  const colour = ({ x, y }) => {
    const scale = gl.drawingBufferHeight / map.map.getCanvas().clientHeight;
    const row = gl.drawingBufferHeight - 1 - Math.round(y * scale);
    gl.readPixels(Math.round(x * scale), row, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [...pixel];
  };
  const nextFrame = (look) => new Promise((resolve) => {
    map.map.once('render', () => resolve(look()));
    map.map.triggerRepaint();
  });
  const watched = new Map();
  const changes = [];
  const heard = wire.heard.bind(wire);
  wire.heard = (data) => {
    const now = Date.now();
    heard(data);
    for (const it of watched.values()) {
      if (!it.framed && wire.layer.values[spots[it.spot].index] === it.value) it.framed = now;
    }
  };
  map.map.on('render', () => {
    for (const [number, it] of watched) {
      const now = colour(spots[it.spot]);
      // The ground below and the dimming of old data change colours too, without the value.
      if (map.cells.codes[spots[it.spot].index] !== it.value) it.before = now;
      else if (now.some((level, i) => Math.abs(level - it.before[i]) > another)) {
        watched.delete(number);
        changes.push({ number, framed_ms: it.framed ?? 0, painted_ms: Date.now() });
      }
    }
  });
  globalThis.pixels = {
    values: () => spots.map(({ index }) => wire.layer.values[index]),
    colours: () => nextFrame(() => spots.map(colour)),
    watch: ({ number, spot, value }) => nextFrame(() => {
      watched.set(number, { spot, value, before: colour(spots[spot]) });
    }),
    changes: () => changes.splice(0),
  };
}
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A watched cell has another colour; `framed_ms` is 0 where no frame said why."""

    number: int
    framed_ms: int
    painted_ms: int


class WatchedPage:
    """A live page and the cells in it that are watched."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def values(self) -> list[int]:
        """Give the watched cells' values as they last came over the wire."""
        values: list[int] = self._page.evaluate("pixels.values()")
        return values

    def colours(self) -> list[list[int]]:
        """Give the colour in the middle of each watched cell, four levels of 255 each."""
        colours: list[list[int]] = self._page.evaluate("pixels.colours()")
        return colours

    def watch(self, number: int, spot: int, value: int) -> None:
        """Watch one cell from now on until its colour changes."""
        asked = {"number": number, "spot": spot, "value": value}
        self._page.evaluate("pixels.watch", asked)

    def changes(self) -> list[Change]:
        """Give the changes since the last call."""
        return [Change(**change) for change in self._page.evaluate("pixels.changes()")]

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._page.wait_for_timeout(1000 * seconds)


@contextmanager
def watched_page(
    url: str, centre: Sequence[float], zoom: float, cells: Iterable[str]
) -> Iterator[WatchedPage]:
    """Open the live page around `centre` (lat, lng) and watch these cells of resolution 9."""
    lat, lng = centre
    with in_one_line("the live page"), chromium() as browser:
        page = browser.new_page(viewport=VIEWPORT)
        page.set_default_timeout(LONGEST_MS)
        page.goto(f"{url}/?c={lng:.4f},{lat:.4f}&z={zoom}")
        page.wait_for_selector('html[data-map="ready"]')
        page.wait_for_function("hexline.live.table?.res === 9 && Boolean(hexline.map.cells)")
        page.evaluate(WATCH, {"cells": list(cells), "another": ANOTHER})
        yield WatchedPage(page)
