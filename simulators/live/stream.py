"""A live city as a stream: minutes of check-ins and hours of case reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from schemas.codec import encode
from schemas.topics import CASES
from simulators.check_ins import Encoder
from simulators.live.cases import LiveCases
from simulators.live.dirt import resent_and_late, with_malformed
from simulators.live.minute import MINUTE_MS, LiveCity, minute_of_check_ins
from simulators.messages import Messages
from simulators.present import case_identity


@dataclass(frozen=True, eq=False)
class Live:
    """Check-ins from `check_ins_from_ms` on; cases from `begin_ms` on, without end."""

    city: LiveCity
    cases: LiveCases
    encoder: Encoder
    begin_ms: int
    check_ins_from_ms: int
    dirt: float = 0.0

    @property
    def end_ms(self) -> None:
        """A live city has no end."""

    def furthest(self, start_ms: int) -> int:
        """Send the history of cases in one go, then a minute at most."""
        began = start_ms >= self.check_ins_from_ms
        return start_ms + MINUTE_MS if began else self.check_ins_from_ms

    def between(self, start_ms: int, end_ms: int) -> Sequence[Messages]:
        """Give what arrives in `[start_ms, end_ms)`."""
        first = max(start_ms, self.check_ins_from_ms)
        minutes = range(first - first % MINUTE_MS, end_ms, MINUTE_MS)
        return [
            *(part(self._minute(minute), first, end_ms) for minute in minutes),
            self._reports(start_ms, end_ms),
        ]

    @lru_cache(maxsize=2)  # noqa: B019 - the present minute is asked for a thousand times
    def _minute(self, minute_ms: int) -> Messages:
        seed = self.city.seed
        rows = minute_of_check_ins(self.city, minute_ms)
        rows = resent_and_late(rows, self.dirt, seed, minute_ms)
        return with_malformed(self.encoder.messages(rows), self.dirt, seed, minute_ms)

    def _reports(self, start_ms: int, end_ms: int) -> Messages:
        reports = self.cases.between(start_ms, end_ms)
        return Messages(
            topic=CASES.name,
            ids=[case_identity(report.case_id, report.revision) for report in reports],
            keys=[report.case_id for report in reports],
            values=[encode(report) for report in reports],
            arrival_ms=np.array([report.report_ms for report in reports], dtype=np.int64),
        )


def part(messages: Messages, start_ms: int, end_ms: int) -> Messages:
    """Give the messages that arrive in `[start_ms, end_ms)`; they are sorted by arrival."""
    first, last = np.searchsorted(messages.arrival_ms, [start_ms, end_ms])
    cut = slice(int(first), int(last))
    return Messages(
        messages.topic,
        messages.ids[cut],
        messages.keys[cut],
        messages.values[cut],
        messages.arrival_ms[cut],
    )
