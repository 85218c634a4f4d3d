"""Trips and case counts of one window as one stream in arrival order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schemas.codec import encode
from schemas.records import CaseReport
from schemas.topics import CASES, CHECKINS
from simulators.messages import Messages
from simulators.present import case_identity
from simulators.replay.trips import Passages, Points, check_in

STEP_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Replay:
    """What arrived in `[start_ms, end_ms)`, and before it the cases already known by then.

    Reports from before the window come first, with their own arrivals: whoever starts to look
    in May wants the cases of April to be there.
    """

    passages: Passages
    points: Points
    cases: Sequence[CaseReport]
    start_ms: int
    end_ms: int

    @property
    def begin_ms(self) -> int:
        """Give the first instant that may hold an arrival."""
        known = self.cases[0].report_ms if self.cases else self.start_ms
        return min(known, self.start_ms)

    @property
    def first_arrival_ms(self) -> int:
        """Give the arrival of the window's first check-in; its end where there is none."""
        arrival_ms = self.passages.arrival_ms
        row = int(np.searchsorted(arrival_ms, self.start_ms))
        return min(self.end_ms, int(arrival_ms[row])) if row < len(arrival_ms) else self.end_ms

    def furthest(self, start_ms: int) -> int:
        """Send what came before the window in one go, then an hour at most."""
        return self.start_ms if start_ms < self.start_ms else start_ms + STEP_MS

    def between(self, start_ms: int, end_ms: int) -> Sequence[Messages]:
        """Give what arrives in `[start_ms, end_ms)`."""
        return [
            self._check_ins(max(start_ms, self.start_ms), end_ms),
            self._cases(start_ms, end_ms),
        ]

    def _check_ins(self, start_ms: int, end_ms: int) -> Messages:
        arrival_ms = self.passages.arrival_ms
        first, last = np.searchsorted(arrival_ms, [start_ms, max(start_ms, end_ms)])
        records = [check_in(self.passages, row, self.points) for row in range(first, last)]
        return Messages(
            topic=CHECKINS.name,
            ids=[record.event_id for record in records],
            keys=[record.place_id or record.source for record in records],
            values=[encode(record) for record in records],
            arrival_ms=arrival_ms[first:last],
        )

    def _cases(self, start_ms: int, end_ms: int) -> Messages:
        reports = [report for report in self.cases if start_ms <= report.report_ms < end_ms]
        return Messages(
            topic=CASES.name,
            ids=[case_identity(report.case_id, report.revision) for report in reports],
            keys=[report.case_id for report in reports],
            values=[encode(report) for report in reports],
            arrival_ms=np.array([report.report_ms for report in reports], dtype=np.int64),
        )
