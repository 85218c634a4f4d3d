"""Rejected check-ins: found, looked at, repaired and sent again.

Rejects are kept at least once: after a crash one may stand there twice. Each has its place on
the input, topic-partition-offset, as its key; of those with one key the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import msgspec
from confluent_kafka import KafkaError, Message, Producer

from schemas.broker import Broker
from schemas.codec import Refusal, decode, encode
from schemas.records import CheckIn, Rejected
from schemas.topics import CHECKINS, CHECKINS_REJECTED
from stack import bus
from stack.errors import SettingsError, StackError
from stack.progress import messages

KEY = re.compile(r"(?P<topic>[a-z-]+)-(?P<partition>\d+)-(?P<offset>\d+)")
SEND_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message that was sent again."""

    key: str
    partition: int | None
    offset: int | None
    remark: str


def all_rejects(broker: Broker) -> dict[str, Rejected]:
    """Read every reject there is, one a key, in the topic's order."""
    found: dict[str, Rejected] = {}
    for message in messages(broker, bus.extents(broker, [CHECKINS_REJECTED.name])):
        record = decode_kept(message)
        if record is not None:
            found[key_of(record)] = record
    return found


def decode_kept(message: Message) -> Rejected | None:
    """Read one message of the rejects; larger than a check-in may be, so not by its decoder."""
    try:
        return msgspec.json.decode(message.value() or b"", type=Rejected)
    except msgspec.MsgspecError:
        return None


def key_of(record: Rejected) -> str:
    """Give a reject's key: where its message stands on the input."""
    return f"{record.topic}-{record.partition}-{record.offset}"


def matching(records: Iterable[Rejected], reason: str | None) -> Iterator[Rejected]:
    """Give the rejects whose reason holds a text, in any case; all without one."""
    wanted = (reason or "").lower()
    return (record for record in records if wanted in record.reason.lower())


def one(broker: Broker, key: str) -> Rejected:
    """Find one reject by its key.

    Raises
    ------
    SettingsError
        The key is none, or nothing was rejected there.
    """
    if not KEY.fullmatch(key):
        raise SettingsError(f"{key!r}: expected topic-partition-offset, like checkins-2-1027")
    try:
        return all_rejects(broker)[key]
    except KeyError:
        raise SettingsError(f"{key}: no reject has this key: see ./hexline rejects list") from None


def verdict(payload: bytes) -> str:
    """Say what the reader of the check-ins will say of a payload's form."""
    record = decode(payload, CheckIn)
    return f"still bad: {record.reason}" if isinstance(record, Refusal) else "sound in form"


def message_key(payload: bytes) -> bytes | None:
    """Give the key a check-in is sent with: its place, else its source."""
    record = decode(payload, CheckIn)
    if isinstance(record, Refusal):
        return None
    return (record.place_id or record.source).encode()


def send_again(broker: Broker, payloads: Iterable[tuple[str, bytes]]) -> list[Sent]:
    """Send payloads to the input as new messages that arrive now, and wait for each.

    A payload is sent whatever its form: one that is still bad is rejected again, under its new
    place on the input.
    """
    producer = Producer(broker.client(**{"log_level": 0, "enable.idempotence": True}))
    sent: list[Sent] = []

    for key, payload in payloads:
        producer.produce(
            CHECKINS.name, value=payload, key=message_key(payload),
            on_delivery=partial(_note, sent, key, payload),
        )  # fmt: skip
    if producer.flush(SEND_TIMEOUT_S):
        raise StackError(f"the broker at {broker.bootstrap} did not take every message")
    return sent


def _note(
    sent: list[Sent], key: str, payload: bytes, error: KafkaError | None, message: Message
) -> None:
    sent.append(_outcome(key, payload, error, message))


def _outcome(key: str, payload: bytes, error: KafkaError | None, message: Message) -> Sent:
    if error is not None:
        return Sent(key, None, None, f"not sent: {error}")
    return Sent(key, message.partition(), message.offset(), verdict(payload))


def as_json(record: Rejected) -> str:
    """Write a reject for a file; its payload is base64."""
    return encode(record).decode()
