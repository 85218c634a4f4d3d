"""The log as a job finds it: how far partitions reach, and how far they were counted."""

from __future__ import annotations

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from jobs.errors import MissingTopicError
from schemas.broker import Broker
from schemas.records import Progress
from schemas.topics import CHECKINS, CHECKINS_PROGRESS, Topic

WAIT_S = 10.0
NOTHING = -1


class Log:
    """A look at one broker's topics; close it after use."""

    def __init__(self, broker: Broker) -> None:
        self._consumer = Consumer(
            {**broker.client(), "group.id": "hexline-jobs", "enable.auto.commit": False}
        )

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def partitions(self, topic: Topic) -> list[int]:
        """List a topic's partitions; none where the topic is not there."""
        try:
            found = self._consumer.list_topics(topic.name, timeout=WAIT_S).topics[topic.name]
        except KafkaException as error:
            raise MissingTopicError(f"the broker does not answer: {error}") from None
        if found.error is not None and found.error.code() != KafkaError.NO_ERROR:
            return []
        return sorted(found.partitions)

    def extent(self, topic: Topic, partition: int) -> tuple[int, int]:
        """Give a partition's first offset and the one after its last."""
        low, high = self._consumer.get_watermark_offsets(
            TopicPartition(topic.name, partition), timeout=WAIT_S
        )
        return int(low), int(high)

    def first_arrival_ms(self, topic: Topic, partition: int) -> int:
        """Give the arrival of a partition's first record; NOTHING where it is empty."""
        low, high = self.extent(topic, partition)
        if low == high:
            return NOTHING
        self._consumer.assign([TopicPartition(topic.name, partition, low)])
        message = self._consumer.poll(WAIT_S)
        return NOTHING if message is None or message.error() else int(message.timestamp()[1])

    def accounts(self) -> dict[int, Progress]:
        """Give the last accounts of each partition of the check-ins."""
        found: dict[int, Progress] = {}
        for partition in self.partitions(CHECKINS_PROGRESS):
            low, high = self.extent(CHECKINS_PROGRESS, partition)
            self._consumer.assign([TopicPartition(CHECKINS_PROGRESS.name, partition, low)])
            at = low
            while at < high and (message := self._consumer.poll(WAIT_S)) is not None:
                at = int(message.offset() or 0) + 1
                if (value := message.value()) is not None:
                    progress = msgspec.json.decode(value, type=Progress)
                    found[progress.partition] = progress
        return found


def uncounted(broker: Broker) -> list[tuple[int, int, int]]:
    """Give, for each partition that was counted, next offset, end, and newest arrival counted."""
    with Log(broker) as log:
        return [
            (progress.offset + 1, log.extent(CHECKINS, partition)[1], progress.arrival_ms)
            for partition, progress in log.accounts().items()
        ]


def whole_since_ms(broker: Broker, topic: Topic) -> int:
    """Give the arrival from which on a topic has everything; 0 where nothing was deleted yet."""
    with Log(broker) as log:
        cut = [part for part in log.partitions(topic) if log.extent(topic, part)[0] > 0]
        return max([0, *(log.first_arrival_ms(topic, part) for part in cut)])
