"""Kafka: the source of the war room; every process reads all partitions, without a group.

What is needed of a long topic is its last hours: the ring is 130 minutes long, and a slice
is written after its minute. A replay's minutes pass faster or slower than the clock, so at
least the last `AT_LEAST` records of a partition are read too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from dashboard.hub.source import Batch, CaseMessage
from dashboard.hub.statistics.fold import NAMES, TOPICS
from schemas.broker import Broker
from schemas.times import milliseconds
from schemas.topics import CASES, CELL_DENSITY, CHECKINS, CHECKINS_PROGRESS, PLACE_MINUTES

log = logging.getLogger(__name__)

LOOK_BACK_MS: Final = milliseconds(timedelta(hours=3))
AT_LEAST: Final = 100_000
MOST: Final = 10_000
"""Messages a look takes at most: some 40 ms of folding."""
POLL_S: Final = 0.05
ASK_S: Final = 2.0
ENDS_EVERY_S: Final = 1.0
RETRY_S: Final = 1.0
PICTURE_EVERY_S: Final = 10.0
DENSITY_BACK_MS: Final = milliseconds(timedelta(minutes=10))
"""Density is restated every 10 seconds: older records are of cells that stay as they are, and
come again when they change. All else of the picture is read from its beginning."""
Place = tuple[str, int]


@dataclass
class KafkaSource:
    """Gives what the result topics hold and what comes after; waits while the broker is away."""

    broker: Broker
    closed: bool = False
    trouble: str = ""
    _missing: dict[Place, int] = field(default_factory=dict)
    _next_ends_s: float = 0.0
    _begun_ms: int | None = None
    _absent: set[str] = field(default_factory=lambda: set(NAMES))
    _next_picture_s: float = 0.0

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
            self.trouble = ""
            return

    def _look(self, consumer: Consumer) -> Batch:
        slices: list[bytes | None] = []
        progress: list[bytes | None] = []
        cases: list[CaseMessage] = []
        picture: dict[str, list[bytes | None]] = {}
        self._join_picture(consumer)
        for message in consumer.consume(MOST, POLL_S):
            if (error := message.error()) is not None:
                self._on_error(error)
                continue
            topic = message.topic()
            if topic == PLACE_MINUTES.name:
                slices.append(message.value())
            elif topic == CHECKINS_PROGRESS.name:
                progress.append(message.value())
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
        )

    def _join_picture(self, consumer: Consumer) -> None:
        """Read the picture's topics too, once they are there; the map of counts never waits."""
        if not self._absent or time.monotonic() < self._next_picture_s:
            return
        self._next_picture_s = time.monotonic() + PICTURE_EVERY_S
        try:
            begin = picture_starts(consumer, self._absent)
            if begin:
                consumer.incremental_assign(begin)
        except KafkaException as error:
            log.info("the picture's topics are not read yet: %s", error)
            return
        self._absent -= {place.topic for place in begin}

    def _oldest_ms(self) -> int | None:
        """Read the arrival of the oldest check-in, on a connection of its own."""
        consumer = self._consumer()
        try:
            places = [(CHECKINS.name, partition) for partition in range(CHECKINS.partitions)]
            consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in places])
            found = [m for m in consumer.consume(1, ASK_S) if m.error() is None]
            return _timestamp_ms(found[0]) if found else None
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


class MissingTopicError(LookupError):
    """A topic that the war room reads is not there yet."""


