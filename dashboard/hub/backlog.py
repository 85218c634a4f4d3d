"""Backlog: what a compacted topic holds before the place where its reading began.

    first ................. begin ............ end
          [-- backlog --)         [-- read at once, and followed --

A record that stays as it is is not said again, and still holds. The newest records are read
first, so that the picture is there at once; this reads the rest beside it, a part at each look,
and gives the last value of each key of which nothing newer was heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from dashboard.hub.starts import Place

MOST: Final = 10_000
"""Messages a look takes at most: some 20 ms."""
MOST_KEYS: Final = 1_000_000
Span = tuple[int, int]


@dataclass
class Backlog:
    """The offsets `[first, begin)` of some partitions, read once with a consumer of its own."""

    consumer: Consumer
    spans: Mapping[Place, Span]
    _newer: set[bytes] = field(default_factory=set)
    _last: dict[bytes, bytes | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.consumer.assign([TopicPartition(*p, first) for p, (first, _) in self.spans.items()])

    def heard(self, key: bytes | None) -> None:
        """Remember that something newer was heard of a key."""
        if key is not None:
            self._newer.add(key)

    def read(self) -> bool:
        """Read on, without waiting; say whether all is read."""
        for message in self.consumer.consume(MOST, 0.0):
            key, offset = message.key(), message.offset()
            if message.error() is not None or key is None or offset is None:
                continue
            _, begin = self.spans[message.topic() or "", message.partition() or 0]
            if offset < begin and (key in self._last or len(self._last) < MOST_KEYS):
                self._last[key] = message.value()
        return self._is_read()

    def last_values(self) -> list[bytes | None]:
        """Give the last value of each key of which nothing newer was heard; close the consumer."""
        self.consumer.close()
        return [value for key, value in self._last.items() if key not in self._newer]

    def _is_read(self) -> bool:
        # what lies at `begin` is there, so the position comes to it also over a gap
        try:
            at = self.consumer.position([TopicPartition(*place) for place in self.spans])
        except KafkaException:
            return False
        return all(p.offset >= self.spans[p.topic, p.partition][1] for p in at)
