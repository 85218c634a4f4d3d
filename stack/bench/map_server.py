"""Map server: what one more viewer costs, and whether 500 of them lose anything.

A process of its own serves the war room's real socket; its layer changes in every cell five
times a second. The viewers are web sockets of this process. Cost = CPU time of the serving
process with viewers less that without, per frame delivered.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect

from cities.pack import load
from dashboard.api.socket import Sockets
from dashboard.config import Limits, Pace
from dashboard.hub.hub import Hub, steady_ms
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.streams import Shown, first_update, next_update
from dashboard.hub.viewers import Viewers
from stack.bench.rows import Row, at_least, at_most

PERIOD_S = 0.2
SETTLE_S = 2.0
LAYER = Layer(9, Metric.PASSAGES, 15)
ASK = '{"subscribe": {"res": 9, "metric": "passages", "minutes": 15}}'


def run(seconds: float) -> list[Row]:
    """Measure 100 viewers at 10,000 and 100,000 cells, then 500 viewers at 10,000."""
    rows = []
    for cells in (10_000, 100_000):
        cost_ms, _, _ = measure(cells, 100, seconds)
        name = f"server CPU per viewer and frame, {cells:,} cells, 100 viewers"
        rows.append(at_most(name, round(cost_ms, 4), 0.1, "ms"))
    cost_ms, share, connected = measure(10_000, 500, seconds)
    rows.append(
        Row("server CPU per viewer and frame, 10,000 cells, 500 viewers", round(cost_ms, 4), "ms")
    )
    rows.append(at_least("viewers still connected of 500", connected, 500, ""))
    rows.append(at_least("frames delivered of those made, 500 viewers", round(share, 4), 0.99, ""))
    return rows


def measure(cells: int, viewers: int, seconds: float) -> tuple[float, float, int]:
    """Give CPU ms per frame delivered, the share of frames delivered, and who is connected."""
    port = _free_port()
    command = [sys.executable, "-m", "stack.bench.map_server", str(cells), str(port)]
    with subprocess.Popen(command) as server:
        try:
            return asyncio.run(_measure(psutil.Process(server.pid), port, viewers, seconds))
        finally:
            server.terminate()


async def _measure(
    server: psutil.Process, port: int, viewers: int, seconds: float
) -> tuple[float, float, int]:
    await _wait(port)
    idle_s = await _cpu_s(server, seconds / 2) * 2
    counts = [0] * viewers
    open_sockets = [
        await connect(f"ws://127.0.0.1:{port}/ws", max_size=None, compression=None) for _ in counts
    ]
    tasks = [asyncio.create_task(_watch(s, counts, i)) for i, s in enumerate(open_sockets)]
    await asyncio.sleep(SETTLE_S)
    before = sum(counts)
    busy_s = await _cpu_s(server, seconds)
    frames = sum(counts) - before
    connected = sum(not task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    share = frames / (viewers * seconds / PERIOD_S)
    return 1_000 * (busy_s - idle_s) / max(frames, 1), share, connected


async def _watch(ws: object, counts: list[int], i: int) -> None:
    await ws.send(ASK)  # type: ignore[attr-defined]
    async for message in ws:  # type: ignore[attr-defined]
        counts[i] += isinstance(message, bytes)


async def _cpu_s(server: psutil.Process, seconds: float) -> float:
    def used() -> float:
        times = server.cpu_times()
        return float(times.user + times.system)

    before = used()
    await asyncio.sleep(seconds)
    return used() - before


async def _wait(port: int) -> None:
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise TimeoutError(f"no server on port {port} within 60 s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(cells: int, port: int) -> None:
    """Serve the war room's socket with a layer whose every cell changes each period."""

    def now_ms() -> int:
        return time.time_ns() // 1_000_000

    viewers = Viewers(steady_ms, limit=2_000, queue=2, heartbeat_ms=1_000)
    hub = Hub(load("wuhan"), now_ms, limits=Limits(), pace=Pace(), viewers=viewers.accounts)

    async def change() -> None:
        rng = np.random.default_rng(1)
        marks = np.zeros(cells, dtype=np.uint8)
        update, due_s = None, time.monotonic()
        while True:
            values = rng.integers(0, 1_000, cells).astype(np.uint16)
            shown = Shown(now_ms(), now_ms(), values, marks)
            update = next_update(update, shown) if update else first_update(LAYER, shown)
            viewers.publish([update])
            due_s += PERIOD_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(change())
        yield
        task.cancel()

    app = Starlette(routes=[WebSocketRoute("/ws", Sockets(hub, viewers).serve)], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", ws_per_message_deflate=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
