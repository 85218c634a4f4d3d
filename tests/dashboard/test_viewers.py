"""Everybody gets the same bytes; who is slow gets one snapshot; nobody holds up the others."""

from __future__ import annotations

import numpy as np

from dashboard.hub.layers import Layer, Metric
from dashboard.hub.streams import Shown, first_update, next_update
from dashboard.hub.viewers import Viewer, Viewers
from tests.oracles.hub import read_frame

LAYER, OTHER = Layer(9, Metric.PASSAGES, 15), Layer(8, Metric.IN, 60)


class Clock:
    """A clock that tests set."""

    now_ms = 1_000_000

    def __call__(self) -> int:
        """Give what was set."""
        return self.now_ms


def house(limit: int = 10) -> tuple[Viewers, Clock]:
    clock = Clock()
    return Viewers(clock, limit=limit, queue=2, heartbeat_ms=1_000), clock


def updates(n: int, layer: Layer = LAYER) -> list:
    """Give a layer's updates in which each differs from the one before in one cell."""
    made = [first_update(layer, Shown(0, 0, np.zeros(50, "u2"), np.zeros(50, "u1")))]
    for step in range(1, n):
        values = np.zeros(50, "u2")
        values[0] = step
        made.append(next_update(made[-1], Shown(step, 0, values, np.zeros(50, "u1"))))
    return made


def taken(viewers: Viewers, viewer: Viewer) -> list:
    """Take all that can be sent to a viewer now."""
    found = []
    while (message := viewers.take(viewer)) is not None:
        found.append(message)
    return found


def test_a_viewer_begins_with_a_snapshot_and_then_gets_changes():
    viewers, _ = house()
    viewer, (first, second, third) = Viewer(), updates(3)
    viewers.join(viewer)
    viewers.subscribe(viewer, LAYER)
    assert viewers.wanted() == {LAYER}
    assert taken(viewers, viewer) == []
    viewers.publish([first])
    assert taken(viewers, viewer) == [first.snapshot]
    viewers.publish([second])
    viewers.publish([third])
    assert taken(viewers, viewer) == [second.change, third.change]


def test_all_viewers_of_a_layer_get_the_very_same_bytes():
    viewers, _ = house()
    both, (first, second) = [Viewer(), Viewer()], updates(2)
    viewers.publish([first])
    for viewer in both:
        viewers.join(viewer)
        viewers.subscribe(viewer, LAYER)
    sent = [taken(viewers, viewer) for viewer in both]
    viewers.publish([second])
    sent = [s + taken(viewers, viewer) for s, viewer in zip(sent, both, strict=True)]
    assert all(a is b for a, b in zip(*sent, strict=True))


def test_a_slow_viewer_loses_the_backlog_and_gets_the_newest_snapshot():
    viewers, _ = house()
    slow, made = Viewer(), updates(9)
    viewers.join(slow)
    viewers.subscribe(slow, LAYER)
    for update in made[:1]:
        viewers.publish([update])
    taken(viewers, slow)
    for update in made[1:]:
        viewers.publish([update])
        assert len(slow.waiting) <= 2
    (only,) = taken(viewers, slow)
    assert only == made[-1].snapshot
    assert viewers.dropped > 0


def test_after_ten_minutes_of_sleep_a_viewer_is_up_to_date_at_once():
    viewers, clock = house()
    asleep, made = Viewer(), updates(3_000)
    viewers.join(asleep)
    viewers.subscribe(asleep, LAYER)
    for update in made:
        clock.now_ms += 200
        viewers.publish([update])
    (frame,) = [read_frame(m) for m in taken(viewers, asleep)]
    assert (frame["kind"], frame["values"][0]) == (0, 2_999)


def test_resync_gives_a_snapshot_with_the_present_number():
    viewers, _ = house()
    viewer, (first, second) = Viewer(), updates(2)
    viewers.join(viewer)
    viewers.subscribe(viewer, LAYER)
    viewers.publish([first])
    viewers.publish([second])
    taken(viewers, viewer)
    viewers.resync(viewer)
    (frame,) = [read_frame(m) for m in taken(viewers, viewer)]
    assert (frame["kind"], frame["seq"]) == (0, second.seq)


def test_another_layer_drops_what_waits_of_the_old_one_but_no_text():
    viewers, _ = house()
    viewer, (first, second) = Viewer(), updates(2)
    viewers.join(viewer)
    viewers.subscribe(viewer, LAYER)
    viewers.publish([first, *updates(1, OTHER)])
    taken(viewers, viewer)
    viewers.publish([second, *updates(1, OTHER)])
    viewers.tell_all("tables")
    viewers.subscribe(viewer, OTHER)
    text, frame = taken(viewers, viewer)
    assert text == "tables"
    assert read_frame(frame)["res"] == 8


def test_heartbeats_come_after_a_second_of_quiet_and_not_before():
    viewers, clock = house()
    viewer, (first,) = Viewer(), updates(1)
    viewers.join(viewer)
    viewers.subscribe(viewer, LAYER)
    viewers.publish([first])
    taken(viewers, viewer)
    clock.now_ms += 999
    viewers.publish([first])
    assert taken(viewers, viewer) == []
    clock.now_ms += 1
    viewers.publish([first])
    assert [read_frame(m)["kind"] for m in taken(viewers, viewer)] == [2]


def test_a_full_house_lets_nobody_in_until_somebody_leaves():
    viewers, _ = house(limit=1)
    first, second = Viewer(), Viewer()
    assert viewers.join(first)
    assert not viewers.join(second)
    viewers.subscribe(first, LAYER)
    viewers.leave(first)
    assert viewers.wanted() == frozenset()
    assert viewers.join(second)


def test_who_gets_no_frames_hears_now_and_then_that_the_line_is_alive():
    viewers, clock = house()
    viewer = Viewer()
    viewers.join(viewer)
    viewers.subscribe(viewer, LAYER)
    heard = []
    for _ in range(9):
        clock.now_ms += 1_000
        viewers.publish([], "quiet")
        heard += taken(viewers, viewer)
    assert heard == ["quiet"] * 3
