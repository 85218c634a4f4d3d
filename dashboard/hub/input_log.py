"""Input log: where the log of check-ins begins and ends; nothing of it is folded here.

How many partitions it has the broker says: a customer's topic may have more than ours, and may
get more while we run.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from dashboard.hub.starts import ASK_S, MissingTopicError, Place, timestamp_ms
from schemas.topics import CHECKINS

LOOK_S = 0.2
EVERY_S = 1.0


@dataclass
class Ends:
    """Asks once a second where the log ends, beside the reading."""

    admin: AdminClient
    _asked: dict[TopicPartition, Future[Any]] = field(default_factory=dict)
    _next_s: float = 0.0

    def answered(self, partitions: Collection[int]) -> dict[int, int]:
        """Give the end of each partition when all have answered, else nothing; never waits.

        Raises
        ------
        KafkaException
            The broker does not answer; it is asked again after a while.
        """
        if partitions and not self._asked and time.monotonic() >= self._next_s:
            end = OffsetSpec.latest()  # type: ignore[no-untyped-call]
            asked = {TopicPartition(CHECKINS.name, partition): end for partition in partitions}
            self._asked = self.admin.list_offsets(asked, request_timeout=ASK_S)
        if not self._asked or not all(answer.done() for answer in self._asked.values()):
            return {}
        answers, self._asked = self._asked, {}
        self._next_s = time.monotonic() + EVERY_S
        try:
            return {place.partition: int(one.result().offset) for place, one in answers.items()}
        except KafkaException:
            self._next_s += EVERY_S
            raise


def oldest_ms(consumer: Consumer) -> int | None:
    """Give the arrival of the oldest check-in: the oldest of the partitions' first messages.

    Reads with `consumer`, whatever that was assigned before. None where nothing was heard.
    """
    spans = _spans(consumer)
    waiting = {place for place, (first, end) in spans.items() if first < end}
    consumer.assign([TopicPartition(*place, spans[place][0]) for place in waiting])
    firsts: dict[Place, int] = {}
    deadline_s = time.monotonic() + ASK_S
    while waiting and time.monotonic() < deadline_s:
        found = _first_of_each(consumer, waiting)
        firsts |= found
        # a partition that has answered must not fill the line with its second message
        consumer.incremental_unassign([TopicPartition(*place) for place in found])
        waiting -= found.keys()
    return min(firsts.values(), default=None)


def _first_of_each(consumer: Consumer, waiting: Collection[Place]) -> Mapping[Place, int]:
    found: dict[Place, int] = {}
    for message in consumer.consume(len(waiting), LOOK_S):
        place = (message.topic() or "", message.partition() or 0)
        if message.error() is None and place in waiting:
            found.setdefault(place, timestamp_ms(message))
    return found


def _spans(consumer: Consumer) -> dict[Place, tuple[int, int]]:
    known = consumer.list_topics(CHECKINS.name, timeout=ASK_S / 4).topics.get(CHECKINS.name)
    if known is None or known.error is not None:
        raise MissingTopicError(f"topic {CHECKINS.name} is not there yet")
    places = [(CHECKINS.name, partition) for partition in sorted(known.partitions)]
    return {
        place: consumer.get_watermark_offsets(TopicPartition(*place), timeout=ASK_S / 4)
        for place in places
    }
