"""What every simulator gives and every output takes: columns of messages in arrival order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of one topic, sorted by arrival.

    `ids` names each message for good: the same message of the same run always has the same
    one, so that a run that was interrupted knows what it has sent.
    """

    topic: str
    ids: Sequence[str]
    keys: Sequence[str | None]
    values: Sequence[bytes]
    arrival_ms: NDArray[np.int64]

    def without(self, known: frozenset[str]) -> Messages:
        """Leave out the messages whose ids are known."""
        if not known:
            return self
        rows = [row for row, name in enumerate(self.ids) if name not in known]
        return Messages(
            self.topic,
            [self.ids[row] for row in rows],
            [self.keys[row] for row in rows],
            [self.values[row] for row in rows],
            self.arrival_ms[rows],
        )


def cut(messages: Messages, first: int, last: int) -> Messages:
    """Give the messages of rows `first` to `last`, that one not included."""
    rows = slice(first, last)
    return Messages(
        messages.topic,
        messages.ids[rows],
        messages.keys[rows],
        messages.values[rows],
        messages.arrival_ms[rows],
    )


class Stream(Protocol):
    """Anything that can say what arrives in a stretch of time."""

    @property
    def begin_ms(self) -> int:
        """Give the first instant that may hold an arrival."""

    @property
    def end_ms(self) -> int | None:
        """Give the instant after the last arrival; None where there is no end."""

    def furthest(self, start_ms: int) -> int:
        """Give the largest end of a stretch from `start_ms` that is sent in one go."""

    def between(self, start_ms: int, end_ms: int) -> Sequence[Messages]:
        """Give what arrives in `[start_ms, end_ms)`, however it is cut into stretches."""
