"""A bus in memory with the clients' ways, and a clock that moves when somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        """Give the seconds waited so far."""
        return self.now_s

    def time_ns(self) -> int:
        """Give the same as wall clock."""
        return int(self.now_s * 1e9)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


class Bus:
    """Topics as lists of (time, value), by partition; it can go away and come back."""

    def __init__(self, **topics: int) -> None:
        self.clock = Clock()
        self.is_away = False
        self.topics: dict[str, list[list[tuple[int, bytes | None]]]] = {}
        self.ids: dict[str, str] = {}
        self.made = 0
        for topic, partitions in topics.items():
            self.make(topic.replace("_", "-"), partitions)

    def make(self, topic: str, partitions: int) -> None:
        """Make a topic, anew if it is there; each has an id of its own."""
        self.topics[topic] = [[] for _ in range(partitions)]
        self.made += 1
        self.ids[topic] = f"id-{self.made}"

    def drop(self, topic: str) -> None:
        """Delete a topic."""
        del self.topics[topic], self.ids[topic]

    def say(self, topic: str, *values: bytes | None, partition: int = 0, at_ms: int = 0) -> None:
        """Append to a partition."""
        self.topics[topic][partition] += [(at_ms, value) for value in values]

    def admin(self, settings: dict[str, Any]) -> Admin:
        """Stand for confluent_kafka.admin.AdminClient."""
        return Admin(self)

    def client(self, settings: dict[str, Any]) -> Consumer:
        """Stand for confluent_kafka.Consumer."""
        return Consumer(self, settings)


class Message:
    """One message, read by calls as the client's are."""

    def __init__(self, **parts: Any) -> None:
        for name, part in parts.items():
            setattr(self, name, lambda part=part: part)


class Admin:
    """What of an administrator the war room uses."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus

    def describe_topics(self, names: TopicCollection, request_timeout: float) -> Any:
        """Give a future of each topic's id."""
        return {name: self._describe(name) for name in names.topic_names}

    def _describe(self, name: str) -> Future[Any]:
        answer: Future[Any] = Future()
        if self.bus.is_away:
            answer.set_exception(KafkaException(KafkaError(KafkaError._TRANSPORT)))
        elif name not in self.bus.ids:
            missing = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
            answer.set_exception(KafkaException(missing))
        else:
            partitions = range(len(self.bus.topics[name]))
            answer.set_result(SimpleNamespace(topic_id=self.bus.ids[name], partitions=partitions))
        return answer

    def list_offsets(self, asked: dict[TopicPartition, Any], request_timeout: float) -> Any:
        """Give a future of each partition's end."""
        return {place: self._end(place) for place in asked}

    def _end(self, place: TopicPartition) -> Future[Any]:
        answer: Future[Any] = Future()
        parts = self.bus.topics.get(place.topic, [])
        if self.bus.is_away:
            answer.set_exception(KafkaException(KafkaError(KafkaError._TRANSPORT)))
        elif place.partition >= len(parts):
            missing = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
            answer.set_exception(KafkaException(missing))
        else:
            answer.set_result(SimpleNamespace(offset=len(parts[place.partition])))
        return answer


class Consumer:
    """What of a consumer the war room uses."""

    def __init__(self, bus: Bus, settings: dict[str, Any]) -> None:
        self.bus, self.settings = bus, settings
        self.at: dict[tuple[str, int], int] = {}

    def _reach(self) -> None:
        if self.bus.is_away:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))

    def list_topics(self, topic: str | None = None, timeout: float = 0.0) -> Any:
        """Name topics and partitions."""
        self._reach()
        return SimpleNamespace(
            topics={
                name: SimpleNamespace(error=None, partitions=dict.fromkeys(range(len(parts))))
                for name, parts in self.bus.topics.items()
                if topic in (None, name)
            }
        )

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        """Give begin and end of a partition."""
        self._reach()
        return 0, len(self.bus.topics[place.topic][place.partition])

    def offsets_for_times(self, places: list[TopicPartition], timeout: float) -> Any:
        """Find the first message of that time or later; -1 where there is none."""
        self._reach()
        return [
            TopicPartition(
                p.topic,
                p.partition,
                next(
                    (
                        i
                        for i, (at_ms, _) in enumerate(self.bus.topics[p.topic][p.partition])
                        if at_ms >= p.offset
                    ),
                    -1,
                ),
            )
            for p in places
        ]

    def assign(self, places: list[TopicPartition]) -> None:
        """Read these from now on."""
        self.at = {}
        self.incremental_assign(places)

    def incremental_assign(self, places: list[TopicPartition]) -> None:
        """Read these too."""
        self.at |= {
            (p.topic, p.partition): 0 if p.offset == OFFSET_BEGINNING else p.offset for p in places
        }

    def incremental_unassign(self, places: list[TopicPartition]) -> None:
        """Read these no more."""
        for place in places:
            del self.at[place.topic, place.partition]

    def position(self, places: list[TopicPartition]) -> list[TopicPartition]:
        """Give how far each is read."""
        return [TopicPartition(p.topic, p.partition, self.at[p.topic, p.partition]) for p in places]

    def consume(self, most: int, timeout: float) -> list[Message]:
        """Give what is there, or wait; a position behind the end is reset as configured."""
        self.bus.clock.sleep(timeout)
        if self.bus.is_away:
            tell: Callable[[KafkaError], None] = self.settings["error_cb"]
            tell(KafkaError(KafkaError._ALL_BROKERS_DOWN))
            return []
        given: list[Message] = []
        for (topic, partition), offset in self.at.items():
            parts = self.bus.topics.get(topic, [])
            if partition >= len(parts):
                continue  # the topic is gone, or has fewer partitions now
            log = parts[partition]
            reset = {"earliest": 0, "latest": len(log)}[self.settings["auto.offset.reset"]]
            begin = reset if offset > len(log) else offset
            some = list(enumerate(log))[begin : begin + most - len(given)]
            given += [
                Message(
                    error=None,
                    topic=topic,
                    partition=partition,
                    offset=at,
                    key=value and value.split(b"=")[0],
                    timestamp=(1, at_ms),
                    value=value,
                )
                for at, (at_ms, value) in some
            ]
            self.at[topic, partition] = begin + len(some)
        return given

    def close(self) -> None:
        """Let go."""
        self.at = {}
