"""Sending to Kafka: an idempotent producer that waits for all replicas, with its account."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.broker import Broker
from schemas.topics import CASES, CHECKINS, topic_named
from simulators.errors import BrokerError
from simulators.messages import Messages

_POLL_EVERY = 5_000
_TIMED_EVERY = 101
_SETTINGS: dict[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 20,
    "batch.size": 262_144,
    "compression.type": "lz4",
    "queue.buffering.max.messages": 400_000,
    "message.max.bytes": max(CHECKINS.max_message_bytes, CASES.max_message_bytes),
    # A broker that is away is waited for; nothing handed over is ever given up.
    "message.timeout.ms": 0,
    "client.id": "hexline-simulator",
    # Trouble is said in one line of ours; librdkafka would say it twenty times a second.
    "log_level": 2,
}


@dataclass(slots=True)
class Account:
    """What was handed to the broker and what it has acknowledged, by topic.

    `delays_ms` is how long a sample of the newest were under way, from being handed over.
    """

    sent: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    delays_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))

    def words(self) -> str:
        """Say what was sent and acknowledged: "12 of 12 checkins, 3 of 3 cases"."""
        return ", ".join(
            f"{self.acknowledged.get(topic, 0):,} of {sent:,} {topic} acknowledged"
            for topic, sent in self.sent.items()
        )


class Sender:
    """Sends columns of messages; the Kafka timestamp of each is its simulated arrival."""

    def __init__(self, broker: Broker) -> None:
        self.account = Account()
        self._trouble: KafkaError | None = None
        self._producer = Producer({**broker.client(), **_SETTINGS, "error_cb": self._on_error})
        self._check(broker)

    @property
    def sent(self) -> dict[str, int]:
        """Give what the broker has acknowledged, by topic."""
        return self.account.acknowledged

    def words(self) -> str:
        """Say what was sent and acknowledged."""
        return self.account.words()

    def _check(self, broker: Broker) -> None:
        try:
            known = self._producer.list_topics(timeout=10).topics
        except KafkaException as error:
            raise BrokerError(
                f"{broker.bootstrap}: the broker does not answer ({error.args[0].str()})"
            ) from None
        for topic in (CHECKINS, CASES):
            if topic.name not in known:
                raise BrokerError(f"{broker.bootstrap}: topic {topic.name!r} is missing")

    def _on_error(self, error: KafkaError) -> None:
        self._trouble = error

    def _on_delivery(self, topic: str) -> Callable[[KafkaError | None, Message], None]:
        acknowledged = self.account.acknowledged
        acknowledged.setdefault(topic, 0)

        def count(error: KafkaError | None, message: Message) -> None:
            if error is None:
                acknowledged[topic] += 1
                if acknowledged[topic] % _TIMED_EVERY == 0:
                    self.account.delays_ms.append((message.latency() or 0.0) * 1000)
            else:
                self.account.failed += 1
                self._trouble = error

        return count

    def send(self, messages: Messages) -> None:
        """Hand messages over in order; waits while the producer's queue is full."""
        topic = topic_named(messages.topic).name
        produce, count = self._producer.produce, self._on_delivery(topic)
        rows = zip(messages.values, messages.keys, messages.arrival_ms.tolist(), strict=True)
        for number, (value, key, at_ms) in enumerate(rows):
            if number % _POLL_EVERY == 0:
                self._producer.poll(0)
            try:
                produce(topic, value, key, timestamp=at_ms, on_delivery=count)
            except BufferError:
                self._wait_for_room(topic, (value, key, at_ms), count)
        self.account.sent[topic] = self.account.sent.get(topic, 0) + len(messages.keys)
        self._producer.poll(0)

    def _wait_for_room(
        self, topic: str, row: tuple[bytes, str, int], count: Callable[..., None]
    ) -> None:
        value, key, at_ms = row
        while True:
            self._producer.poll(0.1)
            with suppress(BufferError):
                self._producer.produce(topic, value, key, timestamp=at_ms, on_delivery=count)
                return

    def flush(self, wait: Callable[[], bool] = lambda: True) -> bool:
        """Wait until everything is acknowledged, as long as `wait` says so.

        Returns
        -------
        bool
            Whether everything handed over was acknowledged.
        """
        while self._producer.flush(1.0) > 0:
            if not wait():
                return False
        if self.account.failed:
            raise BrokerError(f"the broker refused {self.account.failed} messages: {self._trouble}")
        return True
