"""Cases: the highest revision of each case stands; curves by day follow from what stands.

Two days belong to a case: its *report day*, the city's local day of its earliest report
(later revisions correct a case, they do not move it), and its *onset day*, the local day of
the first symptom. A retracted case stands for none, and none is below zero.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dashboard.hub.panels.counts import count, is_small
from dashboard.hub.reasons import Reasons, without_value
from dashboard.hub.source import CaseMessage
from geo.case_place import unusable
from schemas.codec import Refusal, decode
from schemas.records import CaseReport
from schemas.times import CASE_LIMITS, DAY_MS, Verdict, verdict
from schemas.topics import CASES

if TYPE_CHECKING:
    from geo.gazetteer import Gazetteer

CATEGORIES = ("confirmed", "suspected", "fever", "contact")
_QUARTER_MS = 900_000  # time zones differ by whole quarters of an hour
Curve = dict[str, dict[str, float]]


@dataclass(slots=True)
class Case:
    """What stands of one case."""

    revision: int
    category: str
    status: str
    weight: float
    first_report_ms: int
    onset_date: str | None


@dataclass(frozen=True, slots=True)
class RejectedCase:
    """Which field keeps a message from being a case, and where it lies; never what it holds."""

    partition: int
    offset: int
    arrival_ms: int
    reason: str


@dataclass
class Cases:
    """All cases of a city, and the accounts of their messages."""

    timezone: ZoneInfo
    gazetteer: Gazetteer
    limit: int
    kept: int
    standing: dict[str, Case] = field(default_factory=dict)
    read: int = 0
    accepted: int = 0
    late: int = 0
    rejected: int = 0
    clock_ms: int = 0
    reasons: Reasons = field(default_factory=lambda: Reasons(CASES.name))

    def __post_init__(self) -> None:
        self.rejects: deque[RejectedCase] = deque(maxlen=self.kept)

    def fold(self, messages: list[CaseMessage]) -> None:
        """Take messages in any order; each is accepted, rejected or late."""
        for message in messages:
            self.read += 1
            self._take(message)

    def _take(self, message: CaseMessage) -> None:
        report = decode(message.payload, CaseReport)
        if isinstance(report, Refusal):
            self._reject(message, report.reason)
        elif reason := self._refused(report, message.arrival_ms):
            self._reject(message, reason)
        elif verdict(report.report_ms, message.arrival_ms, CASE_LIMITS) is Verdict.LATE:
            self.late += 1
        else:
            self.accepted += 1
            self._stand(report)

    def _refused(self, report: CaseReport, arrival_ms: int) -> str | None:
        if verdict(report.report_ms, arrival_ms, CASE_LIMITS) is Verdict.FUTURE:
            return f"report_ms: {report.report_ms}: expected at most 5 minutes after arrival"
        if reason := unusable(report, self.gazetteer):
            return reason
        if report.case_id not in self.standing and len(self.standing) >= self.limit:
            return f"case_id: no room: expected at most {self.limit} cases"
        return None

    def _reject(self, message: CaseMessage, reason: str) -> None:
        self.rejected += 1
        place = (message.partition, message.offset, message.arrival_ms)
        self.reasons.add(reason, *place)
        self.rejects.append(RejectedCase(*place, without_value(reason)))

    def _stand(self, report: CaseReport) -> None:
        self.clock_ms = max(self.clock_ms, report.report_ms)
        held = self.standing.get(report.case_id)
        first_ms = min(report.report_ms, held.first_report_ms) if held else report.report_ms
        if held and held.revision >= report.revision:
            held.first_report_ms = first_ms
            return
        self.standing[report.case_id] = Case(
            report.revision,
            report.category,
            report.status,
            report.weight,
            first_ms,
            report.onset_date,
        )

    def accounts(self, k: int) -> dict[str, Any]:
        """Give what was read, and what became of it, with the fields that were at fault.

        So few as 1..k-1 accepted are withheld, and what was read, which would tell them.
        """
        few = is_small(self.accepted, k)
        return {
            "read": count(self.read, few, k),
            "accepted": count(self.accepted, few, k),
            "rejected": self.rejected,
            "late": self.late,
            "reasons": self.reasons.top(),
        }

    def local_day(self, instant_ms: int) -> str:
        """Give the city's local day of an instant, YYYY-MM-DD."""
        return datetime.fromtimestamp(instant_ms / 1000, self.timezone).date().isoformat()

    def curves(self) -> tuple[Curve, Curve]:
        """Count what stands by report day and by onset day: day -> category -> cases."""
        report: Curve = defaultdict(lambda: defaultdict(float))
        onset: Curve = defaultdict(lambda: defaultdict(float))
        days: dict[int, str] = {}
        for case in self.standing.values():
            if case.status == "retracted":
                continue
            quarter = case.first_report_ms // _QUARTER_MS
            if quarter not in days:
                days[quarter] = self.local_day(case.first_report_ms)
            report[days[quarter]][case.category] += case.weight
            if case.onset_date:
                onset[case.onset_date][case.category] += case.weight
        return report, onset

    def open_since(self, days: int) -> float:
        """Count open cases first reported in the last days before the newest report."""
        since_ms = self.clock_ms - days * DAY_MS
        return sum(
            case.weight
            for case in self.standing.values()
            if case.status == "open" and case.first_report_ms > since_ms
        )
