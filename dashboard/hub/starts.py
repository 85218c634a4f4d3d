"""Starts: where reading begins on each partition, and what has to be read to be up to date.

What is needed of a long topic is its last hours: the ring is 130 minutes long, and a slice
is written after its minute. A replay's minutes pass faster or slower than the clock, so at
least the last `AT_LEAST` records of a partition are read too.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    Message,
    TopicPartition,
)

from dashboard.hub.statistics.fold import TOPICS as PICTURE
from schemas.times import milliseconds
from schemas.topics import (
    CASES,
    CELL_DENSITY,
    CHECKINS_PROGRESS,
    CHECKINS_REJECTED,
    PLACE_MINUTES,
)

LOOK_BACK_MS: Final = milliseconds(timedelta(hours=3))
AT_LEAST: Final = 100_000
ASK_S: Final = 2.0
DENSITY_BACK_MS: Final = milliseconds(timedelta(minutes=10))
"""Density is restated every 10 seconds where it changes, so this much is most of what holds; what
lies before is read beside it. All else of the picture is read from its beginning."""
READ: Final = (PLACE_MINUTES, CHECKINS_PROGRESS, CASES)
"""Topics without which there is no map."""
BESIDE: Final = (*PICTURE, CHECKINS_REJECTED)
"""Topics that are joined when they are there; the map never waits for them."""
NEWEST_REJECTS: Final = 20_000
Place = tuple[str, int]


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
    for topic in READ:
        if topic.name not in metadata or metadata[topic.name].error is not None:
            raise MissingTopicError(f"topic {topic.name} is not there yet")
        places += [(topic.name, partition) for partition in metadata[topic.name].partitions]
    spans = {p: consumer.get_watermark_offsets(TopicPartition(*p), timeout=ASK_S) for p in places}
    ends = {place: span[1] for place, span in spans.items()}
    long = {p: spans[p] for p in places if p[0] == PLACE_MINUTES.name}
    begin = _recent(consumer, long)
    return [TopicPartition(*p, begin.get(p, spans[p][0])) for p in places], ends


def starts_beside(
    consumer: Consumer, known: Mapping[str, Any], absent: Collection[str]
) -> list[TopicPartition]:
    """Find where to begin with those of the topics beside that are there now."""
    there = [topic.name for topic in BESIDE if topic.name in absent and topic.name in known]
    places = [(name, part) for name in there for part in known[name].partitions]
    return [TopicPartition(*place, _start_beside(consumer, place)) for place in places]


def skipped(consumer: Consumer, begin: list[TopicPartition]) -> dict[Place, tuple[int, int]]:
    """Give what of density lies before the offset where its reading begins, by partition."""
    density = [p for p in begin if p.topic == CELL_DENSITY.name]
    places = {(p.topic, p.partition): p.offset for p in density}
    spans = {
        place: (consumer.get_watermark_offsets(TopicPartition(*place), timeout=ASK_S)[0], offset)
        for place, offset in places.items()
    }
    return {place: span for place, span in spans.items() if span[0] < span[1]}


def added(known: Mapping[str, Any], read: Collection[Place]) -> list[TopicPartition]:
    """Find partitions that a topic got after it was begun; they are read from their beginning."""
    topics = {topic for topic, _ in read} & known.keys()
    places = {(topic, part) for topic in topics for part in known[topic].partitions}
    return [TopicPartition(*place, OFFSET_BEGINNING) for place in sorted(places - set(read))]


def _start_beside(consumer: Consumer, place: Place) -> int:
    if place[0] not in (CELL_DENSITY.name, CHECKINS_REJECTED.name):
        return OFFSET_BEGINNING
    first, end = consumer.get_watermark_offsets(TopicPartition(*place), timeout=ASK_S)
    if place[0] == CHECKINS_REJECTED.name:
        return max(first, end - NEWEST_REJECTS)
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
                newest_ms = max(newest_ms, timestamp_ms(message))
        (at,) = consumer.position([TopicPartition(topic, partition)])
        if at.offset >= end:
            break
    return newest_ms


def timestamp_ms(message: Message) -> int:
    """Give the arrival of a message; 0 where it has none."""
    kind, stamp_ms = message.timestamp()
    return 0 if kind == TIMESTAMP_NOT_AVAILABLE else int(stamp_ms)
