"""Sending, against librdkafka's own little broker in this process: all arrives, in order."""

from collections.abc import Iterator

import numpy as np
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.broker import Broker
from schemas.times import DAY_MS
from schemas.topics import CHECKINS
from simulators import sender
from simulators.city.run import too_old
from simulators.errors import BrokerError
from simulators.messages import Messages
from simulators.sender import Sender

N = 25_000
ARRIVALS = 1_586_102_400_000 + np.arange(N, dtype=np.int64)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    keeper = Producer({"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = keeper.list_topics(timeout=20).brokers
    one = next(iter(brokers.values()))
    for topic in sender.WRITTEN:
        keeper.list_topics(topic.name, timeout=20)  # the little broker makes what is asked for
    yield Broker(f"{one.host}:{one.port}")
    keeper.flush()  # it must live as long as its broker is used


def messages(name: str) -> Messages:
    ids = [f"{name}{n}" for n in range(N)]
    return Messages(CHECKINS.name, ids, ["gate"] * N, [i.encode() for i in ids], ARRIVALS)


def received(broker: Broker, name: str) -> list[tuple[str, int]]:
    consumer = Consumer({**broker.client(), "group.id": "test", "auto.offset.reset": "earliest"})
    parts = consumer.list_topics(CHECKINS.name, timeout=20).topics[CHECKINS.name].partitions
    consumer.assign([TopicPartition(CHECKINS.name, part, 0) for part in parts])
    found: list[tuple[str, int]] = []
    for _ in range(200):
        for one in consumer.consume(N, timeout=0.2):
            if one.error() is None and one.value().startswith(name.encode()):
                found.append((one.value().decode(), one.timestamp()[1]))
        if len(found) >= N:
            break
    consumer.close()
    return found


@pytest.mark.parametrize("way", ["send", "send_now"])
def test_all_is_acknowledged_and_each_key_is_in_order(broker: Broker, way: str):
    made = Sender(broker)
    getattr(made, way)(messages(f"{way}-"))
    assert made.flush()
    assert made.sent == {CHECKINS.name: N}
    assert len(made.account.delays_ms) > N / 200
    found = received(broker, f"{way}-")
    assert [name for name, _ in found] == [f"{way}-{n}" for n in range(N)]
    if way == "send":
        assert [at for _, at in found] == ARRIVALS.tolist()


def test_what_the_broker_refuses_ends_the_run_with_one_line(broker: Broker):
    made = Sender(broker)
    large = Messages(
        CHECKINS.name, ["x"], ["gate"], [b"x" * (CHECKINS.max_message_bytes + 9)], ARRIVALS[:1]
    )
    for way in (made.send, made.send_now):
        with pytest.raises(BrokerError, match="refuses what is sent"):
            way(large)


@pytest.mark.parametrize(
    ("days_ago", "kept_days", "warns"), [(45, 7, True), (6, 7, False), (45, None, False)]
)
def test_a_run_that_begins_before_what_the_broker_keeps_says_so(days_ago, kept_days, warns):
    kept_ms = None if kept_days is None else kept_days * DAY_MS
    said = too_old(100 * DAY_MS - days_ago * DAY_MS, kept_ms, 100 * DAY_MS)
    assert (said is not None) == warns
    if said:
        assert "begins 45 days ago" in said
        assert "keeps check-ins 7 days" in said
