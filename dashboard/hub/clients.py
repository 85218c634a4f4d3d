"""Clients: the connections of the war room to the broker, all made alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, KafkaError
from confluent_kafka.admin import AdminClient

from schemas.broker import Broker

Hear = Callable[[KafkaError], None]
_RECONNECT_MS = 1_000


def consumer(broker: Broker, hear: Hear) -> Consumer:
    """Make a consumer that reads what it is assigned, in no group; `hear` is told of trouble."""
    return Consumer(
        {
            **broker.client(),
            "group.id": "hexline-hub",  # asked for by the client; nothing joins or commits
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": False,
            "fetch.wait.max.ms": 50,
            "reconnect.backoff.max.ms": _RECONNECT_MS,
            "socket.keepalive.enable": True,
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 10_000,
            "error_cb": hear,
            "log_level": 0,
        }
    )


def admin(broker: Broker) -> AdminClient:
    """Make a client that asks what topics there are."""
    settings: dict[str, Any] = {
        **broker.client(),
        "reconnect.backoff.max.ms": _RECONNECT_MS,
        "socket.keepalive.enable": True,
        "error_cb": lambda _: None,  # the consumer hears of the same trouble
        "log_level": 0,
    }
    return AdminClient(settings)
