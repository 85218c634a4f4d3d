"""All scores of a run, and how they are shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from simulators.score.cases import CaseScore
from simulators.score.counts import CountScore, OccupancyScore
from simulators.score.picture import HIGH, FoundScore, RiskScore, RtScore


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that could be scored; None where nothing of it was published."""

    counts: list[CountScore] | None
    occupancy: OccupancyScore | None
    cases: CaseScore
    malformed: int
    rejected: int | None
    late: int | None = None
    risk: RiskScore | None = None
    rt: RtScore | None = None
    hotspots: FoundScore | None = None
    clusters: FoundScore | None = None
    unusual: FoundScore | None = None


def shown(found: Evaluation) -> Iterator[Table | str]:
    """Give the scores as tables and lines; what was not published is said to be so."""
    yield "counts: not published" if found.counts is None else _counts(found.counts)
    if found.occupancy is not None:
        inside = found.occupancy
        yield (
            f"inside, at full hours: {inside.place_hours:,} place-hours, mean error "
            f"{inside.mean_error:.3f}, correlation {known(inside.correlation, '.4f')}"
        )
    cases = found.cases
    yield (
        f"cases: {cases.found:,} of {cases.infections:,} infections reported ({cases.recall:.1%}), "
        f"{known(cases.delay_days, '.1f')} days after infection (median); "
        f"{cases.false_share:.1%} of "
        f"{cases.standing:,} standing reports are about people without the disease"
    )
    if found.rejected is not None:
        yield f"malformed records sent {found.malformed:,}, rejected {found.rejected:,}"
    if found.late is not None:
        yield f"kept and not counted, for they came more than a day late: {found.late:,}"
    yield from _picture(found)


def _picture(found: Evaluation) -> Iterator[Table | str]:
    scores = (
        ("risk", None if found.risk is None else _risk(found.risk)),
        ("Rt", None if found.rt is None else _rt(found.rt)),
        ("hot spots", None if found.hotspots is None else _alarms(found.hotspots)),
        ("clusters", None if found.clusters is None else _alarms(found.clusters)),
        ("unusual areas", None if found.unusual is None else _alarms(found.unusual)),
    )
    table = Table("of the picture", "what", "score", title="Picture, published against true")
    for name, rows in scores:
        if rows is None:
            yield f"{name}: not published for days of this run with enough to compare"
            continue
        for what, value in rows:
            table.add_row(name, what, value)
    if table.row_count:
        yield table


Rows = Iterator[tuple[str, str]]


def _risk(score: RiskScore) -> Rows:
    yield "cells and days", f"{score.cell_days:,}"
    yield f"AUC for {HIGH:g} times the city's", f"{score.auc:.3f}"
    for said, true, number in score.calibration:
        yield f"above average: {said:.0%} stated", f"{true:.0%} true, of {number:,}"


def _rt(score: RtScore) -> Rows:
    yield "areas and days", f"{score.area_days:,}"
    yield "mean error, bias", f"{score.mean_error:.2f}, {score.bias:+.2f}"
    yield "true value within the 90 % interval", f"{score.coverage:.0%}"


def _alarms(score: FoundScore) -> Rows:
    yield "alarms", f"{score.alarms:,}"
    yield "injected outbreaks met", f"{known(score.recall, '.0%')} of {score.outbreaks}"
    yield "days from begin to alarm, median", known(score.delay_days, ".0f")
    yield "alarms that meet one", known(score.precision, ".0%")
    yield "alarms that meet one or a true rise or risk", known(score.right, ".0%")


def known(value: float, form: str) -> str:
    """Write a score; a dash where there was nothing to score."""
    return "—" if math.isnan(value) else format(value, form)


def _counts(counts: list[CountScore]) -> Table:
    table = Table(title="Counts a place and minute, published against true; error: mean, absolute")
    for name in (
        "counter", "true", "published", "bias", "exact", "error", "missing", "extra",
    ):  # fmt: skip
        table.add_column(name, justify="left" if name == "counter" else "right")
    for one in counts:
        table.add_row(
            one.counter,
            f"{one.true_total:,}",
            f"{one.published_total:,}",
            f"{one.bias_share:+.2%}" if one.true_total else "—",
            f"{one.exact:.3%}",
            f"{one.mean_error:.4f}",
            f"{one.missing:,}",
            f"{one.extra:,}",
        )
    return table
