"""The API served over a small city whose every count is known."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterator

import numpy as np
from starlette.testclient import TestClient

from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from dashboard.hub.source import Batch, CaseMessage
from dashboard.hub.view import HubView
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

CITY = fake_city(side=4, places_per_grid=3)
G = CITY.gazetteer
NOW_MS = NOON * MINUTE_MS + 40_000
RNG = np.random.default_rng(3)


class Played:
    """A source that gives its batches and then waits, as a quiet bus does."""

    def __init__(self, batches: list[Batch]) -> None:
        self.given, self.done, self.more = batches, threading.Event(), threading.Event()

    def batches(self) -> Iterator[Batch]:
        """Give the batches, then nothing new."""
        yield from self.given
        last = self.given[-1]
        while not self.done.is_set():
            self.more.wait(0.01)
            yield Batch(caught_up=last.caught_up, trouble=last.trouble)

    def close(self) -> None:
        """Wait no longer."""
        self.done.set()


def records() -> list[dict]:
    """Give every place some slices in the last two hours; many counts are small."""
    made = []
    for place in range(len(G.place_id) - 3):
        for age in RNG.integers(0, 125, 12).tolist():
            n = RNG.poisson(RNG.choice([1, 8, 30]), 3).tolist()
            made.append(record_of(G, place, NOON - age, [*n, 1, n[0], n[0] // 8]))
    return made


RECORDS = records()
PROGRESS = {
    "v": 1, "topic": "checkins", "partition": 0, "first_offset": 0, "offset": 899, "read": 900,
    "accepted": 880, "rejected": 15, "late": 5, "arrival_ms": NOON * MINUTE_MS + 35_000,
}  # fmt: skip


def case(n: int, **more) -> CaseMessage:
    fields = {
        "v": 1, "case_id": f"c{n}", "revision": 1, "category": "confirmed", "status": "open",
        "report_ms": NOW_MS - 86_400_000, "source": "sim:cases", "area_id": "g0-0",
    }  # fmt: skip
    return CaseMessage(0, n, NOW_MS, json.dumps({**fields, **more}).encode())


CASES = [case(n) for n in range(9)] + [case(99, area_id="nowhere"), case(98, revision=0)]
CASES += [case(97, report_ms=NOW_MS - 40 * 86_400_000)]
FULL = [
    batch(RECORDS, cases=CASES, progress=[json.dumps(PROGRESS).encode()], ends={0: 1_000}),
]


def client_of(batches: list[Batch], city=CITY) -> TestClient:
    # nobody waits for a hub that rests after a tick
    restless = Pace(tick_ms=0, busy_share=math.inf)
    return TestClient(make_asgi(city, lambda: Played(batches), lambda: NOW_MS, Limits(), restless))


def wait_for(client: TestClient, state: str) -> None:
    """Wait until the hub says that it is in a state."""
    wait_until(client, lambda view: view.state.state == state)


def wait_until(client: TestClient, so: Callable[[HubView], bool]) -> None:
    """Wait for five seconds until something is so of the hub's view."""
    hub = client.app.state.hub
    for _ in range(500):
        if so(hub.view):
            return
        threading.Event().wait(0.01)
    raise AssertionError(hub.view.status())
