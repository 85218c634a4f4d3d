"""Offsets that a Flink job commits with each checkpoint: how far it has read for certain."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.broker import Broker
from schemas.topics import Topic

WAIT_S = 10.0
PAUSE_S = 0.5


class Committed:
    """The committed offsets of one consumer group on one topic."""

    def __init__(self, broker: Broker, topic: Topic, group: str) -> None:
        self._consumer = Consumer(
            {**broker.client(), "group.id": group, "enable.auto.commit": False}
        )
        self._parts = [TopicPartition(topic.name, part) for part in range(topic.partitions)]

    def total(self) -> int:
        """Give how many records were read, over all partitions.

        A broker that has just started has no coordinator of the group for a moment.
        """
        deadline_s = time.monotonic() + WAIT_S
        while True:
            try:
                found = self._consumer.committed(self._parts, timeout=WAIT_S)
            except KafkaException:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(PAUSE_S)
            else:
                return sum(max(0, part.offset) for part in found)

    def end(self) -> int:
        """Give how many records there are, over all partitions."""
        ends = (self._consumer.get_watermark_offsets(part, timeout=WAIT_S) for part in self._parts)
        return sum(int(high) for _, high in ends)
