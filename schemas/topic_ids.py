"""Topic ids: a broker's own ids of topics; one deleted and made again has another."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection, Uuid
from confluent_kafka.admin import AdminClient

GONE: Final = ""
"""In the place of an id: there is no such topic."""
NONE: Final = str(Uuid(0, 0))
"""What a broker says that knows no ids of topics: nothing can be told apart then."""


class Described(NamedTuple):
    """A topic's id, `GONE`, or None where nothing is known; and how many partitions it has."""

    id: str | None
    partitions: int = 0


def ask(admin: AdminClient, names: Iterable[str], timeout_s: float) -> dict[str, Future[Any]]:
    """Ask for topics by name; keep the administrator until all have answered."""
    return admin.describe_topics(TopicCollection(sorted(names)), request_timeout=timeout_s)


def described(answer: Future[Any], wait_s: float) -> Described:
    """Wait for one answer and read it; a broker that is away tells nothing."""
    try:
        topic = answer.result(max(0.0, wait_s))
    except TimeoutError:
        return Described(None)
    except KafkaException as error:
        missing = error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
        return Described(GONE if missing else None)
    found = str(topic.topic_id)
    return Described(None if found == NONE else found, len(topic.partitions))
