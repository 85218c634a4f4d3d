"""`evaluate RUN`: read the truth, read what was published, print and write the scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import polars as pl
from rich.console import Console

from schemas.broker import Broker
from schemas.records import PlaceMinute
from schemas.times import DAY_MS, HOUR_MS
from schemas.topics import CHECKINS_LATE, CHECKINS_REJECTED, PLACE_MINUTES, Topic
from simulators.city.done import Done
from simulators.errors import SourceError
from simulators.plots import bars, lines
from simulators.present import Present
from simulators.score.cases import case_score
from simulators.score.counts import (
    COUNTERS,
    count_scores,
    occupancy_score,
)
from simulators.score.evaluation import Evaluation, shown
from simulators.score.picture import (
    Alarm,
    FoundScore,
    Outbreak,
    Truly,
    areas_that_rose,
    cells_at_risk,
    found_score,
    outbreaks_of,
    risk_score,
    rt_score,
)
from simulators.score.published import Picture, read_picture
from simulators.truth import RunFile, read_run

_MARGIN_MS = 60_000
T = TypeVar("T")
S = TypeVar("S")


def evaluate(folder: Path, broker: Broker | None, console: Console) -> Evaluation:
    """Score a run against what the broker's topics hold; without a broker, the reports alone."""
    try:
        run = read_run(folder)
    except OSError as error:
        said = error.strerror or error
        raise SourceError(f"{folder / 'run.json'}: {said}: expected the folder of a run") from None
    except msgspec.MsgspecError as error:
        raise SourceError(f"{folder / 'run.json'}: not that of a run: {error}") from None
    from_ms, until = run.gates_from_ms or run.begin_ms, run.done_ms - _MARGIN_MS
    published = read_place_minutes(broker, from_ms, until) if broker else None
    picture = read_picture(broker, run.begin_ms) if broker else None
    rejected = _number(broker, CHECKINS_REJECTED) if broker else None
    found = score(folder, run, published, rejected, picture)
    if broker:
        found = replace(found, late=_number(broker, CHECKINS_LATE))
    written = write(folder, found)
    for part in shown(found):
        console.print(part)
    console.print(f"in {folder}: {', '.join(written)}", soft_wrap=True, markup=False)
    return found


def score(
    folder: Path,
    run: RunFile,
    published: pl.DataFrame | None,
    rejected: int | None,
    picture: Picture | None = None,
) -> Evaluation:
    """Work out the scores of a run; `published` has one row a place-minute.

    Raises
    ------
    SourceError
        A file of the truth is not there, cannot be read, or lacks a column.
    """
    try:
        return _scores(folder, run, published, rejected, picture)
    except pl.exceptions.ColumnNotFoundError as error:
        missing = str(error).splitlines()[0]
        raise SourceError(
            f"{folder / 'truth'}: {missing}: this truth is of another version of Hexline; "
            "simulate the run again"
        ) from None


def _scores(
    folder: Path,
    run: RunFile,
    published: pl.DataFrame | None,
    rejected: int | None,
    picture: Picture | None,
) -> Evaluation:
    from_ms = run.gates_from_ms or run.begin_ms
    until = pl.col("minute_ms").is_between(from_ms, run.done_ms - _MARGIN_MS, closed="left")
    true = _truth(folder, "true-minutes").filter(until)
    inside = _truth(folder, "occupancy").filter(until)
    dirt = _truth(folder, "dirt").filter(pl.col("arrival_ms") < run.done_ms)
    malformed = dirt.filter(pl.col("done").cast(pl.Int64) & int(Done.MALFORMED) > 0)
    nothing = published is None or not len(published)
    since_begin = run.gates_from_ms is None
    return Evaluation(
        counts=None if published is None or nothing else count_scores(true, published),
        occupancy=occupancy_score(inside, published, HOUR_MS)
        if published is not None and not nothing and since_begin
        else None,
        cases=case_score(
            _truth(folder, "reports").filter(pl.col("report_ms") < run.done_ms),
            _truth(folder, "infections").filter(
                pl.col("infected_day") < (run.done_ms - run.begin_ms) / DAY_MS
            ),
            run.begin_ms,
        ),
        malformed=len(malformed),
        rejected=rejected,
        **_of_picture(folder, run, picture),
    )


