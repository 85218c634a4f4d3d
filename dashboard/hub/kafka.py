"""Kafka: the source of the war room; every process reads all partitions, without a group."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from dashboard.hub.source import Batch, CaseMessage
from dashboard.hub.starts import (
    ASK_S,
    BESIDE,
    MissingTopicError,
    Place,
    added,
    starts,
    starts_beside,
    still_to_come,
    timestamp_ms,
)
from dashboard.hub.statistics.fold import NAMES
from schemas.broker import Broker
from schemas.topics import CHECKINS, CHECKINS_PROGRESS, CHECKINS_REJECTED, PLACE_MINUTES

log = logging.getLogger(__name__)

MOST: Final = 10_000
"""Messages a look takes at most: some 40 ms of folding."""
POLL_S: Final = 0.05
ENDS_EVERY_S: Final = 1.0
RETRY_S: Final = 1.0
JOIN_EVERY_S: Final = 10.0


@dataclass
class KafkaSource:
    """Gives what the result topics hold and what comes after; waits while the broker is away."""

    broker: Broker
    closed: bool = False
    trouble: str = ""
    _missing: dict[Place, int] = field(default_factory=dict)
    _next_ends_s: float = 0.0
    _begun_ms: int | None = None
    _absent: set[str] = field(default_factory=lambda: {topic.name for topic in BESIDE})
    _next_join_s: float = 0.0
    _read: set[Place] = field(default_factory=set)

    def batches(self) -> Iterator[Batch]:
        """Look at the bus again and again."""
        consumer = self._consumer()
        try:
            yield from self._until_assigned(consumer)
            while not self.closed:
                yield self._look(consumer)
        finally:
            consumer.close()

    def close(self) -> None:
        """End `batches` after its present look."""
        self.closed = True

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                **self.broker.client(),
                "group.id": "hexline-hub",  # asked for by the client; nothing joins or commits
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": False,
                "fetch.wait.max.ms": 50,
                "reconnect.backoff.max.ms": 1_000,
                "socket.keepalive.enable": True,
                "allow.auto.create.topics": False,
                "topic.metadata.refresh.interval.ms": 10_000,
                "error_cb": self._on_error,
                "log_level": 0,
            }
        )

    def _on_error(self, error: KafkaError) -> None:
        if error.code() in (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT):
            self.trouble = f"the broker at {self.broker.bootstrap} does not answer"

    def _until_assigned(self, consumer: Consumer) -> Iterator[Batch]:
        """Find where to begin; the broker and the topics may still be on their way."""
        while not self.closed:
            try:
                begin, ends = starts(consumer)
            except (KafkaException, MissingTopicError) as error:
                self.trouble = _in_words(error, self.broker)
                yield Batch(caught_up=False, trouble=self.trouble)
                time.sleep(RETRY_S)
                continue
            self._missing = still_to_come(begin, ends)
            consumer.assign(begin)
            self._read = {(place.topic, place.partition) for place in begin}
            self.trouble = ""
            return

    def _look(self, consumer: Consumer) -> Batch:
        slices: list[bytes | None] = []
        progress: list[bytes | None] = []
        cases: list[CaseMessage] = []
        picture: dict[str, list[bytes | None]] = {}
        rejected: list[bytes | None] = []
        self._join(consumer)
        for message in consumer.consume(MOST, POLL_S):
            if (error := message.error()) is not None:
                self._on_error(error)
                continue
            topic = message.topic()
            if topic == PLACE_MINUTES.name:
                slices.append(message.value())
            elif topic == CHECKINS_PROGRESS.name:
                progress.append(message.value())
            elif topic == CHECKINS_REJECTED.name:
                rejected.append(message.value())
            elif topic in NAMES:
                picture.setdefault(topic, []).append(message.value())
            else:
                cases.append(_case(message))
        if slices or progress or cases or picture:
            self.trouble = ""
        ends = self._ends(consumer)
        if self._missing:
            self._check_caught_up(consumer)
        if self._begun_ms is None and any(ends.values()):
            self._begun_ms = self._oldest_ms()
        return Batch(
            slices,
            cases,
            progress,
            ends,
            self._begun_ms,
            not self._missing,
            self.trouble,
            picture,
            rejected,
        )

    def _join(self, consumer: Consumer) -> None:
        """Read what was not there before: the topics beside, and partitions that were added.

        The map of counts never waits for it.
        """
        if self.trouble or time.monotonic() < self._next_join_s:
            return
        self._next_join_s = time.monotonic() + JOIN_EVERY_S
        try:
            known = consumer.list_topics(timeout=ASK_S / 4).topics
            beside = starts_beside(consumer, known, self._absent)
            if begin := [*beside, *added(known, self._read)]:
                consumer.incremental_assign(begin)
        except KafkaException as error:
            log.info("nothing new is read yet: %s", error)
            return
        self._absent -= {place.topic for place in beside}
        self._read |= {(place.topic, place.partition) for place in begin}

    def _oldest_ms(self) -> int | None:
        """Read the arrival of the oldest check-in, on a connection of its own."""
        consumer = self._consumer()
        try:
            places = [(CHECKINS.name, partition) for partition in range(CHECKINS.partitions)]
            consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in places])
            found = [m for m in consumer.consume(1, ASK_S) if m.error() is None]
            return timestamp_ms(found[0]) if found else None
        finally:
            consumer.close()

    def _check_caught_up(self, consumer: Consumer) -> None:
        asked = [TopicPartition(*place) for place in self._missing]
        for at in consumer.position(asked):
            # a compacted or expired end may hold no message, so the position counts
            if at.offset >= self._missing[at.topic, at.partition]:
                del self._missing[at.topic, at.partition]

    def _ends(self, consumer: Consumer) -> dict[int, int]:
        """Ask once a second where the log of check-ins ends; nothing while nobody answers."""
        if time.monotonic() < self._next_ends_s:
            return {}
        try:
            ends = {
                partition: consumer.get_watermark_offsets(
                    TopicPartition(CHECKINS.name, partition), timeout=ASK_S / 4
                )[1]
                for partition in range(CHECKINS.partitions)
            }
        except KafkaException as error:
            self.trouble = self.trouble or _in_words(error, self.broker)
            self._next_ends_s = time.monotonic() + 2 * ENDS_EVERY_S
            return {}
        self.trouble = ""
        self._next_ends_s = time.monotonic() + ENDS_EVERY_S
        return ends


def _case(message: Message) -> CaseMessage:
    partition, offset = message.partition() or 0, message.offset() or 0
    return CaseMessage(partition, offset, timestamp_ms(message), message.value())


def _in_words(error: Exception, broker: Broker) -> str:
    if isinstance(error, KafkaException):
        return f"the broker at {broker.bootstrap} does not answer"
    return str(error)
