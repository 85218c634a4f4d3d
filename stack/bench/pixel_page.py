"""The live page with its pixels watched: when a frame comes, and when a cell's colour changes.

Pixels are read in the map's own frame, right after it is drawn; reading them waits until all
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
# A square in the middle of a cell, in pixels; another colour is one that differs by so many levels
# of 255 (neighbouring classes are 40 or more apart in a channel) in so large a part of it.
COLOURS = {"side": 21, "another": 8, "enough": 0.15}


WATCH = """
({ cells, side, another, enough }) => {
  const { live, map, wire } = hexline;
  const { gl } = map.map.painter.context;
  const spots = cells.map((cell) => {
    const index = live.table.indexOf(cell);
    const { x, y } = map.map.project(live.table.centre(index));
    return { index, x, y };
  });
  const middle = ({ x, y }) => {
    const pixels = new Uint8Array(4 * side * side);
    const scale = gl.drawingBufferHeight / map.map.getCanvas().clientHeight;
    const left = Math.round(x * scale - side / 2);
    const row = Math.round(gl.drawingBufferHeight - 1 - y * scale - side / 2);
    gl.readPixels(left, row, side, side, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return pixels;
  };
  // A name or a line may lie over a part of a cell: that part does not change.
  const isAnother = (before, now) => {
    let changed = 0;
    for (let i = 0; i < now.length; i += 4) {
      changed += [0, 1, 2].some((c) => Math.abs(now[i + c] - before[i + c]) > another);
    }
    return changed >= enough * side * side;
  };
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
      const now = middle(spots[it.spot]);
      // The ground below and the dimming of old data change colours too, without the value.
      if (map.cells.codes[spots[it.spot].index] !== it.value) it.before = now;
      else if (isAnother(it.before, now)) {
        watched.delete(number);
        changes.push({ number, framed_ms: it.framed ?? 0, painted_ms: Date.now() });
      }
    }
  });
  globalThis.pixels = {
    values: () => spots.map(({ index }) => wire.layer.values[index]),
    watch: ({ number, spot, value }) => new Promise((resolve) => {
      map.map.once('render', () => {
        watched.set(number, { spot, value, before: middle(spots[spot]) });
        resolve();
      });
      map.map.triggerRepaint();
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
        page.evaluate(WATCH, {"cells": list(cells), **COLOURS})
        yield WatchedPage(page)