def _of_picture(folder: Path, run: RunFile, picture: Picture | None) -> dict[str, Any]:
    if picture is None:
        return {}
    risk, events, rt = (_whole(folder, name) for name in ("risk", "events", "rt"))
    infections = _truth(folder, "infections")

    def outbreaks(where: str) -> list[Outbreak]:
        return outbreaks_of(events, infections, run.begin_ms, where)

    @cache
    def in_cells() -> tuple[list[Outbreak], Truly]:
        return outbreaks("cell"), cells_at_risk(risk)

    def of_cells(alarms: Sequence[Alarm]) -> FoundScore:
        happened, truly = in_cells()
        return found_score(happened, alarms, truly)

    def of_areas(alarms: Sequence[Alarm]) -> FoundScore:
        return found_score(outbreaks("areas"), alarms, areas_that_rose(infections))

    return {
        "risk": _if_published(picture.risk, lambda said: risk_score(risk, said)),
        "rt": _if_published(picture.rt, lambda said: rt_score(rt, said)),
        "hotspots": _if_published(picture.hotspots, of_cells),
        "clusters": _if_published(picture.clusters, of_cells),
        "unusual": _if_published(picture.unusual, of_areas),
    }


def _if_published(published: T | None, score_of: Callable[[T], S | None]) -> S | None:
    return None if published is None else score_of(published)


def _whole(folder: Path, name: str) -> pl.DataFrame:
    path = folder / "truth" / f"{name}.parquet"
    if not path.is_file():
        raise SourceError(
            f"{path}: no such truth: expected that of a run that ended or was stopped"
        )
    return _frame(path)


def _frame(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path}: not Parquet, or not whole: {error}") from None


def _truth(folder: Path, name: str) -> pl.DataFrame:
    files = sorted((folder / "truth" / name).glob("*.parquet"))
    if not files:
        raise SourceError(f"{folder / 'truth' / name}: no truth: expected day-000.parquet and on")
    try:
        return pl.concat([_frame(file) for file in files], how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        raise SourceError(
            f"{folder / 'truth' / name}: its files have not the same columns: expected those of "
            "one version of Hexline"
        ) from None


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


def _number(broker: Broker, topic: Topic) -> int:
    with Present(broker) as topics:
        return sum(1 for _ in topics.messages(topic, 0))


def write(folder: Path, found: Evaluation) -> list[str]:
    """Write `evaluation.json`, and a plot of each of counts, calibration of risk, and Rt.

    Plots of an earlier evaluation go: they would be of other numbers than the table. Gives the
    names of what there is now.
    """
    text = msgspec.json.format(msgspec.json.encode(asdict(found)), indent=2)
    files = {"evaluation.json": text + b"\n"} | {
        f"evaluation-{name}.svg": plot.encode() for name, plot in _plots(found)
    }
    for old in folder.glob("evaluation-*.svg"):
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return list(files)


def _plots(found: Evaluation) -> Iterator[tuple[str, str]]:
    if found.counts:
        shares = [(one.counter, one.bias_share * 100) for one in found.counts]
        finite = [(name, share if math.isfinite(share) else 0.0) for name, share in shares]
        yield "counts", bars("Published less true, % of true", finite)
    if found.risk:
        stated = [(said, true) for said, true, _ in found.risk.calibration]
        curves = [("true share", stated), ("as stated", [(0.0, 0.0), (1.0, 1.0)])]
        named = ("chance stated to be above average", "share that was")
        yield "risk", lines("Calibration of risk", named, curves)
    if found.rt:
        days = found.rt.by_day
        curves = [
            ("true", [(float(day), known) for day, known, _ in days]),
            ("published", [(float(day), said) for day, _, said in days]),
        ]
        yield "rt", lines("Rt, mean over areas", ("day of the run", "Rt"), curves)
