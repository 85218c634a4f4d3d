"""Cases of the picture: the highest revision of each stands; everything else follows from it.

    message --> decode --> where? --> from the future, or late? --> what stands of its case

What stands is joined from revisions in any order, however often they come: the highest revision
is what the case is now, its first report is the earliest of all, and a case that was suspected
once was suspected. A retracted case weighs nothing, but is kept, for a later revision may bring
it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from geo.case_place import unusable
from geo.gazetteer import Gazetteer, LocatedCells
from jobs.steps.picture.pieces import BROKEN, Message
from schemas.codec import Refusal, decode
from schemas.records import CaseReport
from schemas.times import CASE_LIMITS, Verdict, verdict

NOWHERE = -1


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """What stands of one case.

    `cell` is its cell of resolution 8, 0 where it was reported by area; `area` is the row of
    that area, or of the smallest area it is in. `onset` is the day as written, None without.
    """

    revision: int
    category: str
    status: str
    weight: float
    onset: str | None
    cell: int
    area: int
    imported: bool
    simulated: bool
    first_report_ms: int
    was_suspected: bool

    def join(self, other: Standing) -> Standing:
        """Join with another revision of the same case, in either order."""
        newest = max(self, other, key=_order)
        first = min(self.first_report_ms, other.first_report_ms)
        suspected = self.was_suspected or other.was_suspected
        if newest.first_report_ms == first and newest.was_suspected == suspected:
            return newest
        return msgspec.structs.replace(newest, first_report_ms=first, was_suspected=suspected)


def _order(case: Standing) -> tuple[int, str]:
    # Two different reports with one revision are the sender's fault: one of them always wins.
    plain = msgspec.structs.replace(case, first_report_ms=0, was_suspected=False)
    return case.revision, msgspec.json.encode(plain).decode()


@dataclass
class Cases:
    """All cases of a city, and what became of their messages; `dirty` changed since kept."""

    gazetteer: Gazetteer
    standing: dict[str, Standing] = field(default_factory=dict)
    newest_ms: dict[int, int] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)
    dirty: set[str] = field(default_factory=set)
    memory: LocatedCells = field(default_factory=LocatedCells)

    def fold(self, partition: int, messages: Sequence[Message]) -> None:
        """Take messages of one partition; each is accepted, rejected or late."""
        for message in messages:
            self._take(message)
            newest = self.newest_ms.get(partition, 0)
            self.newest_ms[partition] = max(newest, message.arrival_ms)

    def _take(self, message: Message) -> None:
        report = read_case(message, self.gazetteer)
        if isinstance(report, str):
            self.accounts["rejected"] += 1
            return
        if verdict(report.report_ms, message.arrival_ms, CASE_LIMITS) is Verdict.LATE:
            self.accounts["late"] += 1
            return
        self.accounts["accepted"] += 1
        self._stand(report)

    def _stand(self, report: CaseReport) -> None:
        new = standing_of(report, self.gazetteer, self.memory)
        held = self.standing.get(report.case_id)
        joined = new if held is None else held.join(new)
        if joined != held:
            self.standing[report.case_id] = joined
            self.dirty.add(report.case_id)

    def newest_arrival_ms(self) -> int:
        """Give the newest arrival folded; 0 before any."""
        return max(self.newest_ms.values(), default=0)


def read_case(message: Message, gazetteer: Gazetteer) -> CaseReport | str:
    """Read one message, or say why it is no case of this city."""
    if BROKEN.encode() in message.payload:
        return "payload: not UTF-8: expected JSON in UTF-8"
    report = decode(message.payload, CaseReport)
    if isinstance(report, Refusal):
        return report.reason
    if verdict(report.report_ms, message.arrival_ms, CASE_LIMITS) is Verdict.FUTURE:
        return f"report_ms: {report.report_ms}: expected at most 5 minutes after arrival"
    return unusable(report, gazetteer) or report


def standing_of(report: CaseReport, gazetteer: Gazetteer, memory: LocatedCells) -> Standing:
    """Give what one revision alone says of its case."""
    cell, area = _placed(report, gazetteer, memory)
    return Standing(
        revision=report.revision,
        category=report.category,
        status=report.status,
        weight=report.weight,
        onset=report.onset_date,
        cell=cell,
        area=area,
        imported=report.imported,
        simulated=report.source.startswith("sim:"),
        first_report_ms=report.report_ms,
        was_suspected=report.category == "suspected",
    )


def _placed(report: CaseReport, gazetteer: Gazetteer, memory: LocatedCells) -> tuple[int, int]:
    if report.place_id is not None:
        row = gazetteer.place_index[report.place_id]
        return int(gazetteer.cells[row, 1]), int(gazetteer.grid[row])
    if report.lat is not None and report.lng is not None:
        found = gazetteer.locate(np.array([report.lat]), np.array([report.lng]), memory)
        return int(found.cells[0, 1]), int(found.grid[0])
    return 0, gazetteer.area_index[report.area_id or ""]
