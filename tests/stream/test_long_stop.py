"""Roll-ups begun again without state, as after a long stop: `./hexline test drill`."""

from __future__ import annotations

import json
import os
import time

import pytest

from cities.pack import load
from jobs import control
from jobs.catalog import ROLLUPS
from jobs.config import Start
from jobs.rest import Flink
from jobs.surroundings import Surroundings
from schemas.times import MINUTE_MS
from schemas.topics import AREA_MINUTES, CELL_MINUTES
from stack import java, programs, settings
from tests.oracles.counts import City, recount
from tests.stream import bus, counting

pytestmark = pytest.mark.drill

PACK = load("nyc")
MINUTES = 15
FIRST_WHOLE_MS = counting.NOON + MINUTES * MINUTE_MS
HEALTHY_WITHIN_S = 120
READ_WITHIN_S = 60


@pytest.fixture
def around(stack_session, monkeypatch):
    """Stand where a job of the stack is submitted from."""
    layout = stack_session.layout
    known = settings.load(layout.settings_file)
    inside = programs.environment(
        layout, stack_session.ports, known, java.find_java_home(os.environ), os.environ
    )
    for name, value in inside.items():
        monkeypatch.setenv(name, value)
    return Surroundings.from_env(os.environ)


def last(broker, topic):
    """Give the last value of every key."""
    return {key: json.loads(value) for key, value in bus.last_values(broker, topic).items()}


def all_read(broker):
    """Say whether counts has read everything."""
    return counting.read_total(broker) == counting.sent_total(broker)


def is_whole(value):
    """Say whether everything of a value's minute is read."""
    return value["minute_ms"] >= FIRST_WHOLE_MS


def test_rollups_without_state_leave_alone_what_they_cannot_know_wholly(stack_session, around):
    #   all places, minutes 0..14 --> stop --> read from here: late ones of minutes 0..14,
    #                                          and all there is of minutes 15..29
    broker = stack_session.broker
    bus.send(broker, counting.drawn(PACK, seed=7, n=4_000, minutes=MINUTES))
    counting.wait_until_counted(broker)
    before = {topic: last(broker, topic) for topic in (CELL_MINUTES, AREA_MINUTES)}
    control.stop("rollups", os.environ)
    began_ms = time.time_ns() // 1_000_000
    bus.send(broker, counting.drawn(PACK, seed=8, n=2_000, minutes=2 * MINUTES))
    counting.wait_until("read", lambda: all_read(broker), READ_WITHIN_S)

    start = Start(from_ms=began_ms, publish_from_ms=FIRST_WHOLE_MS)
    job_id = control.Order(ROLLUPS, around).carry_out(start)
    Flink(around.flink).until_healthy(job_id, HEALTHY_WITHIN_S)
    wanted = recount(bus.rows(broker), City(PACK.gazetteer), PACK.no_dedupe_sources)
    whole = {topic: {key: value for key, value in wanted[topic.name].items() if is_whole(value)}
             for topic in before}  # fmt: skip
    assert all(whole.values())
    counting.wait_until(
        "rolled up, and nothing else touched",
        lambda: all(last(broker, topic) == before[topic] | whole[topic] for topic in before),
        READ_WITHIN_S,
    )

    control.stop("rollups", os.environ)
    control.submit("rollups", os.environ)
    counting.wait_until_counted(broker)
    assert counting.wrong_keys(broker, PACK) == {}
    stack_session.until_healthy(HEALTHY_WITHIN_S)
