"""`evaluate RUN`: read the truth, read what was published, print and write the scores."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from rich.console import Console
from rich.table import Table

from schemas.broker import Broker
from schemas.records import PlaceMinute
from schemas.topics import CHECKINS_REJECTED, PLACE_MINUTES
from simulators.city.done import Done
from simulators.errors import SourceError
from simulators.plots import bars
from simulators.present import Present
from simulators.score.cases import CaseScore, case_score
from simulators.score.counts import (
    COUNTERS,
    CountScore,
    OccupancyScore,
    count_scores,
    occupancy_score,
)
from simulators.truth import RunFile, read_run

HOUR_MS = 3_600_000
_MARGIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that could be scored; None where nothing of it was published."""

    counts: list[CountScore] | None
    occupancy: OccupancyScore | None
    cases: CaseScore
    malformed: int
    rejected: int | None


def evaluate(folder: Path, broker: Broker | None, console: Console) -> Evaluation:
    """Score a run against what the broker's topics hold; without a broker, the reports alone."""
    try:
        run = read_run(folder)
    except (OSError, msgspec.MsgspecError) as error:
        raise SourceError(f"{folder}: not a run ({error}): expected run.json and truth/") from None
    until = run.done_ms - _MARGIN_MS
    published = read_place_minutes(broker, run.begin_ms, until) if broker else None
    found = score(folder, run, published, _kept(broker) if broker else None)
    show(found, console)
    write(folder, found)
    return found


def score(
    folder: Path, run: RunFile, published: pl.DataFrame | None, rejected: int | None
) -> Evaluation:
    """Work out the scores of a run; `published` has one row a place-minute."""
    until = pl.col("minute_ms") < run.done_ms - _MARGIN_MS
    true = _truth(folder, "true-minutes").filter(until)
    inside = _truth(folder, "occupancy").filter(until)
    dirt = _truth(folder, "dirt").filter(pl.col("arrival_ms") < run.done_ms)
    malformed = dirt.filter(pl.col("done").cast(pl.Int64) & int(Done.MALFORMED) > 0)
    return Evaluation(
        counts=None if published is None else count_scores(true, published),
        occupancy=None if published is None else occupancy_score(inside, published, HOUR_MS),
        cases=case_score(
            _truth(folder, "reports").filter(pl.col("report_ms") < run.done_ms),
            _truth(folder, "infections"),
            run.begin_ms,
        ),
        malformed=len(malformed),
        rejected=rejected,
    )


def _truth(folder: Path, name: str) -> pl.DataFrame:
    files = sorted((folder / "truth" / name).glob("*.parquet"))
    if not files:
        raise SourceError(f"{folder / 'truth' / name}: no truth: expected day-000.parquet and on")
    return pl.concat([pl.read_parquet(file) for file in files], how="vertical_relaxed")


def read_place_minutes(broker: Broker, begin_ms: int, until_ms: int) -> pl.DataFrame:
    """Read the last value of every place-minute of a stretch of event time."""
    last: dict[tuple[str, int], PlaceMinute] = {}
    decoder = msgspec.json.Decoder(PlaceMinute)
    with Present(broker) as topics:
        for message in topics.messages(PLACE_MINUTES, begin_ms):
            slice_ = decoder.decode(message.value() or b"{}")
            if begin_ms <= slice_.minute_ms < until_ms:
                last[slice_.place_id, slice_.minute_ms] = slice_
    rows: Iterator[dict[str, Any]] = (
        {"place_id": s.place_id, "minute_ms": s.minute_ms}
        | {name: getattr(s, name) for name in COUNTERS}
        for s in last.values()
    )
    schema = {"place_id": pl.String} | dict.fromkeys(("minute_ms", *COUNTERS), pl.Int64)
    return pl.DataFrame(list(rows), schema=schema)


def _kept(broker: Broker) -> int:
    with Present(broker) as topics:
        return sum(1 for _ in topics.messages(CHECKINS_REJECTED, 0))


def show(found: Evaluation, console: Console) -> None:
    """Print the scores as tables."""
    if found.counts is not None:
        table = Table(title="Counts a place and minute, published against true")
        for name in (
            "counter",
            "true",
            "published",
            "bias",
            "exact",
            "mean error",
            "missing",
            "extra",
        ):
            table.add_column(name, justify="left" if name == "counter" else "right")
        for one in found.counts:
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
        console.print(table)
    if found.occupancy is not None:
        console.print(
            f"inside, at full hours: {found.occupancy.place_hours:,} place-hours, mean error "
            f"{found.occupancy.mean_error:.3f}, correlation {found.occupancy.correlation:.4f}"
        )
    cases = found.cases
    console.print(
        f"cases: {cases.found:,} of {cases.infections:,} infections reported ({cases.recall:.1%}), "
        f"{cases.delay_days:.1f} days after infection (median); {cases.false_share:.1%} of "
        f"{cases.standing:,} standing reports are about people without the disease"
    )
    if found.rejected is not None:
        console.print(f"malformed records sent {found.malformed:,}, rejected {found.rejected:,}")


def write(folder: Path, found: Evaluation) -> None:
    """Write `evaluation.json`, and a plot of the counts."""
    text = msgspec.json.format(msgspec.json.encode(asdict(found)), indent=2)
    (folder / "evaluation.json").write_bytes(text + b"\n")
    if found.counts:
        shares = [(one.counter, one.bias_share * 100) for one in found.counts]
        finite = [(name, share if math.isfinite(share) else 0.0) for name, share in shares]
        plot = bars("Published less true, % of true", finite)
        (folder / "evaluation.svg").write_text(plot, encoding="utf-8")
