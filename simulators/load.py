"""Load: check-ins at a wall-clock rate by a profile, with the delay of every acknowledgement.

The check-ins are those of a simulated day, in their order, again and again; each time they are
new events (their own ids) that happen and arrive now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from simulators.check_ins import CheckIns
from simulators.errors import SettingError
from simulators.numbers import scrambled

Profile = Literal["steady", "ramp", "rush", "burst"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
TICK_S = 0.05
LARGEST_TICK = 20_000
_BURST_EVERY_S, _BURST_S, _BURST_HEIGHT = 30.0, 3.0, 5.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much to send: `rate` a second at the profile's mean, for a time, at most so many."""

    profile: Profile
    rate: float
    length_s: float
    at_most: int

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 5_000_000:
            raise SettingError(f"--rate {self.rate}: expected check-ins a second in 0..5000000")

    def due(self, elapsed_s: float) -> int:
        """Say how many should have been sent after so many seconds."""
        share = profile_integral(self.profile, min(elapsed_s, self.length_s), self.length_s)
        return min(self.at_most, int(self.rate * share))


def profile_integral(profile: Profile, elapsed_s: float, length_s: float) -> float:
    """Give the seconds' worth of the mean rate that a profile has sent after `elapsed_s`.

    Every profile has sent `length_s` at its end (a burst's mean is counted over whole periods).

    Notes
    -----
    steady: even. ramp: from nothing to twice the rate, in a straight line. rush: half a sine,
    as a rush hour swells and ebbs. burst: every 30 s three seconds of five times the rate.
    """
    x = elapsed_s / length_s
    if profile == "steady":
        return elapsed_s
    if profile == "ramp":
        return length_s * x * x
    if profile == "rush":
        return float(length_s * 0.5 * (1 - np.cos(np.pi * x)))
    calm = (_BURST_EVERY_S - _BURST_S * _BURST_HEIGHT) / (_BURST_EVERY_S - _BURST_S)
    whole, rest = divmod(elapsed_s, _BURST_EVERY_S)
    in_burst = min(rest, _BURST_S)
    return whole * _BURST_EVERY_S + in_burst * _BURST_HEIGHT + (rest - in_burst) * calm


def fresh(pool: CheckIns, sent: int, number: int, now_ms: int, run: int) -> CheckIns:
    """Give the next check-ins of a pool that is used round and round, as happening now.

    Parameters
    ----------
    pool : CheckIns
        Of a simulated day, in arrival order.
    sent : int
        How many were given before.
    run : int
        Number of the run, so that two runs never share event ids.
    """
    rows = np.arange(sent, sent + number)
    taken = pool.take(rows % len(pool))
    at = np.full(number, now_ms, dtype=np.int64)
    numbers: NDArray[np.uint64] = rows.astype(np.uint64)
    return replace(taken, event_ms=at, arrival_ms=at, event_id=scrambled(numbers, run))


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a load came to; delays are from handing over to acknowledgement, in milliseconds."""

    sent: int
    seconds: float
    behind: int
    delays_ms: NDArray[np.float64]

    def words(self) -> str:
        """Say it in one line."""
        marks = np.percentile(self.delays_ms, [50, 99, 100]) if len(self.delays_ms) else [0, 0, 0]
        rate = (
            f"{self.sent:,} acknowledged in {self.seconds:.1f} s: {self.sent / self.seconds:,.0f}/s"
        )
        delay = f"after p50 {marks[0]:.0f}, p99 {marks[1]:.0f}, at most {marks[2]:.0f} ms"
        short = f"; {self.behind:,} short of what was asked" if self.behind else ""
        return f"{rate}, {delay}{short}"


Send = Callable[[CheckIns], None]


def run_load(
    load: Load,
    pool: CheckIns,
    send: Send,
    clock_s: tuple[Callable[[], float], Callable[[float], None]],
    wall_ms: Callable[[], int],
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[int, float]:
    """Send a load; returns what was handed over and how long that took.

    A machine that cannot keep up sends as fast as it can until the time is over.
    """
    now_s, sleep = clock_s
    begin, sent, run = now_s(), 0, wall_ms()
    while not stopped():
        elapsed = now_s() - begin
        if elapsed > load.length_s + TICK_S:
            break
        missing = min(load.due(elapsed) - sent, LARGEST_TICK)
        if missing > 0:
            send(fresh(pool, sent, missing, wall_ms(), run))
            sent += missing
        if elapsed >= load.length_s or sent >= load.at_most:
            break
        if missing < LARGEST_TICK:
            sleep(max(0.0, TICK_S - (now_s() - begin - elapsed)))
    return sent, now_s() - begin