def starts(consumer: Consumer) -> tuple[list[TopicPartition], dict[Place, int]]:
    """Find the offset to begin at, and the end, of every partition to be read.

    Raises
    ------
    MissingTopicError
        One of the topics is not there.
    KafkaException
        The broker does not answer.
    """
    metadata = consumer.list_topics(timeout=ASK_S).topics
    places: list[Place] = []
    for topic in (PLACE_MINUTES, CHECKINS_PROGRESS, CASES):
        if topic.name not in metadata or metadata[topic.name].error is not None:
            raise MissingTopicError(f"topic {topic.name} is not there yet")
        places += [(topic.name, partition) for partition in metadata[topic.name].partitions]
    spans = {p: consumer.get_watermark_offsets(TopicPartition(*p), timeout=ASK_S) for p in places}
    ends = {place: span[1] for place, span in spans.items()}
    long = {p: spans[p] for p in places if p[0] == PLACE_MINUTES.name}
    begin = _recent(consumer, long)
    return [TopicPartition(*p, begin.get(p, spans[p][0])) for p in places], ends


def picture_starts(consumer: Consumer, absent: Iterable[str]) -> list[TopicPartition]:
    """Find where to begin with those of the picture's topics that are there now."""
    known = consumer.list_topics(timeout=ASK_S).topics
    there = [t.name for t in TOPICS if t.name in absent and t.name in known]
    places = [(name, part) for name in there for part in known[name].partitions]
    return [TopicPartition(*place, _picture_start(consumer, place)) for place in places]


def _picture_start(consumer: Consumer, place: Place) -> int:
    if place[0] != CELL_DENSITY.name:
        return OFFSET_BEGINNING
    first, end = consumer.get_watermark_offsets(TopicPartition(*place), timeout=ASK_S)
    since_ms = max(0, time.time_ns() // 1_000_000 - DENSITY_BACK_MS)
    (found,) = consumer.offsets_for_times([TopicPartition(*place, since_ms)], ASK_S)
    by_time = found.offset if found.offset >= 0 else end
    return max(first, min(by_time, end - AT_LEAST))


def still_to_come(begin: list[TopicPartition], ends: dict[Place, int]) -> dict[Place, int]:
    """Give the end of each partition that holds records to be read; an empty one has none."""
    places = {(p.topic, p.partition): p.offset for p in begin}
    return {place: ends[place] for place, offset in places.items() if offset < ends[place]}


def _recent(consumer: Consumer, spans: dict[Place, tuple[int, int]]) -> dict[Place, int]:
    """Find where the last hours of records begin, counted back from the newest record."""
    newest_ms = max(
        (_newest_ms(consumer, *place, *span) for place, span in spans.items()), default=0
    )
    since_ms = max(0, newest_ms - LOOK_BACK_MS)
    asked = [TopicPartition(*place, since_ms) for place in spans]
    found = {(p.topic, p.partition): p.offset for p in consumer.offsets_for_times(asked, ASK_S)}
    begin = {}
    for place, (first, end) in spans.items():
        by_time = found[place] if found[place] >= 0 else end
        begin[place] = max(first, min(by_time, end - AT_LEAST))
    return begin


def _newest_ms(consumer: Consumer, topic: str, partition: int, first: int, end: int) -> int:
    """Give the timestamp of a partition's last record; 0 where it is empty.

    The last offsets may hold no record, so the last few are looked at.
    """
    if end <= first:
        return 0
    consumer.assign([TopicPartition(topic, partition, max(first, end - 10))])
    newest_ms, deadline_s = 0, time.monotonic() + ASK_S
    while time.monotonic() < deadline_s:
        for message in consumer.consume(10, 0.2):
            if message.error() is None:
                newest_ms = max(newest_ms, _timestamp_ms(message))
        (at,) = consumer.position([TopicPartition(topic, partition)])
        if at.offset >= end:
            break
    return newest_ms


def _timestamp_ms(message: Message) -> int:
    kind, stamp_ms = message.timestamp()
    return 0 if kind == TIMESTAMP_NOT_AVAILABLE else int(stamp_ms)


def _case(message: Message) -> CaseMessage:
    partition, offset = message.partition() or 0, message.offset() or 0
    return CaseMessage(partition, offset, _timestamp_ms(message), message.value())


def _in_words(error: Exception, broker: Broker) -> str:
    if isinstance(error, KafkaException):
        return f"the broker at {broker.bootstrap} does not answer"
    return str(error)
