"""Published cumulative case counts by area as case reports with revisions.

    published   30 -> 33 -> 41 -> 35
    new report  30    +3    +8
    revision                  newest first: 8 -> 2

- A rise of an area is a new report of that day whose weight is the rise.
- A fall takes weight from the newest reports of the area that still stand: one that is used up
  whole is retracted, the last one touched is revised to what is left of it.
- An area that a publication leaves out is published as nothing: all it had is taken back.

So after every publication the weights that stand add up to the number published, area by area.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from schemas.records import CaseReport

SOURCE = "nyc-health"
OUTSIDE = "outside"


class Published(msgspec.Struct, frozen=True):
    """One area's cumulative count in one day's publication."""

    day: str
    area: str
    cases: int


@dataclass(slots=True)
class _Standing:
    case_id: str
    revision: int
    weight: int


@dataclass(slots=True)
class _Area:
    total: int = 0
    standing: list[_Standing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Areas:
    """How published area names become area ids of the city.

    What the city does not know ('NA' = address unknown, 99999 = other, areas without
    geometry) goes to its area `outside`, as do check-ins beyond all areas.
    """

    known: Container[str]
    prefix: str = "modzcta-"

    def id_of(self, area: str) -> str:
        """Give the city's id of a published area: the code itself, or with the prefix."""
        ids = (area, self.prefix + area)
        return next((area_id for area_id in ids if area_id in self.known), OUTSIDE)


def last_of_each(rows: Sequence[Published]) -> dict[str, dict[str, int]]:
    """Give each day's counts by area; where a publication names an area twice the last stands."""
    days: dict[str, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row.day, {})[row.area] = row.cases
    return dict(sorted(days.items()))


def case_reports(
    days: dict[str, dict[str, int]], report_ms: dict[str, int], areas: Areas
) -> Iterator[CaseReport]:
    """Turn publications into reports and revisions, in the order in which they arrive.

    Parameters
    ----------
    days : cumulative counts by day (ascending) and area.
    report_ms : the instant of each day's publication.
    areas : how area names become ids.
    """
    known: dict[str, _Area] = {}
    for day, counts in days.items():
        for name in sorted(known.keys() | counts.keys()):
            area = known.setdefault(name, _Area())
            change = counts.get(name, 0) - area.total
            area.total += change
            if change > 0:
                yield _add(area, f"nyc-{name}-{day}", change, (areas.id_of(name), report_ms[day]))
            else:
                yield from _take_back(area, -change, (areas.id_of(name), report_ms[day]))


def _add(area: _Area, case_id: str, rise: int, where_when: tuple[str, int]) -> CaseReport:
    report = _Standing(case_id, 1, rise)
    area.standing.append(report)
    return _report(report, *where_when)


def _take_back(area: _Area, fall: int, where_when: tuple[str, int]) -> Iterator[CaseReport]:
    while fall > 0:
        report = area.standing[-1]
        taken = min(fall, report.weight)
        fall -= taken
        report.weight -= taken
        report.revision += 1
        if report.weight == 0:
            area.standing.pop()
        yield _report(report, *where_when)


def _report(report: _Standing, area_id: str, at_ms: int) -> CaseReport:
    return CaseReport(
        v=1,
        case_id=report.case_id,
        revision=report.revision,
        category="confirmed",
        status="open" if report.weight else "retracted",
        report_ms=at_ms,
        source=SOURCE,
        area_id=area_id,
        weight=float(report.weight),
    )
