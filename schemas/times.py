"""Times of a record, and which of them a number is counted by.

Three times belong to one record and are never interchangeable:

- `event_ms`      when it happened, by the device's clock; slices and windows follow it
- `arrival_ms`    when it entered the bus (the Kafka record timestamp); lateness and the
                  picture's clock follow it. Whoever writes first sets it; a replay sets the
                  simulated arrival
- processing time when a task saw it; used for metrics only, never for results

    event_ms ···· arrival_ms ················ processing time
       |--- delay ---|--- however long the reader was behind ---|

All are integer milliseconds since 1970-01-01T00:00:00Z. Minutes and windows are
`[start, end)`; the last instant is `end - 1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Verdict(StrEnum):
    """What a record's two times say about it."""

    COUNTS = "counts"
    LATE = "late"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far event and arrival may lie apart, in milliseconds."""

    lateness_ms: int
    skew_ms: int = 5 * MINUTE_MS


CHECKIN_LIMITS = Limits(lateness_ms=DAY_MS)
CASE_LIMITS = Limits(lateness_ms=30 * DAY_MS)


def verdict(event_ms: int, arrival_ms: int, limits: Limits) -> Verdict:
    """Say whether a record counts, comes too late, or claims to come from the future.

    A delay of exactly `lateness_ms` still counts, as does a lead of exactly `skew_ms`.
    """
    if event_ms - arrival_ms > limits.skew_ms:
        return Verdict.FUTURE
    return Verdict.LATE if arrival_ms - event_ms > limits.lateness_ms else Verdict.COUNTS


def minute_of(event_ms: int) -> int:
    """Give the start of the minute `[start, start + 60 s)` that holds an instant."""
    return event_ms - event_ms % MINUTE_MS


def milliseconds(duration: timedelta) -> int:
    """Turn a duration of the edges into the integer milliseconds used inside."""
    return duration // timedelta(milliseconds=1)
