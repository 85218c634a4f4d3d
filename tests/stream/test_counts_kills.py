"""A day of New York replayed while everything is killed: every key ends with the right value."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from cities.pack import load
from stack.layout import CHECKOUT
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.stream

PACK = load("nyc")
DAY = "2020-04-15"
SPEED = "600"  # a day in 144 s
ROUNDS = 2
TARGETS = (kills.PYTHON_WORKER, kills.TASKMANAGER, kills.JOBMANAGER, kills.BROKER)
GROWTH_BYTES = 64 * 2**20


def replay(broker):
    """Start replaying the day's trips and cases."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", "replay", "--city", "nyc", "--from", DAY,
         "--to", DAY, "--speed", SPEED],
        cwd=CHECKOUT, env=os.environ | {"HEXLINE_BROKER": broker.bootstrap},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def keep_sending(broker, until):
    """Send drawn check-ins, duplicates and bad ones among them, until told to stop."""
    seed = 100
    while not until.is_set():
        bus.send(broker, counting.drawn(PACK, seed=seed, n=200))
        seed += 1
        until.wait(0.5)


def test_every_key_is_right_after_kill_nine_of_everything_at_random_moments(stack_session):
    broker, layout = stack_session.broker, stack_session.layout
    chance = np.random.default_rng(20200415)
    done = threading.Event()
    sender = threading.Thread(target=keep_sending, args=(broker, done))
    trips = replay(broker)
    sender.start()
    seconds: dict[str, list[float]] = {}
    temporary = []
    try:
        for _ in range(ROUNDS):
            for target in chance.permutation(TARGETS).tolist():
                time.sleep(float(chance.uniform(2, 8)))
                seconds.setdefault(target, []).append(killed(stack_session, target))
            temporary.append(kills.temporary_bytes(layout))
    finally:
        done.set()
        sender.join()
        assert trips.wait(timeout=600) == 0
    print(seconds)
    counting.wait_until_counted(broker, wait_s=300)
    assert counting.wrong_keys(broker, PACK) == {}
    assert kills.orphans(layout) == []
    assert temporary[-1] - temporary[0] < GROWTH_BYTES
    assert max(max(each) for each in seconds.values()) < 30


def killed(stack_session, target) -> float:
    """Kill something; give the seconds until records sent after that are counted."""
    kills.kill_nine(stack_session.layout, target)
    began = time.monotonic()
    if target == kills.BROKER:  # until it is back, there is nothing to compare with
        counting.wait_until("the broker back", lambda: _answers(stack_session), 60)
    sent = counting.sent_total(stack_session.broker)
    counting.wait_until(
        f"counting again after kill -9 of {target}",
        lambda: counting.read_total(stack_session.broker) > sent,
        120,
    )
    return time.monotonic() - began


def _answers(stack_session) -> bool:
    try:
        counting.sent_total(stack_session.broker)
    except Exception:
        return False
    return True
