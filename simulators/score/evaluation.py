"""All scores of a run, and how they are shown."""

from __future__ import annotations

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
    risk: RiskScore | None = None
    rt: RtScore | None = None
    hotspots: FoundScore | None = None
    clusters: FoundScore | None = None


def shown(found: Evaluation) -> Iterator[Table | str]:
    """Give the scores as tables and lines; what was not published is said to be so."""
    yield "counts: not published" if found.counts is None else _counts(found.counts)
    if found.occupancy is not None:
        yield (
            f"inside, at full hours: {found.occupancy.place_hours:,} place-hours, mean error "
            f"{found.occupancy.mean_error:.3f}, correlation {found.occupancy.correlation:.4f}"
        )
    cases = found.cases
    yield (
        f"cases: {cases.found:,} of {cases.infections:,} infections reported ({cases.recall:.1%}), "
        f"{cases.delay_days:.1f} days after infection (median); {cases.false_share:.1%} of "
        f"{cases.standing:,} standing reports are about people without the disease"
    )
    if found.rejected is not None:
        yield f"malformed records sent {found.malformed:,}, rejected {found.rejected:,}"
    yield _risk(found.risk)
    yield _rt(found.rt)
    yield _alarms("hot spots", found.hotspots)
    yield _alarms("clusters", found.clusters)


def _risk(score: RiskScore | None) -> str:
    if score is None:
        return "risk: not published for days of this run"
    stated = "; ".join(f"{said:.0%} stated {true:.0%} true" for said, true, _ in score.calibration)
    return (
        f"risk: {score.cell_days:,} cells and days, AUC {score.auc:.3f} for {HIGH:g} times the "
        f"city's; above average: {stated}"
    )


def _rt(score: RtScore | None) -> str:
    if score is None:
        return "Rt: not published for areas and weeks with enough infections"
    return (
        f"Rt: {score.area_days:,} areas and days, mean error {score.mean_error:.2f}, bias "
        f"{score.bias:+.2f}, true value within the 90 % interval {score.coverage:.0%}"
    )


def _alarms(what: str, score: FoundScore | None) -> str:
    if score is None:
        return f"{what}: not published"
    return (
        f"{what}: {score.alarms:,} alarms, {score.recall:.0%} of {score.outbreaks} injected "
        f"outbreaks met after {score.delay_days:.0f} days (median); {score.precision:.0%} of the "
        f"alarms meet one, {score.right:.0%} one or a cell truly at risk"
    )


def _counts(counts: list[CountScore]) -> Table:
    table = Table(title="Counts a place and minute, published against true")
    for name in (
        "counter", "true", "published", "bias", "exact", "mean error", "missing", "extra",
    ):  # fmt: skip
        table.add_column(name, justify="left" if name == "counter" else "right")
    for one in counts:
        table.add_row(
            one.counter,
            f"{one.true_total:,}",
            f"{one.published_total:,}",
            f"{one.bias:+,} ({one.bias_share:+.2%})",
            f"{one.exact:.3%}",
            f"{one.mean_error:.4f}",
            f"{one.missing:,}",
            f"{one.extra:,}",
        )
    return table
