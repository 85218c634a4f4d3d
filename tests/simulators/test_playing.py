"""Playing: on time, catching up when behind, stopping when asked, with nothing left out."""

import numpy as np
import pytest

from simulators.messages import Messages
from simulators.pace import AS_FAST_AS_POSSIBLE, Pace
from simulators.play import Clock, Run, is_behind, play

START = 1_000_000


class Ticks:
    """A stream of one message every 100 ms, for a minute."""

    begin_ms, end_ms = START, START + 60_000

    def furthest(self, start_ms: int) -> int:
        """Send ten seconds at most."""
        return start_ms + 10_000

    def between(self, start_ms: int, end_ms: int) -> list[Messages]:
        """Give the ticks of a stretch."""
        at = np.arange(-(-start_ms // 100) * 100, end_ms, 100)
        names = [str(t) for t in at.tolist()]
        return [Messages("checkins", names, names, [n.encode() for n in names], at)]


class Wall:
    """A wall clock that moves when somebody sleeps or sends."""

    def __init__(self, send_ms: int = 0) -> None:
        self.now, self.send_ms, self.sent = 0, send_ms, []

    def send(self, messages: Messages) -> None:
        """Take the messages, and the time it takes."""
        self.sent += [(self.now, at) for at in messages.arrival_ms.tolist()]
        self.now += self.send_ms

    def flush(self, wait=lambda: True) -> bool:
        """Have nothing to wait for."""
        return True

    def clock(self) -> Clock:
        """Give it as runs take it."""
        return Clock(lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


def played(wall: Wall, speed: float, stop_after: int = 10**9, steps: list | None = None):
    run = Run(Ticks(), wall, Pace(START, 0, speed), START)
    report = (lambda _step: None) if steps is None else steps.append
    return play(run, wall.clock(), report, lambda: len(wall.sent) >= stop_after)


@pytest.mark.parametrize("speed", [1.0, 7.0, 60.0, AS_FAST_AS_POSSIBLE])
def test_every_message_is_sent_once_at_any_pace(speed: float):
    wall = Wall()
    played(wall, speed)
    assert [at for _, at in wall.sent] == list(range(START, START + 60_000, 100))


def test_messages_leave_when_they_are_due_and_not_before():
    wall = Wall()
    played(wall, 10.0)
    late = [now - (at - START) / 10 for now, at in wall.sent]
    assert min(late) >= 0
    assert max(late) < 100


def test_a_slow_output_makes_a_run_behind_and_it_says_so():
    wall, steps = Wall(send_ms=30_000), []
    played(wall, 1.0, steps=steps)
    assert any(is_behind(step) for step in steps)
    assert [at for _, at in wall.sent] == list(range(START, START + 60_000, 100))


def test_a_run_that_is_asked_to_stop_knows_what_it_has_sent():
    wall = Wall()
    step = played(wall, 1.0, stop_after=100)
    assert step.sent == len(wall.sent)
    assert step.done_ms < START + 60_000


def test_a_clock_that_is_set_back_makes_a_run_wait():
    pace = Pace(START, wall_ms=5_000, speed=1.0)
    assert pace.due_ms(now_ms=1_000, done_ms=START + 50, furthest_ms=START + 10_000) == START + 50
    assert pace.behind_s(now_ms=1_000, done_ms=START + 50) == 0.0


def test_a_step_that_is_not_acknowledged_when_the_run_stops_is_not_done():
    wall = Wall()
    wall.flush = lambda _wait: len(wall.sent) <= 100
    last = played(wall, AS_FAST_AS_POSSIBLE, stop_after=150)
    assert (last.done_ms, last.sent) == (START + 10_000, 200)
