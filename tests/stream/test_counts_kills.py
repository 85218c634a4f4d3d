"""A day of New York replayed while everything is killed: every key ends with the right value."""

from __future__ import annotations

import itertools
import threading
import time

import numpy as np
import pytest

from cities.pack import load
from schemas.topics import CHECKINS
from simulators.replay.open import open_replay
from simulators.replay.run import Order, chosen
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.stream

PACK = load("nyc")
DAY = "2020-04-15"
ROUNDS = 2
TARGETS = (kills.PYTHON_WORKER, kills.TASKMANAGER, kills.JOBMANAGER, kills.BROKER)
GROWTH_BYTES = 64 * 2**20
CHUNK = 20
PAUSE_S = 0.5


def a_real_day():
    """Give the check-ins of one day in New York, as (key, payload, arrival_ms) in that order."""
    files, days, _ = chosen(Order("nyc", None, (DAY, DAY), None), PACK)
    stream = open_replay(files, PACK.timezone, PACK.gazetteer.area_index, days)
    return [
        (key.encode(), value, int(arrival_ms))
        for batch in stream.between(stream.begin_ms, stream.end_ms)
        if batch.topic == CHECKINS.name
        for key, value, arrival_ms in zip(batch.keys, batch.values, batch.arrival_ms, strict=True)
    ]


def keep_sending(broker, day, until):
    """Send the day piece by piece, drawn check-ins (some bad, some twice) between; all of it."""
    for number, start in enumerate(itertools.count(0, CHUNK)):
        bus.send(broker, day[start : start + CHUNK])
        bus.send(broker, counting.drawn(PACK, seed=100 + number, n=200))
        if until.wait(PAUSE_S):
            bus.send(broker, day[start + CHUNK :])
            return


def test_every_key_is_right_after_kill_nine_of_everything_at_random_moments(stack_session):
    broker, layout = stack_session.broker, stack_session.layout
    chance = np.random.default_rng(20200415)
    done, day = threading.Event(), a_real_day()
    assert len(day) > 1_000
    sender = threading.Thread(target=keep_sending, args=(broker, day, done))
    sender.start()
    seconds: dict[str, list[float]] = {}
    limit_s = 0.0
    temporary = []
    try:
        for _ in range(ROUNDS):
            for target in chance.permutation(TARGETS).tolist():
                time.sleep(float(chance.uniform(2, 8)))
                limit_s = max(limit_s, kills.recovery_limit_s())
                seconds.setdefault(target, []).append(round(killed(stack_session, target), 1))
                print(target, seconds[target], flush=True)
            temporary.append(kills.temporary_bytes(layout))
    finally:
        done.set()
        sender.join()
    counting.wait_until_counted(broker, wait_s=300)
    assert counting.wrong_keys(broker, PACK) == {}
    assert kills.orphans(layout) == []
    assert temporary[-1] - temporary[0] < GROWTH_BYTES
    assert max(max(each) for each in seconds.values()) < limit_s


def killed(stack_session, target) -> float:
    """Kill something; give the seconds until records sent after that are counted."""
    kills.kill_nine(stack_session.layout, target)
    began = time.monotonic()
    if target == kills.BROKER:  # until it is back, there is nothing to compare with
        counting.wait_until("the broker back", lambda: _answers(stack_session), 300)
    sent = counting.sent_total(stack_session.broker)
    counting.wait_until(
        f"counting again after kill -9 of {target}",
        lambda: counting.read_total(stack_session.broker) > sent,
        300,
    )
    return time.monotonic() - began


def _answers(stack_session) -> bool:
    try:
        counting.sent_total(stack_session.broker)
    except Exception:
        return False
    return True
