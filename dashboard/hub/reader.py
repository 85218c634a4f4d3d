"""Reader: one reading of the bus, from where it begins for as long as the topics stay the same.

topics of counts and cases ---.
topics beside (the picture) --+--> consumer --> Batch a look
check-ins: ends and begin ----'
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from dashboard.hub import clients, input_log
from dashboard.hub.backlog import Backlog
from dashboard.hub.identity import Identity
from dashboard.hub.source import Batch, CaseMessage
from dashboard.hub.starts import (
    ASK_S,
    BESIDE,
    READ,
    MissingTopicError,
    Place,
    added,
    skipped,
    starts,
    starts_beside,
    still_to_come,
    timestamp_ms,
)
from dashboard.hub.statistics.fold import NAMES
from schemas.broker import Broker
from schemas.topics import (
    CELL_DENSITY,
    CHECKINS,
    CHECKINS_PROGRESS,
    CHECKINS_REJECTED,
    PLACE_MINUTES,
)

log = logging.getLogger(__name__)

MOST: Final = 10_000
"""Messages a look takes at most: some 40 ms of folding."""
POLL_S: Final = 0.05
JOIN_EVERY_S: Final = 10.0
_TROUBLE: Final = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT)


@dataclass
class Reader:
    """Looks at the bus again and again; made anew when a topic was."""

    broker: Broker
    trouble: str = ""
    _missing: dict[Place, int] = field(default_factory=dict)
    _begun_ms: int | None = None
    _absent: set[str] = field(default_factory=lambda: {topic.name for topic in BESIDE})
    _read: set[Place] = field(default_factory=set)
    _backlog: Backlog | None = None
    _next_join_s: float = 0.0

    def __post_init__(self) -> None:
        self.consumer = clients.consumer(self.broker, self._hear)
        admin = clients.admin(self.broker)
        self.identity, self._log_ends = Identity(admin), input_log.Ends(admin)

    def _hear(self, error: KafkaError) -> None:
        if error.code() in _TROUBLE:
            self.trouble = f"the broker at {self.broker.bootstrap} does not answer"

    def begin(self) -> bool:
        """Find where to begin; False, and trouble, while broker or topics are on their way."""
        try:
            # first, so that what is looked at is this topic or one that is noticed
            self.identity.learn([*(topic.name for topic in READ), CHECKINS.name])
            begin, ends = starts(self.consumer)
        except (KafkaException, MissingTopicError) as error:
            self.trouble = _in_words(error, self.broker)
            return False
        self._missing = still_to_come(begin, ends)
        self.consumer.assign(begin)
        self._read = {(place.topic, place.partition) for place in begin}
        self.trouble = ""
        return True

    def look(self) -> Batch:
        """Take what came since the last look."""
        batch = Batch()
        picture: dict[str, list[bytes | None]] = {}
        self._join()
        for message in self.consumer.consume(MOST, POLL_S):
            if (error := message.error()) is not None:
                self._hear(error)
            else:
                self._sort(message, batch, picture)
        if batch.slices or batch.progress or batch.cases or picture:
            self.trouble = ""
        self._read_backlog(picture)
        ends = self._ends()
        if self._missing:
            self._check_caught_up()
        if self._begun_ms is None and any(ends.values()):
            self._begun_ms = self._oldest_ms()
        return replace(
            batch,
            ends=ends,
            begun_ms=self._begun_ms,
            caught_up=not self._missing,
            trouble=self.trouble or self._gone(),
            picture=picture,
        )

    def close(self) -> None:
        """Let go of the bus."""
        self.consumer.close()
        if self._backlog is not None:
            self._backlog.consumer.close()

    def _gone(self) -> str:
        """Say which topic was deleted under the reader; it is waited for."""
        gone = [topic.name for topic in READ if topic.name in self.identity.gone]
        return f"topic {gone[0]} is not there" if gone else ""

    def _sort(self, message: Message, batch: Batch, picture: dict[str, list[bytes | None]]) -> None:
        topic, value = message.topic() or "", message.value()
        if topic == PLACE_MINUTES.name:
            batch.slices.append(value)
        elif topic == CHECKINS_PROGRESS.name:
            batch.progress.append(value)
        elif topic == CHECKINS_REJECTED.name:
            batch.rejected.append(value)
        elif topic in NAMES:
            picture.setdefault(topic, []).append(value)
            if self._backlog is not None and topic == CELL_DENSITY.name:
                self._backlog.heard(message.key())
        else:
            batch.cases.append(_case(message))

    def _join(self) -> None:
        """Read what was not there before: the topics beside, and partitions that were added.

        The map of counts never waits for it.
        """
        if self.trouble or time.monotonic() < self._next_join_s:
            return
        self._next_join_s = time.monotonic() + JOIN_EVERY_S
        try:
            known = self.consumer.list_topics(timeout=ASK_S / 4).topics
            if come := self._absent & known.keys():
                self.identity.learn(come)
            beside = starts_beside(self.consumer, known, self._absent)
            if begin := [*beside, *added(known, self._read)]:
                self.consumer.incremental_assign(begin)
                self._look_back(beside)
        except KafkaException as error:
            log.info("nothing new is read yet: %s", error)
            return
        self._absent -= {place.topic for place in beside}
        self._read |= {(place.topic, place.partition) for place in begin}

    def _look_back(self, begin: list[TopicPartition]) -> None:
        """Read what of density lies before its begin, beside everything else."""
        if spans := skipped(self.consumer, begin):
            self._backlog = Backlog(clients.consumer(self.broker, lambda _: None), spans)

    def _read_backlog(self, picture: dict[str, list[bytes | None]]) -> None:
        if self._backlog is not None and not self._missing and self._backlog.read():
            older = self._backlog.last_values()
            # in front: what has just come is newer
            picture[CELL_DENSITY.name] = [*older, *picture.get(CELL_DENSITY.name, [])]
            self._backlog = None

    def _oldest_ms(self) -> int | None:
        """Read the arrival of the oldest check-in, on a connection of its own."""
        consumer = clients.consumer(self.broker, lambda _: None)
        try:
            return input_log.oldest_ms(consumer)
        except (KafkaException, MissingTopicError) as error:
            log.info("not known yet where the log begins: %s", error)
            return None
        finally:
            consumer.close()

    def _check_caught_up(self) -> None:
        asked = [TopicPartition(*place) for place in self._missing]
        for at in self.consumer.position(asked):
            # a compacted or expired end may hold no message, so the position counts
            if at.offset >= self._missing[at.topic, at.partition]:
                del self._missing[at.topic, at.partition]

    def _ends(self) -> dict[int, int]:
        """Give where the log of check-ins ends, once a second; nothing while nobody answers."""
        name, known = CHECKINS.name, self.identity
        if name in known.gone:
            self.trouble = self.trouble or f"topic {name} is not there yet"
            return {}
        try:
            ends = self._log_ends.answered(range(known.partitions.get(name, 0)))
        except KafkaException as error:
            # a topic that was just deleted has its own words as soon as its identity is known
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                self.trouble = self.trouble or _in_words(error, self.broker)
            return {}
        self.trouble = "" if ends else self.trouble
        return ends


def _case(message: Message) -> CaseMessage:
    partition, offset = message.partition() or 0, message.offset() or 0
    return CaseMessage(partition, offset, timestamp_ms(message), message.value())


def _in_words(error: Exception, broker: Broker) -> str:
    if isinstance(error, KafkaException):
        return f"the broker at {broker.bootstrap} does not answer"
    return str(error)
