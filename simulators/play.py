"""Play a stream into an output at a pace; stop at the end, or when asked, with a full account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulators.messages import Messages, Stream
from simulators.pace import AS_FAST_AS_POSSIBLE, Pace

_TICK_S = 0.05
_BEHIND_S = 5.0


class Output(Protocol):
    """Where messages go."""

    def send(self, messages: Messages) -> None:
        """Take messages, in order."""

    def flush(self, wait: Callable[[], bool] = ...) -> bool:
        """Wait until all of them are safe; False where the waiting was given up."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall clock and sleep, passed in so that a test needs neither."""

    now_ms: Callable[[], int]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is after one step."""

    done_ms: int
    sent: int
    skipped: int
    behind_s: float


Report = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what is played, where to, how fast, from where, and what is there already."""

    stream: Stream
    output: Output
    pace: Pace
    from_ms: int
    present: frozenset[str] = frozenset()


def play(run: Run, clock: Clock, report: Report, stopped: Callable[[], bool]) -> Step:
    """Send everything from `from_ms` to the stream's end; each step is safe before the next.

    So when a run dies, at most one step of it is in doubt, and the next run looks there. A step
    that is not safe when the run is told to stop is not done.
    """
    step = Step(run.from_ms, 0, 0, 0.0)
    while not stopped():
        until = run.pace.due_ms(clock.now_ms(), step.done_ms, run.stream.furthest(step.done_ms))
        if (end := run.stream.end_ms) is not None:
            until = min(until, end)
            if step.done_ms >= end:
                break
        if until <= step.done_ms:
            clock.sleep(_TICK_S)
            continue
        step = _advance(run, step, until, clock, stopped)
        report(step)
        if run.pace.speed < AS_FAST_AS_POSSIBLE and step.behind_s < _TICK_S:
            clock.sleep(_TICK_S)
    return step


def _advance(
    run: Run, step: Step, until_ms: int, clock: Clock, stopped: Callable[[], bool]
) -> Step:
    sent, skipped = step.sent, step.skipped
    for messages in run.stream.between(step.done_ms, until_ms):
        fresh = messages.without(run.present)
        run.output.send(fresh)
        sent += len(fresh.ids)
        skipped += len(messages.ids) - len(fresh.ids)
    safe = run.output.flush(lambda: not stopped())
    behind = run.pace.behind_s(clock.now_ms(), until_ms)
    return Step(until_ms if safe else step.done_ms, sent, skipped, behind)


def is_behind(step: Step) -> bool:
    """Say whether a run is far enough behind its pace to be worth saying so."""
    return step.behind_s > _BEHIND_S
