"""Reading and writing the bus in tests: whole topics, by offset, without groups."""

from __future__ import annotations

import time
from collections.abc import Iterable

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from schemas.broker import Broker
from schemas.topics import CHECKINS, Topic

Row = tuple[bytes | None, int, int, int]
NOT_YET = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


def messages(broker: Broker, topic: Topic, wait_s: float = 30.0) -> list[Message]:
    """Read a topic from its beginning to its present end, each partition in order."""
    consumer = _consumer(broker)
    try:
        ends = _extents(consumer, topic, wait_s)
        open_parts = {part for part, (low, high) in ends.items() if high > low}
        consumer.assign([TopicPartition(topic.name, part, 0) for part in open_parts])
        found: list[Message] = []
        deadline = time.monotonic() + wait_s
        while open_parts:
            for message in consumer.consume(50_000, 0.2):
                assert message.error() is None, message.error()
                found.append(message)
                if message.offset() + 1 >= ends[message.partition()][1]:
                    open_parts.discard(message.partition())
            # Markers of transactions and compaction may stand at the end of a partition.
            for position in consumer.position(consumer.assignment()):
                if position.offset >= ends[position.partition][1]:
                    open_parts.discard(position.partition)
            assert time.monotonic() < deadline, f"{topic.name} was not read in {wait_s} s"
        return found
    finally:
        consumer.close()


def extents(broker: Broker, topic: Topic, wait_s: float = 10.0) -> dict[int, tuple[int, int]]:
    """Give first offset and end of each partition of a topic."""
    consumer = _consumer(broker)
    try:
        return _extents(consumer, topic, wait_s)
    finally:
        consumer.close()


def _consumer(broker: Broker) -> Consumer:
    return Consumer(
        {**broker.client(), "group.id": "tests", "enable.auto.commit": False, "log_level": 0}
    )


def _extents(consumer: Consumer, topic: Topic, wait_s: float) -> dict[int, tuple[int, int]]:
    known = consumer.list_topics(topic.name, timeout=wait_s).topics[topic.name].partitions
    return {part: _extent(consumer, TopicPartition(topic.name, part), wait_s) for part in known}


def _extent(consumer: Consumer, part: TopicPartition, wait_s: float) -> tuple[int, int]:
    """Ask until it is told: a broker tells of a new topic a moment before it leads it."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return consumer.get_watermark_offsets(part, timeout=wait_s)
        except KafkaException as error:
            if error.args[0].code() not in NOT_YET or time.monotonic() > deadline:
                raise


def last_values(broker: Broker, topic: Topic) -> dict[str, bytes]:
    """Give the last value of every key of a topic."""
    return {message.key().decode(): message.value() for message in messages(broker, topic)}


def delete(broker: Broker, *topics: Topic) -> None:
    """Delete topics, as somebody with a client of the broker may, and wait until they are gone.

    The controller answers first; the broker tells of the topics a moment longer.
    """
    client = AdminClient(broker.client())
    gone = {topic.name for topic in topics}
    for future in client.delete_topics(list(gone)).values():
        future.result(30)
    deadline = time.monotonic() + 30
    while left := gone & set(client.list_topics(timeout=10).topics):
        assert time.monotonic() < deadline, f"still there: {left}"


def names(broker: Broker) -> set[str]:
    """Give the names of the topics that the broker has."""
    return set(AdminClient(broker.client()).list_topics(timeout=10).topics)


def rows(broker: Broker) -> list[Row]:
    """Give all check-ins on the bus as (payload, partition, offset, arrival_ms)."""
    return [
        (message.value(), message.partition(), message.offset(), message.timestamp()[1])
        for message in messages(broker, CHECKINS, wait_s=120)
    ]


def send(broker: Broker, records: Iterable[tuple[bytes | None, bytes | None, int]]) -> None:
    """Send (key, payload, arrival_ms) to the check-ins topic and wait until all are there."""
    producer = Producer(
        broker.client(**{"linger.ms": 5, "message.max.bytes": 8_000_000, "acks": "all",
                         "queue.buffering.max.kbytes": 200_000})
    )  # fmt: skip
    for key, payload, arrival_ms in records:
        while True:
            try:
                producer.produce(CHECKINS.name, value=payload, key=key, timestamp=arrival_ms)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    assert producer.flush(120) == 0
