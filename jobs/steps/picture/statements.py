"""Statements: what is said under one key, and which of it is new.

A statement is a record without its stamp. Numbers are rounded to `DIGITS` significant digits, so
that the last bits of a sum do not look like news. Missing numbers are None, never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from schemas.times import milliseconds
from schemas.topics import Topic

DIGITS = 6
TINY = 1e-290
"""Below it a number counts as 0: its power of ten could not be written."""
Fields = dict[str, Any]
Said = Mapping[str, Fields]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was said: see `schemas.records.picture.Statement`."""

    as_of_ms: int
    complete_to_ms: int
    completeness: float
    revision: int
    window_end_ms: int | None = None

    def fields(self) -> Fields:
        """Give the fields of a record that say it."""
        found = {
            "as_of_ms": self.as_of_ms,
            "complete_to_ms": self.complete_to_ms,
            "completeness": rounded(self.completeness, 4),
            "revision": self.revision,
        }
        return (
            found if self.window_end_ms is None else found | {"window_end_ms": self.window_end_ms}
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record on its way to its topic."""

    topic: str
    key: str
    value: bytes


@dataclass
class Spoken:
    """What was last said of every key and when, so that only news is sent.

    What has not changed is said again when half the time is over for which its topic keeps it.
    Where nothing is new though time went on, one statement is said again: the newest stamp of
    a topic tells as of when all of it stands, and a quiet night is not a job that stands still.
    """

    last: dict[str, dict[str, tuple[int, Fields]]] = field(default_factory=dict)
    as_of_ms: dict[str, int] = field(default_factory=dict)

    def news(self, topic: Topic, said: Said, stamp: Stamp) -> Iterator[Outgoing]:
        """Give the records of statements that are not what was said last."""
        before = self.last.setdefault(topic.name, {})
        stamped = {"v": topic.version} | stamp.fields()
        since = stamp.as_of_ms - milliseconds(topic.retention) // 2 if topic.retention else 0
        new = [key for key, fields in said.items() if _is_news(before.get(key), fields, since)]
        if not new and stamp.as_of_ms > self.as_of_ms.get(topic.name, 0):
            new = list(said)[:1]
        self.as_of_ms[topic.name] = stamp.as_of_ms
        for key in new:
            before[key] = stamp.as_of_ms, said[key]
            yield Outgoing(topic.name, key, msgspec.json.encode(stamped | said[key]))


def _is_news(known: tuple[int, Fields] | None, fields: Fields, holds_since_ms: int) -> bool:
    return known is None or known[1] != fields or known[0] < holds_since_ms


def rounded(value: float, digits: int = DIGITS) -> float | None:
    """Round to significant digits; None where there is no number."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def numbers(column: ArrayLike, digits: int = DIGITS) -> list[float | None]:
    """Round a column to significant digits; None where there is no number."""
    values = np.asarray(column, dtype=np.float64)
    known = np.isfinite(values)
    safe = np.where(known & (np.abs(values) > TINY), values, 0.0)
    size = np.floor(np.log10(np.where(safe == 0, 1.0, np.abs(safe))))
    power = digits - 1 - size
    scale = 10.0 ** np.abs(power)
    up = np.round(np.where(power >= 0, safe * scale, safe / scale))
    short = np.where(power >= 0, up / scale, up * scale)
    return [value if ok else None for value, ok in zip(short.tolist(), known.tolist(), strict=True)]


def whole(column: ArrayLike) -> list[int]:
    """Give a column of whole numbers as Python's."""
    return [int(value) for value in np.asarray(column).tolist()]


def table(keys: Iterable[str], columns: Mapping[str, list[Any]], shared: Fields) -> Said:
    """Put columns together, one statement a key; `shared` fields are the same in all."""
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    return {
        key: shared | dict(zip(names, row, strict=True))
        for key, row in zip(keys, rows, strict=True)
    }
