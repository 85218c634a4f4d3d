"""What is in the topics already: how an interrupted run finds out what it has sent."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]

from schemas.broker import Broker
from schemas.topics import CASES, CHECKINS, CLUES, RESOURCES, VISITS, Topic
from simulators.errors import BrokerError

TOPICS_WRITTEN = (CHECKINS, CASES, VISITS, CLUES, RESOURCES)
_TIMEOUT_S = 10.0
_FETCH_S = 0.1


class _Named(msgspec.Struct):
    event_id: str = ""
    case_id: str = ""
    visit_id: str = ""
    clue_id: str = ""
    resource_id: str = ""
    as_of_ms: int = 0
    revision: int = 0


def identity(named: _Named) -> str:
    """Give the id by which a message of a run is known."""
    if named.resource_id:
        return f"{named.resource_id}@{named.as_of_ms}"
    plain = named.event_id or named.visit_id
    return plain or case_identity(named.case_id or named.clue_id, named.revision)


def case_identity(case_id: str, revision: int) -> str:
    """Give the id of one revision of a case."""
    return f"{case_id}#{revision}"


def kept_for_ms(broker: Broker, topic: Topic) -> int | None:
    """Say how long the broker keeps a topic's messages, by their own time; None is for ever.

    None too where it does not say: then nothing is known to be lost.
    """
    asked = ConfigResource(ResourceType.TOPIC, topic.name)
    client = AdminClient({**broker.client(), "log_level": 0})
    try:
        answer = client.describe_configs([asked])[asked]
        kept = int(answer.result(_TIMEOUT_S)["retention.ms"].value)
    except (KafkaException, TimeoutError, KeyError, ValueError):
        return None
    return kept if kept >= 0 else None


class Present:
    """Looks into the topics that simulators write."""

    def __init__(self, broker: Broker, topics: tuple[Topic, ...] = TOPICS_WRITTEN) -> None:
        self._topics = topics
        self._decoder = msgspec.json.Decoder(_Named)
        self._consumer = Consumer(
            {
                **broker.client(),
                "group.id": "hexline-present",
                "enable.auto.commit": False,
                "log_level": 2,
            }
        )

    def __enter__(self) -> Present:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def newest_arrival_ms(self, before_ms: int) -> int | None:
        """Give the newest arrival below `before_ms` among the last records of the partitions.

        Only the check-ins' partitions: cases come too seldom to show where a run is.
        """
        newest = [
            arrival
            for part in self._partitions(CHECKINS)
            if (arrival := self._last_arrival(part)) is not None and arrival < before_ms
        ]
        return max(newest, default=None)

    def ids_since(self, arrival_ms: int) -> frozenset[str]:
        """Give the ids of all messages from an arrival on."""
        return frozenset(
            identity(named)
            for topic in self._topics
            for message in self.messages(topic, arrival_ms)
            if (named := self._named(message)) is not None
        )

    def _named(self, message: Message) -> _Named | None:
        try:
            return self._decoder.decode(message.value() or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None  # somebody else's dirt

    def _partitions(self, topic: Topic) -> list[TopicPartition]:
        try:
            found = self._consumer.list_topics(timeout=_TIMEOUT_S).topics.get(topic.name)
        except KafkaException as error:
            raise BrokerError(f"the broker does not answer ({error.args[0].str()})") from None
        if found is None:
            return []
        if len(found.partitions) < topic.partitions:
            raise BrokerError(f"{topic.name}: the broker shows {len(found.partitions)} partitions")
        return [TopicPartition(topic.name, number) for number in found.partitions]

    def _last_arrival(self, part: TopicPartition) -> int | None:
        low, high = self._consumer.get_watermark_offsets(part, timeout=_TIMEOUT_S)
        if high <= low:
            return None
        last = self._read(TopicPartition(part.topic, part.partition, high - 1), high)
        return max((int(message.timestamp()[1]) for message in last), default=None)

    def oldest_arrival_ms(self, since_ms: int) -> int | None:
        """Give the oldest arrival among the partitions' first check-ins from an arrival on."""
        firsts = (next(self._read(*part), None) for part in self._from(CHECKINS, since_ms))
        return min((int(first.timestamp()[1]) for first in firsts if first), default=None)

    def messages(self, topic: Topic, arrival_ms: int) -> Iterator[Message]:
        """Give the messages of a topic from an arrival on, partition by partition."""
        for start, end in self._from(topic, arrival_ms):
            yield from self._read(start, end)

    def _from(self, topic: Topic, arrival_ms: int) -> Iterator[tuple[TopicPartition, int]]:
        asked = [
            TopicPartition(part.topic, part.partition, arrival_ms)
            for part in self._partitions(topic)
        ]
        found = self._consumer.offsets_for_times(asked, timeout=_TIMEOUT_S) if asked else []
        for start in found:
            if start.error is not None:
                # A broker that has just come back does not lead all its partitions yet; reading
                # past them would make a run send again what they hold.
                raise BrokerError(f"{topic.name}[{start.partition}]: {start.error.str()}")
            _, high = self._consumer.get_watermark_offsets(start, timeout=_TIMEOUT_S)
            if 0 <= start.offset < high:
                yield start, high

    def _read(self, start: TopicPartition, end: int) -> Iterator[Message]:
        self._consumer.assign([start])
        position, empty = start.offset, 0
        while position < end:
            # A fetch waits for as many messages as it was asked for, or for its time.
            messages = self._consumer.consume(2_000, timeout=_FETCH_S)
            empty = 0 if messages else empty + 1
            if empty * _FETCH_S > _TIMEOUT_S:
                raise BrokerError(f"{start.topic}: no answer at offset {position} of {end}")
            for message in messages:
                if message.error() is None:
                    position = (message.offset() or 0) + 1
                    yield message
        self._consumer.unassign()
