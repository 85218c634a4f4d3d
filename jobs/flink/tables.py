"""Tables on the bus: sources of raw bytes, and sinks keyed as the topics' contracts say."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.config import Start
from schemas.broker import Broker
from schemas.topics import MIB, Topic

LARGEST_REQUEST = 8 * MIB


def raw_source(name: str, topic: Topic, broker: Broker, group: str, start: Start) -> str:
    """Declare a table of a topic's payloads, with their place and time on the bus."""
    return f"""
        CREATE TEMPORARY TABLE `{name}` (
            payload BYTES,
            `partition` INT METADATA VIRTUAL,
            `offset` BIGINT METADATA VIRTUAL,
            arrival TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL
        ) WITH (
            'connector' = 'kafka',
            'topic' = '{topic.name}',
            'value.format' = 'raw',
            {_options(_client(broker) | _reading(group, start))}
        )"""


def upsert_sink(name: str, topic: Topic, columns: str, broker: Broker, flush_ms: int) -> str:
    """Declare a table whose rows replace each other by the topic's key, written as JSON.

    The key is some columns joined by a sign; they stay in the value as well. What is grouped
    by the same columns only ever replaces a row; for any other key the planner would take the
    old row away first, and a reader could meet the key deleted.
    """
    between = "|" if "|" in topic.key else "-"
    key = ", ".join(f"`{column}`" for column in topic.key.split(between))
    return f"""
        CREATE TEMPORARY TABLE `{name}` (
            {columns},
            PRIMARY KEY ({key}) NOT ENFORCED
        ) WITH (
            'connector' = 'upsert-kafka',
            'topic' = '{topic.name}',
            'key.format' = 'csv',
            'key.csv.field-delimiter' = '{between}',
            'key.csv.disable-quote-character' = 'true',
            'value.format' = 'json',
            'sink.buffer-flush.max-rows' = '20000',
            'sink.buffer-flush.interval' = '{flush_ms} ms',
            {_options(_client(broker) | _writing())}
        )"""


def append_sink(
    name: str, topic: Topic, columns: str, broker: Broker, value_format: str = "json"
) -> str:
    """Declare a table whose rows are appended under `message_key`."""
    return f"""
        CREATE TEMPORARY TABLE `{name}` (
            message_key STRING,
            {columns}
        ) WITH (
            'connector' = 'kafka',
            'topic' = '{topic.name}',
            'key.format' = 'raw',
            'key.fields' = 'message_key',
            'value.format' = '{value_format}',
            'value.fields-include' = 'EXCEPT_KEY',
            'sink.delivery-guarantee' = 'at-least-once',
            {_options(_client(broker) | _writing())}
        )"""


def _client(broker: Broker) -> dict[str, str]:
    return {
        "properties.bootstrap.servers": broker.bootstrap,
        "properties.security.protocol": broker.security,
        # A broker that comes back after a kill is met again at once.
        "properties.reconnect.backoff.max.ms": "1000",
    }


def _reading(group: str, start: Start) -> dict[str, str]:
    whole = {"scan.startup.mode": "earliest-offset"}
    by_time = {
        "scan.startup.mode": "timestamp",
        "scan.startup.timestamp-millis": str(start.from_ms),
    }
    return {
        **(whole if start.from_ms is None else by_time),
        "properties.group.id": group,
        "properties.client.id.prefix": group,
        # What the broker no longer has is skipped, and shows in the accounts' first offset.
        "properties.auto.offset.reset": "earliest",
        "properties.max.partition.fetch.bytes": str(MIB),
        "properties.fetch.max.bytes": str(4 * MIB),
    }


def _writing() -> dict[str, str]:
    return {
        "properties.max.request.size": str(LARGEST_REQUEST + MIB),
        "properties.buffer.memory": str(4 * LARGEST_REQUEST),
        "properties.compression.type": "lz4",
        "properties.linger.ms": "20",
        "properties.batch.size": "131072",
        # A broker away for minutes is waited for; only then is the job restarted.
        "properties.delivery.timeout.ms": "600000",
        "properties.max.block.ms": "600000",
        "properties.enable.idempotence": "true",
    }


def _options(options: Mapping[str, str]) -> str:
    return ",\n            ".join(f"'{name}' = '{value}'" for name, value in options.items())
