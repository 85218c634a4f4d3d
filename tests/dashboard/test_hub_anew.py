"""When a topic was made anew, the hub forgets the old log, and every page follows."""

from __future__ import annotations

from itertools import count

import pytest
from starlette.testclient import TestClient

from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from dashboard.hub.hub import Hub
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.minutes import Kind, MinuteMasks
from dashboard.hub.source import Batch
from dashboard.hub.viewers import Viewer, Viewers
from tests.dashboard.fake_city import fake_city
from tests.dashboard.served import Played, wait_for, wait_until
from tests.dashboard.slices import MINUTE_MS, NOON, batch, point_record, record_of
from tests.oracles.hub import read_frame

CITY = fake_city(side=4, places_per_grid=2)
G = CITY.gazetteer
LAYER = Layer(9, Metric.PASSAGES, 15)
ANEW = Batch(caught_up=False, anew=True)
NO_DATA = 65535
POINTS = ("8c411c814a405ff", "8c411c8146013ff", "8c411c8a56013ff")


class Clock:
    """A clock that a test moves on."""

    now_ms = NOON * MINUTE_MS + 40_000

    def __call__(self) -> int:
        """Give what was set."""
        return self.now_ms


class Page:
    """One hub, one page that looks at it, and what the page knows from frames alone."""

    def __init__(self) -> None:
        self.clock = clock = Clock()
        self.viewers = Viewers(clock, limit=1, queue=2, heartbeat_ms=1_000)
        self.hub = Hub(
            CITY, clock, limits=Limits(), pace=Pace(), wanted=self.viewers.wanted, steady_ms=clock
        )
        self.viewer = Viewer()
        self.viewers.join(self.viewer)
        self.viewers.subscribe(self.viewer, LAYER)
        self.seq, self.values, self.arrival_ms = None, [], None

    def see(self, *batches: Batch) -> None:
        """Let the hub take batches, and the page what is sent to it; none may be missing."""
        for one in batches:
            self.clock.now_ms += 1_000
            self.hub.take(one)
            self.hub.tick(lambda _, updates: self.viewers.publish(updates))
            while (message := self.viewers.take(self.viewer)) is not None:
                self._hear(read_frame(message))

    def _hear(self, frame: dict) -> None:
        if frame["kind"] == 0:
            self.values = frame["values"]
        elif frame["kind"] == 1:
            assert frame["seq"] == self.seq + 1
            for index, value in zip(frame["index"], frame["values"], strict=True):
                self.values[index] = value
        else:
            assert frame["seq"] in (self.seq, self.seq + 1)
        self.seq, self.arrival_ms = frame["seq"], frame["arrival_ms"]

    def shown(self) -> dict[int, int]:
        """Give what is shown of each cell of which something is known."""
        table = self.hub.view.tables[-1].cells.tolist()
        pairs = zip(table, self.values, strict=True)
        return {cell: value for cell, value in pairs if value != NO_DATA}

    def really(self) -> dict[int, int]:
        """Give the same as the hub has it."""
        values, _ = self.hub.view.frame.layer(LAYER)
        pairs = zip(self.hub.view.tables[-1].cells.tolist(), values.tolist(), strict=True)
        return {cell: value for cell, value in pairs if value != NO_DATA}


def points(*cells: str, n: int) -> list[dict]:
    return [point_record(cell, NOON, [n]) for cell in cells]


def old() -> Batch:
    return batch([record_of(G, 0, NOON, [90]), *points(*POINTS, n=33)])


@pytest.mark.parametrize(
    "new",
    [
        batch([record_of(G, 0, NOON, [7])]),
        batch([record_of(G, 3, NOON - 30, [40])]),  # its clock is behind that of the old log
        batch(points(*reversed(POINTS), n=20)),  # the same cells in another order
        batch(points(POINTS[1], n=33)),
    ],
    ids=["fewer", "earlier", "other order", "one of them"],
)
def test_a_page_shows_nothing_known_and_then_the_new_log_alone(new):
    page = Page()
    page.see(old())
    assert sorted(page.shown().values()) == [33, 33, 33, 90]
    page.see(ANEW)
    assert page.shown() == {}
    assert page.arrival_ms == 0
    page.see(new)
    assert page.shown() == page.really() != {}


def test_a_new_log_without_anything_leaves_nothing_known():
    page = Page()
    page.see(old(), ANEW, Batch(ends={0: 0}))
    assert page.shown() == {}
    assert page.hub.view.state.state == "empty"


def test_who_comes_while_the_new_log_is_read_sees_nothing_known_and_then_the_log():
    page = Page()
    page.see(old(), ANEW)
    page.viewers.subscribe(page.viewer, Layer(8, Metric.PASSAGES, 15))
    page.see(Batch(caught_up=False))
    assert set(page.values) == {NO_DATA}
    page.viewers.subscribe(page.viewer, LAYER)
    page.see(batch([record_of(G, 0, NOON, [7])]))
    assert page.shown() == page.really()


def test_no_count_case_or_account_of_the_old_log_is_left():
    page = Page()
    page.see(old(), Batch(ends={0: 9, 3: 9}, begun_ms=1))
    page.see(ANEW, batch([record_of(G, 0, NOON, [7])], ends={0: 5}))
    view = page.hub.view
    assert view.kpi()["tiles"]["passages"]["value"] == 7
    assert page.hub.state.accounts.ends == {0: 5}
    assert page.hub.state.begun_ms is None
    assert view.status()["hub"]["slices"] == 1


def test_masks_of_a_minute_are_not_those_of_the_old_log():
    page = Page()
    masks = MinuteMasks(CITY.small_count)
    page.see(batch([record_of(G, 0, NOON, [3])]))
    node = (Kind.AREAS, int(G.grid[0]))

    def hidden() -> bool:
        state, frame = page.hub.state, page.hub.view.frame
        return bool(masks.of_node(state, frame.geography, node, 1).any())

    assert hidden()
    page.see(ANEW, batch([record_of(G, 0, NOON, [300])]))
    assert not hidden()


def test_the_api_answers_from_the_new_log():
    given = [old(), ANEW, batch([record_of(G, 0, NOON, [7])])]
    ticking = count(NOON * MINUTE_MS + 40_000, 100)
    app = make_asgi(CITY, lambda: Played(given), lambda: next(ticking), Limits(), Pace(tick_ms=0))
    with TestClient(app) as client:
        wait_until(client, lambda view: view.status()["hub"]["slices"] == 1)  # old: 4, also live
        wait_for(client, "live")
        assert client.get("/api/kpi").json()["tiles"]["passages"]["value"] == 7
        grid = str(G.area_id[G.grid[0]])
        assert client.get(f"/api/area/{grid}").json()["now"]["passages"] == 7
