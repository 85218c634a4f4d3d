"""Identity: whether a topic's name still stands for the log that was read.

A topic can be deleted and made anew under its name. Offsets say nothing then, for the new log
may already be longer than the position read:

    old log   0 ............. position
    new log   0 .......................... end       going on here skips all before

So the broker's own id of each topic is asked for every few seconds, beside the reading.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka.admin import AdminClient

from dashboard.hub.starts import ASK_S
from schemas import topic_ids
from schemas.topic_ids import GONE

EVERY_S: Final = 3.0


@dataclass
class Identity:
    """The ids of the topics that are read, as they were when reading began."""

    admin: AdminClient
    ids: dict[str, str] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)
    """How many partitions each had when it was last asked."""
    gone: frozenset[str] = frozenset()
    """Topics that were not there when it was last asked."""
    _watched: set[str] = field(default_factory=set)
    _asked: dict[str, Future[Any]] = field(default_factory=dict)
    _next_s: float = 0.0

    def learn(self, names: Collection[str]) -> None:
        """Remember what these names stand for now; call it before their logs are looked at.

        Of a topic that is not there, or while the broker is away, it is learnt when it comes.
        """
        deadline_s = time.monotonic() + ASK_S
        self._watched.update(names)
        for name, answer in self._ask(names).items():
            if found := self._id(name, answer, deadline_s - time.monotonic()):
                self.ids[name] = found

    def anew(self) -> str | None:
        """Name a topic that is another one than it was; never waits for the answer."""
        if not self._asked:
            if self._watched and time.monotonic() >= self._next_s:
                self._next_s = time.monotonic() + EVERY_S
                self._asked = self._ask(self._watched)
            return None
        if not all(answer.done() for answer in self._asked.values()):
            return None
        now = {name: self._id(name, answer, 0.0) for name, answer in self._asked.items()}
        self._asked = {}
        self.gone = frozenset(name for name, found in now.items() if found == GONE)
        there = {name: found for name, found in now.items() if found}
        self.ids = there | self.ids
        return next((name for name, found in there.items() if found != self.ids[name]), None)

    def _ask(self, names: Iterable[str]) -> dict[str, Future[Any]]:
        return topic_ids.ask(self.admin, names, ASK_S)

    def _id(self, name: str, answer: Future[Any], wait_s: float) -> str | None:
        """Read the id from an answer; what else it says, how many partitions, is kept."""
        found, partitions = topic_ids.described(answer, wait_s)
        if partitions:
            self.partitions[name] = partitions
        return found
