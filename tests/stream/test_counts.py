"""Through real Kafka and Flink: the topics hold what a slow recount of the raw topic says."""

from __future__ import annotations

import base64
import json
import re

import pytest

from cities.pack import load
from jobs import local
from jobs.steps.read import Rules
from schemas.codec import Refusal, decode
from schemas.records import CheckIn
from schemas.topics import (
    AREA_MINUTES,
    CHECKINS_PROGRESS,
    CHECKINS_REJECTED,
    PLACE_MINUTES,
)
from tests.jobs.making import payload
from tests.jobs.test_read import BAD
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.stream

PACK = load("nyc")


def test_out_of_order_duplicated_late_and_bad_records_end_in_the_recounted_values(stack_session):
    bus.send(stack_session.broker, counting.drawn(PACK, seed=1, n=20_000))
    counting.wait_until_counted(stack_session.broker)
    assert counting.wrong_keys(stack_session.broker, PACK) == {}


def test_the_same_log_sent_again_in_another_order_changes_no_count(stack_session):
    broker = stack_session.broker
    before = bus.last_values(broker, PLACE_MINUTES)
    records = counting.drawn(PACK, seed=1, n=20_000)
    bus.send(broker, records[::-1])
    counting.wait_until_counted(broker)
    assert bus.last_values(broker, PLACE_MINUTES) == before


def test_topics_deleted_while_jobs_run_are_there_again_with_every_key_right(stack_session):
    broker, gone = stack_session.broker, (PLACE_MINUTES, AREA_MINUTES, CHECKINS_PROGRESS)
    bus.delete(broker, *gone)
    bus.send(broker, counting.drawn(PACK, seed=2, n=2_000))
    names = {topic.name for topic in gone}
    counting.wait_until("the topics made again", lambda: names <= bus.names(broker), 120)
    counting.wait_until_counted(broker)
    assert counting.wrong_keys(broker, PACK) == {}
    stack_session.until_healthy(120)


def test_flink_gives_the_values_of_the_local_run_key_by_key(stack_session):
    broker = stack_session.broker
    rules = Rules(PACK.id, PACK.gazetteer, no_dedupe_sources=PACK.no_dedupe_sources)
    results = local.run(bus.rows(broker), rules)
    found = {key: json.loads(v) for key, v in bus.last_values(broker, PLACE_MINUTES).items()}
    assert found.keys() == results.place_minutes.keys()
    for key, each in results.place_minutes.items():
        assert found[key] == {name: getattr(each, name) for name in each.__struct_fields__}


def test_no_bad_record_restarts_the_job_and_each_is_kept_with_its_reason(stack_session):
    broker = stack_session.broker
    before = stack_session.restarts()
    messages = [message for message, _ in BAD]
    messages += [b"x" * 4_000_000, b'{"v":1,"event_id":"\\ud800"}', payload(x=10**400)]
    messages.append(b'{"person": "Jane Doe", "x": "' + b"y" * 40_000 + b' 13800138000", "v": 1}')
    bus.send(broker, [(None, message, counting.NOON) for message in messages])
    bus.send(broker, [(b"\xff\xfe", message, counting.NOON) for message in messages])
    counting.wait_until_counted(broker)
    kept = [json.loads(value) for value in bus.last_values(broker, CHECKINS_REJECTED).values()]
    reasons = [each["reason"] for each in kept]
    for message, parts in BAD:
        if isinstance(decode(message, CheckIn), Refusal):  # else it is this city's matter
            assert any(all(part in reason for part in parts) for reason in reasons), message
    sizes = {len(base64.b64decode(each["payload"])) for each in kept}
    assert {2_000_007, 4_000_000} <= sizes
    for each in kept:
        assert not re.search(rb"Jane|13800138000", base64.b64decode(each["payload"]))
    assert stack_session.restarts() == before


def test_second_flood_of_large_and_bad_payloads_takes_no_more_memory_than_the_first(stack_session):
    broker = stack_session.broker
    flood(broker)
    before = kills.resident_bytes(stack_session.layout)
    flood(broker)
    assert kills.resident_bytes(stack_session.layout) < before + SLACK_BYTES
    assert all(job["healthy"] for job in stack_session.status()["jobs"])


SLACK_BYTES = 256 * 2**20  # what is still taken for the first time; a flood held is 370 MB


def flood(broker):
    """Send large and bad messages, 370 MB, and wait until they are rejected."""
    before = rejected(broker)
    large = [(None, b'{"v": "' + b"x" * 2_000_000, counting.NOON)] * 20
    small = [b"x" * 15_000, b"x" * 60_000, b"not json", payload(direction="up")]
    for _ in range(5):
        bus.send(broker, large + [(None, each, counting.NOON) for each in small] * 500)
    wanted = before + 5 * (len(large) + 500 * len(small))
    counting.wait_until("the flood read", lambda: rejected(broker) >= wanted, 240)


def rejected(broker):
    """Give how many were rejected so far."""
    return sum(each["rejected"] for each in counting.accounts(broker).values())
