"""Map page: from a frame's bytes in the browser's hand to the last pixel of the map.

The page is the real one; a server of this file gives it a table of cells and stays silent, and
the page is handed frames in which every cell changes. Painted = from the call that gets the
bytes to the return of gl.readPixels after the map's frame, which waits for all drawing. The
map fills 1280 x 720; all cells are on the screen; software rendering, so the processor draws.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import h3
import numpy as np
import uvicorn
from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.app import make_app
from dashboard.hub import classes, wire
from dashboard.hub.layers import Layer, Metric
from stack.bench.browser import chromium
from stack.bench.rows import Row, at_most

CENTRE = (30.593, 114.305)
LAYER = Layer(9, Metric.PASSAGES, 15)
LIMITS_MS = {10_000: 100.0, 100_000: 250.0}
VIEWPORT = {"width": 1280, "height": 720}
FULL = "#stage { position: fixed !important; inset: 0; z-index: 99; border: 0 !important }"

MEASURE = """
async (rounds) => {
  const { wire, live, map } = hexline;
  const n = live.table.n;
  map.resize();
  map.fit(live.table.box(1));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const frames = Array.from({ length: rounds }, (_, round) => {
    const buffer = new ArrayBuffer(32 + 3 * n);
    const head = new DataView(buffer);
    head.setUint8(1, 1);
    head.setUint16(2, wire.layer.layer, true);
    head.setUint32(4, wire.layer.seq + 1 + round, true);
    head.setFloat64(8, Date.now(), true);
    head.setUint32(24, n, true);
    const values = new Uint16Array(buffer, 32, n);
    for (let i = 0; i < n; i += 1) values[i] = 5 + ((i * 7919 + round * 613) % 1200);
    return buffer;
  });
  const times = [];
  const pixel = new Uint8Array(4);
  for (const frame of frames) {
    await new Promise((resolve) => setTimeout(resolve, 120));
    clearTimeout(live.resting);
    live.resting = null;
    live.restUntil = 0;
    const from = performance.now();
    const painted = new Promise((resolve) => {
      map.map.once('render', () => {
        const gl = map.map.painter.context.gl;
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
        times.push(performance.now() - from);
        resolve();
      });
    });
    wire.heard(frame);
    await painted;
  }
  return { n, times };
}
"""


class Still:
    """A snapshot that never changes: the panels beside the map have nothing to do."""

    def kpi(self) -> Mapping[str, Any]:
        """Give no key figures."""
        return {"arrival_ms": None, "minute_ms": None, "tiles": {}, "hour": {}}

    def status(self) -> Mapping[str, Any]:
        """Give an account of nothing."""
        return {"read": 0, "accepted": 0, "rejected": 0, "late": 0, "simulated": True}

    def epicurve(self) -> Mapping[str, Any]:
        """Give no cases."""
        return {"days": [], "categories": {}, "last_complete": None}

    def hottest(self, res: int, metric: str, minutes: int, n: int) -> Mapping[str, Any]:
        """Give no cells."""
        return {"rows": []}


def run(rounds: int) -> list[Row]:
    """Measure 10,000 and 100,000 cells that all change; median of the rounds."""
    rows = []
    for n, limit_ms in LIMITS_MS.items():
        median_ms, worst_ms = measure(n, rounds)
        name = f"painted, {n:,} cells all change, software rendering"
        rows.append(at_most(f"{name}, median of {rounds}", round(median_ms, 1), limit_ms, "ms"))
        rows.append(Row(f"{name}, slowest", round(worst_ms, 1), "ms"))
    return rows


def measure(n: int, rounds: int) -> tuple[float, float]:
    """Give median and slowest time to paint, in ms."""
    with served(n) as url, chromium() as browser:
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(url)
        page.wait_for_selector('html[data-map="ready"]', timeout=120_000)
        page.add_style_tag(content=FULL)
        page.wait_for_function("Boolean(hexline.live.table)", timeout=120_000)
        answer = page.evaluate(MEASURE, rounds)
    if answer["n"] != n:
        raise RuntimeError(f"the page drew {answer['n']} cells: expected {n}")
    times = np.array(answer["times"])
    return float(np.median(times)), float(times.max())


def cell_table(n: int) -> bytes:
    """Give a table of the `n` cells nearest the centre of Wuhan."""
    centre = h3.latlng_to_cell(*CENTRE, 9)
    k = 1
    while 3 * k * (k + 1) + 1 < n:
        k += 1
    cells = h3.grid_disk(centre, k)[:n]
    corners = np.array([corner_row(cell) for cell in cells], dtype=np.float32)
    ids = np.array([h3.str_to_int(cell) for cell in cells], dtype=np.uint64)
    area_km2 = np.full(n, 0.1, dtype=np.float32)
    return wire.table(9, b"benchmap", ids, area_km2, corners)


def corner_row(cell: str) -> list[float]:
    """Give lng, lat of six corners."""
    return [degrees for lat, lng in h3.cell_to_boundary(cell)[:6] for degrees in (lng, lat)]


def city_body() -> dict[str, Any]:
    """Describe a city that has cells of one resolution and no areas."""
    lat, lng = CENTRE
    return {
        "id": "bench", "name": "Bench", "name_en": "Bench", "version": "1", "timezone": "UTC",
        "clock": "live", "metrics": ["passages"],
        "synthetic": True, "simulated": True, "notes": {}, "levels": [], "k": 5,
        "bbox": [lng - 1, lat - 1, lng + 1, lat + 1], "resolutions": [9], "minutes": [1, 15, 60],
        "usual_minutes": 15,
        "breaks": classes.BUSY.breaks(),
    }  # fmt: skip


def application(n: int) -> Starlette:
    """Serve the real page with a table of `n` cells and one first frame."""
    table = cell_table(n)

    async def city(_: Request) -> Response:
        return JSONResponse(city_body())

    async def cells(_: Request) -> Response:
        return Response(table, media_type="application/octet-stream")

    async def socket_(ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_json({"hello": {"state": "live", "tables": {}}})
        await ws.receive_json()
        first = struct.pack("<BBHIddII", 0, 1, LAYER.number, 1, 0.0, 0.0, n, 0)
        await ws.send_bytes(first + bytes(3 * n))
        with suppress(WebSocketDisconnect):
            while True:
                await ws.receive_text()

    pages: Any = WSGIMiddleware(make_app(Still).server)
    routes = [
        Route("/api/city", city),
        Route("/api/cells/9.bin", cells),
        WebSocketRoute("/ws", socket_),
        Mount("/", pages),
    ]
    return Starlette(routes=routes)


@contextmanager
def served(n: int) -> Iterator[str]:
    """Serve on a free port of loopback while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = uvicorn.Config(application(n), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(10.0)
