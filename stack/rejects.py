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
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.broker import Broker
from schemas.codec import Refusal, decode
from schemas.records import CheckIn, Rejected
from schemas.topics import CHECKINS, CHECKINS_REJECTED
from stack import bus, towns
from stack.errors import SettingsError
from stack.progress import latest, messages

KEY = re.compile(r"(?P<topic>[a-z-]+)-(?P<partition>\d+)-(?P<offset>\d+)")
SEND_TIMEOUT_MS = 30_000
UNDER_WAY = 10_000


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


def clock_ms(broker: Broker, city: str) -> int | None:
    """Give the arrival of what is sent now by a replay's clock; None where that is the wall's.

    Today would be years ahead of a replay: its clock would stand still from then on.
    """
    if not towns.is_replayed(city):
        return None
    return max((one.progress.arrival_ms for one in latest(broker)), default=None)


def send_again(
    broker: Broker, payloads: Iterable[tuple[str, bytes]], arrival_ms: int | None = None
) -> list[Sent]:
    """Send payloads to the input as new messages, and wait for each.

    They arrive now, or at `arrival_ms`. A payload is sent whatever its form: one that is still
    bad is rejected again, under its new place on the input. What the broker does not take
    within 30 s has neither partition nor offset.
    """
    settings = {
        "log_level": 0,
        "enable.idempotence": True,
        "message.max.bytes": CHECKINS.max_message_bytes,
        "message.timeout.ms": SEND_TIMEOUT_MS,
    }
    producer = Producer(broker.client(**settings))
    sent: list[Sent] = []
    for key, payload in payloads:
        while len(producer) > UNDER_WAY:
            producer.poll(0.1)
        note = partial(_note, sent, key, payload)
        try:
            producer.produce(
                CHECKINS.name, value=payload, key=message_key(payload), on_delivery=note,
                timestamp=arrival_ms or 0,
            )  # fmt: skip
        except KafkaException as error:
            sent.append(_not_sent(key, error.args[0]))
    producer.flush()
    return sent


def _note(
    sent: list[Sent], key: str, payload: bytes, error: KafkaError | None, message: Message
) -> None:
    if error is not None:
        sent.append(_not_sent(key, error))
    else:
        sent.append(Sent(key, message.partition(), message.offset(), verdict(payload)))


def _not_sent(key: str, error: KafkaError) -> Sent:
    return Sent(key, None, None, f"not sent: {error.str()}")
