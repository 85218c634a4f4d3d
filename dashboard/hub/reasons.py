"""Reasons: which fields were at fault in what was rejected, how often, and where it lies.

    checkins-rejected --> keep_rejects --> Reasons
    cases ----------------- Cases -------> Reasons     (another one)

A reason is `field: value: expected …`. What is kept of it is the field and the expectation,
never the value and never the payload; whoever may see those finds them at the place on the bus.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

MOST_FIELDS: Final = 100
REMEMBERED: Final = 20_000
"""Places of rejects that are remembered: after a crash the job says some of them again."""


@dataclass(frozen=True, slots=True)
class Example:
    """Where the newest reject of a field lies, and what was expected there."""

    partition: int
    offset: int
    arrival_ms: int
    expected: str


class KeptReject(msgspec.Struct):
    """A reject as the war room reads it: all but the payload."""

    topic: str
    partition: int
    offset: int
    arrival_ms: int
    reason: str


_KEPT: Final = msgspec.json.Decoder(KeptReject)


@dataclass
class Reasons:
    """Rejects of one topic by the field at fault."""

    topic: str
    counts: Counter[str] = field(default_factory=Counter)
    newest: dict[str, Example] = field(default_factory=dict)

    def add(self, reason: str, partition: int, offset: int, arrival_ms: int) -> None:
        """Count one reject; the newest by arrival is the example."""
        name = _field(reason)
        if name not in self.counts and len(self.counts) >= MOST_FIELDS:
            return
        self.counts[name] += 1
        held = self.newest.get(name)
        if held is None or held.arrival_ms <= arrival_ms:
            self.newest[name] = Example(partition, offset, arrival_ms, expected(reason))

    def top(self, n: int = 20) -> list[dict[str, Any]]:
        """Give the fields most often at fault, each with its newest example's place."""
        return [
            {
                "topic": self.topic,
                "reason": name,
                "expected": self.newest[name].expected,
                "n": count,
                "partition": self.newest[name].partition,
                "offset": self.newest[name].offset,
                "last_ms": self.newest[name].arrival_ms,
            }
            for name, count in self.counts.most_common(n)
        ]


@dataclass
class CheckInRejects:
    """What the counting job could not use, as far as this process has read it; each once."""

    reasons: Reasons
    bad: int = 0
    _seen: OrderedDict[tuple[int, int], None] = field(default_factory=OrderedDict)

    def fold(self, payloads: list[bytes | None]) -> None:
        """Take messages of `checkins-rejected`."""
        for payload in payloads:
            try:
                reject = _KEPT.decode(payload or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                self.bad += 1
                continue
            if reject.topic == self.reasons.topic and self._is_new(reject):
                place = (reject.partition, reject.offset, reject.arrival_ms)
                self.reasons.add(reject.reason, *place)

    def _is_new(self, reject: KeptReject) -> bool:
        key = (reject.partition, reject.offset)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def expected(reason: str) -> str:
    """Give what a reason expected, without the field and the value that was there.

    >>> expected('lat: 95: expected degrees in ±90: "expected nothing else"')
    ''
    >>> expected("lat: 95.0: expected degrees in ±90")
    'expected degrees in ±90'
    """
    last = reason.rpartition(": ")[2]
    return last if last.startswith("expected ") else ""


def without_value(reason: str) -> str:
    """Give a reason's field and what was expected of it.

    >>> without_value('place_id: "13800138000": expected a place of the city')
    'place_id: expected a place of the city'
    """
    return ": ".join(filter(None, (_field(reason), expected(reason))))


def _field(reason: str) -> str:
    return reason.split(":", 1)[0]
