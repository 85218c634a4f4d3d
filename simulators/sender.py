"""Sending to Kafka: an idempotent producer that waits for all replicas, with its account."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.broker import Broker
from schemas.topics import CASES, CHECKINS, topic_named
from simulators.errors import BrokerError
from simulators.messages import Messages, cut

WRITTEN = (CHECKINS, CASES)
_BATCH = 10_000
_UNDER_WAY = 100_000
_TIMED_EVERY = 101
_FULL_S = 0.02
ANSWER_S = 10.0
_SETTINGS: dict[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    # Whatever cannot be delivered ends the run, so that nobody has to be asked message by message.
    "enable.gapless.guarantee": True,
    # A step ends with a flush, which waits for nothing: only load is gathered so long.
    "linger.ms": 100,
    "batch.size": 900_000,
    "batch.num.messages": _BATCH,
    "compression.type": "lz4",
    # Never reached: `_UNDER_WAY` is. A batch that found the queue full would lose its order.
    "queue.buffering.max.messages": 10 * _UNDER_WAY,
    "queue.buffering.max.kbytes": 1_000_000,
    "message.max.bytes": max(topic.max_message_bytes for topic in WRITTEN),
    # A broker that is away is waited for; nothing handed over is ever given up.
    "message.timeout.ms": 0,
    "client.id": "hexline-simulator",
    # Trouble is said in one line of ours; librdkafka would say it twenty times a second.
    "log_level": 2,
}


@dataclass(slots=True)
class Account:
    """What was handed to the broker and how much of it has not been acknowledged yet.

    `sent` is by topic, the latest last. `delays_ms` is how long a sample of the newest were
    under way, from being handed over.
    """

    sent: dict[str, int] = field(default_factory=dict)
    under_way: int = 0
    delays_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))

    def handed_over(self, topic: str, number: int) -> None:
        """Add what was handed over."""
        self.sent[topic] = self.sent.pop(topic, 0) + number

    @property
    def acknowledged(self) -> dict[str, int]:
        """Give what the broker has for certain, by topic; what was sent last is in doubt first."""
        doubt, known = self.under_way, dict(self.sent)
        for topic in reversed(list(known)):
            lacks = min(doubt, known[topic])
            known[topic] -= lacks
            doubt -= lacks
        return known

    def words(self) -> str:
        """Say what was sent and acknowledged: "12 of 12 checkins, 3 of 3 cases"."""
        known = self.acknowledged
        told = [f"{known[of]:,} of {n:,} {of} acknowledged" for of, n in sorted(self.sent.items())]
        return ", ".join(told) or "nothing was left to send"


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
            known = self._producer.list_topics(timeout=ANSWER_S).topics
        except KafkaException as error:
            raise BrokerError(
                f"{broker.bootstrap}: the broker does not answer ({error.args[0].str()})"
            ) from None
        for topic in WRITTEN:
            if topic.name not in known:
                raise BrokerError(f"{broker.bootstrap}: topic {topic.name!r} is missing")

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._trouble = error

    def _timed(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self.account.delays_ms.append((message.latency() or 0.0) * 1000)

    def send(self, messages: Messages) -> None:
        """Hand messages over in order; waits while too many are under way."""
        self._hand_over_all(messages, self._each)

    def send_now(self, messages: Messages) -> None:
        """Hand over messages that arrive now: in bulk, where a time for each cannot be given."""
        self._hand_over_all(messages, self._together)

    def _hand_over_all(self, messages: Messages, hand_over: Callable[[str, Messages], int]) -> None:
        topic = topic_named(messages.topic).name
        for first in range(0, len(messages.ids), _BATCH):
            self._wait_for_room()
            part = cut(messages, first, first + _BATCH)
            try:
                taken = hand_over(topic, part)
            except KafkaException as error:
                raise self._refused(error.args[0]) from None
            self.account.handed_over(topic, taken)
        self._poll(0)

    def _each(self, topic: str, messages: Messages) -> int:
        produce = self._producer.produce
        columns = zip(messages.values, messages.keys, messages.arrival_ms.tolist(), strict=True)
        for number, (value, key, at_ms) in enumerate(columns):
            if number % _TIMED_EVERY:
                produce(topic, value, key, timestamp=at_ms)
            else:
                produce(topic, value, key, timestamp=at_ms, on_delivery=self._timed)
        return len(messages.ids)

    def _together(self, topic: str, messages: Messages) -> int:
        rows: list[dict[str, Any]] = [
            {"value": value, "key": key}
            for value, key in zip(messages.values, messages.keys, strict=True)
        ]
        for row in rows[::_TIMED_EVERY]:
            row["callback"] = self._timed
        taken = self._producer.produce_batch(topic, rows)
        if taken < len(rows):
            raise self._refused(next(row["_error"] for row in rows if "_error" in row))
        return taken

    def _wait_for_room(self) -> None:
        while self._poll(0) > _UNDER_WAY:
            time.sleep(_FULL_S)

    def _poll(self, seconds: float) -> int:
        """Take news from the broker; give how many messages are under way."""
        self._producer.poll(seconds)
        if self._trouble is not None:
            raise self._refused(self._trouble)
        self.account.under_way = len(self._producer)
        return self.account.under_way

    @staticmethod
    def _refused(error: object) -> BrokerError:
        said = error.str() if isinstance(error, KafkaError) else str(error)
        return BrokerError(f"the broker refuses what is sent: {said}")

    def flush(self, wait: Callable[[], bool] = lambda: True) -> bool:
        """Wait until everything is acknowledged, as long as `wait` says so.

        Returns
        -------
        bool
            Whether everything handed over was acknowledged.
        """
        while self._producer.flush(1.0) > 0:
            self._poll(0)
            if not wait():
                return False
        self._poll(0)
        return True
