"""Input log: where the log of check-ins begins and ends; nothing of it is folded here.

How many partitions it has is asked of the broker: a customer's topic may have more than ours,
and may get more while we run.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

from confluent_kafka import Consumer, TopicPartition

from dashboard.hub.starts import ASK_S, MissingTopicError, Place, timestamp_ms
from schemas.topics import CHECKINS

LOOK_S = 0.2


def ends(consumer: Consumer) -> dict[int, int]:
    """Give the end of each partition.

    Raises
    ------
    MissingTopicError
        There is no log of check-ins.
    KafkaException
        The broker does not answer.
    """
    return {place[1]: span[1] for place, span in _spans(consumer).items()}


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
