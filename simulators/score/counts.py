"""Published counts of place-minutes against the true ones."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

COUNTERS = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever")
_KEYS = ("place_id", "minute_ms")


@dataclass(frozen=True, slots=True)
class CountScore:
    """How far one counter is from the truth, over all place-minutes of a run.

    `exact` is the share of place-minutes in which the counter is right, among those where
    either side has any; `bias` is published less true, and `bias_share` that in relation to
    the true total; `mean_error` is the mean absolute difference a place-minute.
    """

    counter: str
    true_total: int
    published_total: int
    place_minutes: int
    exact: float
    bias: int
    bias_share: float
    mean_error: float
    missing: int
    extra: int


def count_scores(true: pl.DataFrame, published: pl.DataFrame) -> list[CountScore]:
    """Compare counts; both frames have place_id, minute_ms and the counters.

    Rows of equal place and minute are added up in the truth (a minute after midnight is in two
    days' files); what is published has one row a key.
    """
    summed = true.group_by(_KEYS).agg(pl.col(name).sum() for name in COUNTERS)
    both = summed.join(
        published.select(*_KEYS, *COUNTERS), on=_KEYS, how="full", coalesce=True, suffix="_seen"
    ).fill_null(0)
    return [_score(both, counter) for counter in COUNTERS]


def _score(both: pl.DataFrame, counter: str) -> CountScore:
    known, seen = pl.col(counter), pl.col(f"{counter}_seen")
    some = both.filter((known > 0) | (seen > 0))
    true_total, total = int(both[counter].sum()), int(both[f"{counter}_seen"].sum())
    number = max(1, len(some))
    return CountScore(
        counter=counter,
        true_total=true_total,
        published_total=total,
        place_minutes=len(some),
        exact=len(some.filter(known == seen)) / number if len(some) else 1.0,
        bias=total - true_total,
        bias_share=(total - true_total) / true_total if true_total else 0.0,
        mean_error=float(some.select((known - seen).abs().sum()).item() or 0) / number,
        missing=len(some.filter((known > 0) & (seen == 0))),
        extra=len(some.filter((known == 0) & (seen > 0))),
    )


@dataclass(frozen=True, slots=True)
class OccupancyScore:
    """People inside worked out from published ins and outs, against the truth, at full hours.

    `correlation` is NaN where nothing varies, or there is no full hour to compare.
    """

    place_hours: int
    correlation: float
    mean_error: float
    bias: float


def occupancy_score(true: pl.DataFrame, published: pl.DataFrame, step_ms: int) -> OccupancyScore:
    """Compare ins less outs since the run began, at every `step_ms`, of places that saw anybody.

    Parameters
    ----------
    true : place_id, minute_ms, inside; one row a change.
    published : place_id, minute_ms, n_in, n_out.
    """
    seen = published.sort("minute_ms").select(
        *_KEYS, inside=(pl.col("n_in") - pl.col("n_out")).cum_sum().over("place_id")
    )
    known = true.sort("minute_ms").unique(_KEYS, keep="last", maintain_order=True)
    begin, end = int(known["minute_ms"].min() or 0), int(known["minute_ms"].max() or 0)  # type: ignore[arg-type]
    places = known["place_id"].unique().sort()
    instants = pl.Series("minute_ms", range(begin - begin % step_ms + step_ms, end, step_ms))
    grid = pl.DataFrame({"place_id": places}).join(instants.to_frame(), how="cross")
    grid = grid.sort("minute_ms")
    for name, frame in (("known", known), ("seen", seen)):
        grid = grid.join_asof(
            frame.select(*_KEYS, pl.col("inside").alias(name)).sort("minute_ms"),
            on="minute_ms",
            by="place_id",
            check_sortedness=False,
        )
    grid = grid.fill_null(0)
    off = grid["seen"] - grid["known"]
    correlation = grid.select(pl.corr("known", "seen")).item()
    return OccupancyScore(
        place_hours=len(grid),
        correlation=float("nan") if correlation is None else float(correlation),
        mean_error=float(off.abs().mean() or 0.0),  # type: ignore[arg-type]
        bias=float(off.mean() or 0.0),  # type: ignore[arg-type]
    )
