"""The newest accounts of each input partition, read from the end of their topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import Consumer, Message, TopicPartition

from schemas.broker import Broker
from schemas.codec import Refusal, decode
from schemas.records import Progress
from schemas.topics import CHECKINS, CHECKINS_PROGRESS
from stack.bus import Extent, extents, reader, silent

# A partition's accounts are written a few times a second; these reach back some minutes.
TAIL = 4_000
READ_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Written:
    """One value of the topic, and the wall clock's time when it was written."""

    progress: Progress
    written_ms: int


def latest(broker: Broker) -> list[Written]:
    """Give the newest value of each input partition.

    The end of the topic holds them as long as every partition receives something; where one
    is missing there, the whole topic is read.
    """
    parts = extents(broker, [CHECKINS_PROGRESS.name])
    found = newest(messages(broker, [_tail(part) for part in parts]))
    whole = all(part.first >= _tail(part).first for part in parts)
    if whole or len(found) >= CHECKINS.partitions:
        return list(found.values())
    return list(newest(messages(broker, parts)).values())


def _tail(part: Extent) -> Extent:
    first = max(part.first, part.end - TAIL)
    return Extent(part.topic, part.partition, first, part.end)


def newest(values: Iterator[Message]) -> dict[str, Written]:
    """Keep the last value of each key, in the topic's order."""
    found: dict[str, Written] = {}
    for message in values:
        record = decode(message.value(), Progress)
        if not isinstance(record, Refusal):
            found[f"{record.topic}-{record.partition}"] = Written(record, message.timestamp()[1])
    return found


def messages(broker: Broker, parts: list[Extent]) -> Iterator[Message]:
    """Read what the partitions hold now, `[first, end)` of each.

    Raises
    ------
    StackError
        The broker falls silent before all of it is read.
    """
    consumer = reader(broker)
    try:
        consumer.assign(
            [
                TopicPartition(part.topic, part.partition, part.first)
                for part in parts
                if part.first < part.end
            ]
        )
        left = {(part.topic, part.partition): part.end for part in parts if part.first < part.end}
        while left:
            message = consumer.poll(READ_TIMEOUT_S)
            if message is None:
                raise silent(broker)
            yield from _within(consumer, message, left)
    finally:
        consumer.close()


def _within(
    consumer: Consumer, message: Message, left: dict[tuple[str, int], int]
) -> Iterator[Message]:
    """Give a message that lies before its partition's end; note a partition that is done.

    Compaction takes offsets out, so that the last one before the end may never come: the
    consumer's own position tells.
    """
    part = (str(message.topic()), int(message.partition() or 0))
    if message.error() is None and part in left and (message.offset() or 0) < left[part]:
        yield message
    where = consumer.position([TopicPartition(*part)])[0].offset
    if part in left and (where >= left[part] or message.error() is not None):
        del left[part]
