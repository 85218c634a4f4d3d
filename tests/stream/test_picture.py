"""The picture through real Kafka and Flink: what topics hold in the end is the batch answer."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from confluent_kafka import Producer

from cities.pack import load
from jobs import local
from jobs.catalog import PICTURE
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.pieces import Message, Piece
from jobs.steps.picture.settings import PictureSettings
from schemas.topics import CASES
from tests.jobs.picture.making import statements
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.stream

PACK = load("nyc")
DAY = 86_400_000
CAUGHT_UP_S = 240


def drawn_cases(n: int, seed: int) -> list[tuple[bytes, bytes, int]]:
    """Draw case reports and later revisions, a few bad, as (key, value, arrival)."""
    chance = np.random.default_rng(seed)
    areas = [
        a for a, level in zip(PACK.gazetteer.area_id, PACK.gazetteer.level, strict=True) if level
    ]
    found = []
    for at in range(n):
        report_ms = counting.NOON - int(chance.integers(0, 40 * DAY))
        where: dict[str, Any] = {"area_id": str(chance.choice(areas[:40]))}
        if at % 3 == 0:
            where = {"place_id": str(chance.choice(PACK.gazetteer.place_id))}
        record = {
            "v": 1, "case_id": f"case-{int(chance.integers(0, n))}",
            "revision": int(chance.integers(1, 4)), "report_ms": report_ms, "source": "tests",
            "category": str(chance.choice(["confirmed", "confirmed", "suspected", "contact"])),
            "status": str(chance.choice(["open", "open", "open", "retracted"])),
            "weight": float(chance.integers(1, 9)), **where,
        }  # fmt: skip
        value = json.dumps(record, indent=1 if at % 7 == 0 else None).encode()
        bad = b"\xff\xfe" if at % 50 == 1 else value
        found.append((record["case_id"].encode(), bad, report_ms + 5_000))
    return found


def send_cases(broker, records) -> None:
    producer = Producer(broker.client())
    for key, value, arrival_ms in records:
        producer.produce(CASES.name, key=key, value=value, timestamp=arrival_ms)
    assert producer.flush(60) == 0


def batch_answer(broker, city):
    """Work out the picture of what the topics hold, without Flink."""
    pack = load(city)
    settings = PictureSettings.of(pack)
    pieces = []
    for topic in PICTURE.reads:
        parts = defaultdict(list)
        for each in bus.messages(broker, topic, wait_s=120):
            parts[each.partition()].append(Message(each.timestamp()[1], each.value()))
        pieces += [Piece.of(topic.name, at, part) for at, part in parts.items()]
    ground = Ground.of(pack.gazetteer, settings.statistics.scan_rings)
    return statements(local.picture(pieces, ground, settings))


def held(broker):
    return statements({t.name: bus.last_values(broker, t) for t in PICTURE.writes})


def wrong(found, wanted) -> dict[str, Any]:
    """Give, by topic, how many keys hold something else, and one of them."""
    bad = {
        topic: [key for key in found[topic].keys() | wanted.get(topic, {}).keys()
                if found[topic].get(key) != wanted.get(topic, {}).get(key)]
        for topic in found
    }  # fmt: skip
    return {
        topic: (len(keys), keys[0], found[topic].get(keys[0]), wanted.get(topic, {}).get(keys[0]))
        for topic, keys in bad.items()
        if keys
    }


def test_every_topic_ends_with_the_batch_answer_after_kill_nine(stack_session):
    broker, layout = stack_session.broker, stack_session.layout
    bus.send(broker, counting.drawn(PACK, seed=71, n=4_000))
    send_cases(broker, drawn_cases(400, seed=72))
    counting.wait_until("a first picture", lambda: all(held(broker).values()), CAUGHT_UP_S)
    killed = kills.kill_nine(layout, kills.TASKMANAGER)
    send_cases(broker, drawn_cases(400, seed=73))
    bus.send(broker, counting.drawn(PACK, seed=74, n=4_000))
    kills.wait_until_replaced(layout, kills.TASKMANAGER, killed, CAUGHT_UP_S)
    counting.wait_until_counted(broker)
    wanted = batch_answer(broker, stack_session.city)
    assert wanted.keys() == {topic.name for topic in PICTURE.writes}
    last: dict[str, Any] = {}

    def is_batch() -> bool:
        last.clear()
        last.update(wrong(held(broker), wanted))
        return not last

    try:
        counting.wait_until("the batch answer", is_batch, CAUGHT_UP_S)
    except AssertionError:
        pytest.fail(f"not the batch answer: {last}")
