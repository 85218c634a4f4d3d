"""A day of New York replayed while everything is killed: every key ends with the right value."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from cities.pack import load
from schemas.topics import CHECKINS
from simulators.replay.open import open_replay
from simulators.replay.run import Order, chosen
from simulators.replay.trips import SOURCE
from stack.layout import CHECKOUT
from stack.rest import Rest
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.stream

PACK = load("nyc")
DAY = "2020-04-14"
"""A day to which no other test adds: a replay goes on from the newest arrival of its days.

It is before theirs, so the picture, for which arrivals never go back, is tested before this.
"""
SPEED = "80"
"""At it the day takes 18 minutes, longer than all kills anywhere; the rest comes at once."""
ROUNDS = 2
GROWTH_BYTES = 64 * 2**20
PAUSE_S = 0.5
COMES_BACK_S = 300


def events_of_the_day() -> set[str]:
    """Give the events of the day, without a broker."""
    files, days, _ = chosen(Order("nyc", None, (DAY, DAY), None), PACK)
    stream = open_replay(files, PACK.timezone, PACK.gazetteer.area_index, days)
    batches = stream.between(stream.begin_ms, stream.end_ms)
    values = (value for batch in batches if batch.topic == CHECKINS.name for value in batch.values)
    return {json.loads(value)["event_id"] for value in values}


@contextmanager
def replay(stack, speed: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `./hexline replay` of the day; one that goes on is killed with the block."""
    words = ("--from", DAY, "--to", DAY, "--speed", speed, "--state", str(stack.layout.root))
    with subprocess.Popen([CHECKOUT / "hexline", "replay", *words]) as playing:
        try:
            yield playing
        finally:
            playing.kill()


@contextmanager
def odd_ones_between(broker) -> Iterator[None]:
    """Send check-ins of the day after meanwhile: some late, some bad, some twice."""
    done = threading.Event()

    def send() -> None:
        seed = 100
        while not done.wait(PAUSE_S):
            bus.send(broker, counting.drawn(PACK, seed=seed, n=200))
            seed += 1

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        done.set()
        sender.join()


def test_every_key_is_right_after_kill_nine_of_everything_at_random_moments(stack_session):
    broker, layout = stack_session.broker, stack_session.layout
    chance = np.random.default_rng(20200414)
    wanted = events_of_the_day()
    assert len(wanted) > 1_000
    late: list[str] = []
    temporary = []
    with replay(stack_session, SPEED) as playing, odd_ones_between(broker):
        for _ in range(ROUNDS):
            for target in chance.permutation(kills.TARGETS).tolist():
                time.sleep(float(chance.uniform(2, 8)))
                assert playing.poll() is None, "the replay ended"
                limit_s, seconds = kills.recovery_limit_s(), killed(stack_session, target)
                told = f"{target}: counting again after {seconds:.1f} s, must be {limit_s:.0f} s"
                print(told, flush=True)
                late += [told] if seconds > limit_s else []
            temporary.append(kills.temporary_bytes(layout))
        playing.terminate()
        assert playing.wait(60) != 0
    with replay(stack_session, "max") as playing:
        assert playing.wait(300) == 0
    counting.wait_until_counted(broker, wait_s=300)
    assert counting.events_of(broker, SOURCE) == wanted
    assert counting.wrong_keys(broker, PACK) == {}
    assert kills.orphans(layout) == []
    stack_session.until_healthy(COMES_BACK_S)
    assert temporary[-1] - temporary[0] < GROWTH_BYTES
    assert late == []


def killed(stack, target) -> float:
    """Kill something; give the seconds until what was sent after that is counted and shown."""
    gone = kills.kill_nine(stack.layout, target)
    began = time.monotonic()
    kills.wait_until_replaced(stack.layout, target, gone, COMES_BACK_S)
    counting.wait_until("the broker back", lambda: answers(stack), COMES_BACK_S)
    sent, web = counting.sent_total(stack.broker), Rest(stack.ports.web)

    def goes_on() -> bool:
        shown = (web.get("/api/status") or {}).get("read") or 0
        return min(counting.read_total(stack.broker), shown) > sent

    counting.wait_until(f"counting again after kill -9 of {target}", goes_on, COMES_BACK_S)
    return time.monotonic() - began


def answers(stack) -> bool:
    """Say whether the broker answers."""
    try:
        counting.sent_total(stack.broker)
    except Exception:
        return False
    return True
