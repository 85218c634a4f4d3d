"""Reported cases against true infections: how many come to be known, how late, how many wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.times import DAY_MS


@dataclass(frozen=True, slots=True)
class CaseScore:
    """`found` infected people with a standing report at the end, among all `infections`.

    `false_share` of standing confirmed or suspected reports are about people who were never
    infected; `delay_days` is the median from infection to first report, NaN where none was found.
    """

    infections: int
    found: int
    recall: float
    standing: int
    false_share: float
    delay_days: float


def case_score(reports: pl.DataFrame, infections: pl.DataFrame, begin_ms: int) -> CaseScore:
    """Score the reports of a run.

    Parameters
    ----------
    reports : case_id, revision, category, status, report_ms, person, infected.
    infections : person, infected_day.
    """
    last = reports.sort("revision").group_by("case_id").agg(pl.all().last())
    stands = last.filter(
        pl.col("category").is_in(["confirmed", "suspected"]) & (pl.col("status") != "retracted")
    )
    first = reports.group_by("person").agg(first_ms=pl.col("report_ms").min())
    found = infections.join(
        stands.filter(pl.col("infected")).select("person").unique(), on="person", how="semi"
    ).join(first, on="person")
    delay = (found["first_ms"] - begin_ms) / DAY_MS - found["infected_day"]
    wrong = len(stands.filter(~pl.col("infected")))
    return CaseScore(
        infections=len(infections),
        found=len(found),
        recall=len(found) / max(1, len(infections)),
        standing=len(stands),
        false_share=wrong / max(1, len(stands)),
        delay_days=float(delay.median()) if len(found) else float("nan"),  # type: ignore[arg-type]
    )
