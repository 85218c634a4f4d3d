"""The topics on the broker: made, brought up to date, and looked at."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from schemas import topic_ids
from schemas.broker import Broker
from schemas.topics import TOPICS, Topic
from stack.errors import StackError

TIMEOUT_S = 10.0
ASK_S = 1.0


@dataclass(frozen=True, slots=True)
class Extent:
    """What one partition holds: the offsets `[first, end)`."""

    topic: str
    partition: int
    first: int
    end: int


def admin(broker: Broker) -> AdminClient:
    """Give an administrator of the broker."""
    return AdminClient({**broker.client(), "log_level": 0})


def answers(broker: Broker) -> bool:
    """Say whether the broker answers, within a second."""
    try:
        return bool(admin(broker).list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def ids(client: AdminClient) -> dict[str, str]:
    """Give the broker's own id of each of our topics; empty where there is no such topic.

    A topic that was deleted and made again has another one. What the broker does not tell
    within a second is left out.
    """
    asked = topic_ids.ask(client, TOPICS, ASK_S)
    deadline = time.monotonic() + 2 * ASK_S
    told = {
        name: topic_ids.described(answer, deadline - time.monotonic()).id
        for name, answer in asked.items()
    }
    return {name: found for name, found in told.items() if found is not None}


def ensure_topics(broker: Broker, *, keep_all: bool) -> list[str]:
    """Make the topics that are missing and bring the others' settings up to date.

    Returns
    -------
    list of str
        The names of the topics made.

    Raises
    ------
    StackError
        The broker does not answer, or refuses.
    """
    client = admin(broker)
    try:
        there = client.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        raise silent(broker, error) from None
    new = [topic for topic in TOPICS.values() if topic.name not in there]
    _finish(client.create_topics([_new_topic(topic, keep_all) for topic in new]) if new else {})
    old = [topic for topic in TOPICS.values() if topic.name in there]
    _alter(client, old, keep_all)
    _widen(client, [topic for topic in old if len(there[topic.name].partitions) < topic.partitions])
    return [topic.name for topic in new]


def _new_topic(topic: Topic, keep_all: bool) -> NewTopic:
    return NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=1,
        config=topic.settings(keep_all=keep_all),
    )


def _alter(client: AdminClient, topics: Iterable[Topic], keep_all: bool) -> None:
    changes = [
        ConfigResource(
            ResourceType.TOPIC,
            topic.name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in topic.settings(keep_all=keep_all).items()
            ],
        )
        for topic in topics
    ]
    _finish(client.incremental_alter_configs(changes) if changes else {})


def _widen(client: AdminClient, topics: list[Topic]) -> None:
    wider = [NewPartitions(topic.name, topic.partitions) for topic in topics]
    _finish(client.create_partitions(wider) if wider else {})


def _finish(futures: dict[Any, Any]) -> None:
    for subject, future in futures.items():
        try:
            future.result(timeout=3 * TIMEOUT_S)
        except KafkaException as error:
            # A slow broker is asked twice by the client itself, and has then already done it.
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                continue
            raise StackError(f"topic {subject}: {error.args[0].str()}") from None
        except TimeoutError:
            raise StackError(
                f"topic {subject}: the broker does not answer within {3 * TIMEOUT_S:g} s: "
                f"see ./hexline logs broker"
            ) from None


def silent(broker: Broker, error: KafkaException | None = None) -> StackError:
    """Say in one line that a broker does not answer, and why where that is known."""
    why = f" ({error.args[0].str()})" if error else ""
    return StackError(
        f"the broker at {broker.bootstrap} does not answer{why}: see ./hexline logs broker"
    )


def reader(broker: Broker, **more: str | int | bool) -> Consumer:
    """Give a consumer that belongs to no group's accounts and remembers no offset."""
    return Consumer(
        broker.client(
            **{
                "group.id": "hexline-look",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "log_level": 0,
                "enable.partition.eof": True,
                **more,
            }
        )
    )


def extents(broker: Broker, names: Iterable[str] | None = None) -> list[Extent]:
    """Give what each partition of our topics holds, in the order of the list of topics."""
    wanted = list(TOPICS if names is None else names)
    consumer = reader(broker)
    try:
        there = consumer.list_topics(timeout=TIMEOUT_S).topics
        return [
            Extent(name, partition, *_watermarks(consumer, name, partition))
            for name in wanted
            if name in there
            for partition in sorted(there[name].partitions)
        ]
    except KafkaException as error:
        raise silent(broker, error) from None
    finally:
        consumer.close()


def _watermarks(consumer: Consumer, name: str, partition: int) -> tuple[int, int]:
    first, end = consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=TIMEOUT_S)
    return first, end
