"""A clock that is set back holds up nothing, and is told: no age is made up for what is ahead."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from dashboard.api.health import health
from dashboard.config import Limits, Pace
from dashboard.hub.hub import Hub
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.source import Batch
from dashboard.hub.viewers import Viewer, Viewers
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

LAYER = Layer(9, Metric.PASSAGES, 15)
HALF_AN_HOUR_MS = 30 * MINUTE_MS


@dataclass
class WarRoom:
    """A hub with one viewer, and two clocks: the time of day can be set."""

    kind: str = "live"
    now_ms: int = NOON * MINUTE_MS + 40_000
    steady_ms: int = 5_000
    sent: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.city = fake_city(side=4, places_per_grid=2, clock=self.kind)
        self.viewers = Viewers(lambda: self.steady_ms, limit=1, queue=2, heartbeat_ms=1_000)
        self.hub = Hub(
            self.city, lambda: self.now_ms, limits=Limits(), pace=Pace(),
            wanted=self.viewers.wanted, steady_ms=lambda: self.steady_ms,
        )  # fmt: skip
        self.viewer = Viewer()
        self.viewers.join(self.viewer)
        self.viewers.subscribe(self.viewer, LAYER)

    def passes(self, *batches: Batch, ms: int = 1_000) -> int:
        """Let time pass and take batches; give how many messages the viewer got."""
        self.now_ms += ms
        self.steady_ms += ms
        before = len(self.sent)
        for one in batches or (Batch(),):
            self.hub.take(one)
        self.hub.tick(lambda _, updates: self.viewers.publish(updates, "quiet"))
        while (message := self.viewers.take(self.viewer)) is not None:
            self.sent.append(message)
        return len(self.sent) - before

    def passed(self, n: int) -> Batch:
        """Give a place's count of the minute it is now."""
        minute = self.now_ms // MINUTE_MS
        return batch([record_of(self.city.gazetteer, 0, minute, [n], self.now_ms)])

    def health(self) -> dict:
        """Give what `/health` answers."""
        return health(self.hub.view.status(), self.hub.age_ms(), Pace().fresh_ms)


@pytest.fixture
def room() -> WarRoom:
    made = WarRoom()
    assert made.passes(made.passed(9)) == 1
    assert made.health()["healthy"]
    return made


def test_views_and_heartbeats_go_on_when_the_clock_is_set_back(room):
    room.now_ms -= HALF_AN_HOUR_MS
    ticks = room.hub.view.status()["hub"]["ticks"]
    assert [room.passes(room.passed(20 + n)) for n in range(3)] == [1, 1, 1]
    assert room.hub.view.status()["hub"]["ticks"] == ticks + 3
    assert [room.passes() for _ in range(3)] == [1, 1, 1]


def test_what_is_ahead_of_a_clock_that_was_set_back_has_no_age_and_is_not_healthy(room):
    room.now_ms -= HALF_AN_HOUR_MS
    room.passes(room.passed(20))
    status, answer = room.hub.view.status(), room.health()
    assert (status["freshness_s"], status["state"]) == (None, "live")
    assert answer["reasons"] == [status["trouble"]]
    assert "the newest arrival is 1798 s ahead of now" in status["trouble"]
    room.passes(ms=HALF_AN_HOUR_MS - 2_000)
    assert room.hub.view.status()["freshness_s"] == 0.0
    assert room.health()["healthy"]


def test_a_hub_that_hangs_is_told_also_while_the_clock_is_set_back(room):
    room.now_ms -= HALF_AN_HOUR_MS
    room.steady_ms += 6_000
    assert any("published nothing for 6 s" in reason for reason in room.health()["reasons"])


def test_a_clock_set_forward_makes_no_hub_hang(room):
    room.now_ms += HALF_AN_HOUR_MS
    assert room.hub.age_ms() == 0


def test_freshness_of_a_replay_is_when_its_clock_last_moved_whatever_time_it_is():
    room = WarRoom("replay")
    room.passes(room.passed(9))
    room.now_ms -= HALF_AN_HOUR_MS
    room.passes(ms=4_000)
    status = room.hub.view.status()
    assert (status["freshness_s"], status["trouble"]) == (4.0, "")


def test_a_job_that_stands_still_is_seen_to_although_the_clock_was_set_back(room):
    room.now_ms -= HALF_AN_HOUR_MS
    room.passes(Batch(ends={0: 100}))
    for _ in range(61):
        room.passes(Batch(ends={0: 100}))
    # unread for a minute, and by the clock that was set back nothing is old
    assert room.hub.view.status()["state"] == "stalled"


def test_rates_are_counted_on_when_the_clock_is_set_back(room):
    room.now_ms -= HALF_AN_HOUR_MS
    for n in range(20):
        room.passes(room.passed(n))
    assert room.hub.view.status()["rates"]["hub"] == 1.0
