"""The picture: what the statistics say of cells and areas, restated whenever that changes.

Every record is a full statement of its key, never a difference, and is sent only when what it
says has changed. Its *stamp* (`as_of_ms`, `complete_to_ms`, `completeness`, `revision`, and the
end of its window) tells when it was said; it still holds at the newest stamp of its topic.
What it says, all but the stamp, is a pure function of the slices and cases folded by then.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.records.fields import Cell, Count, Day, Identifier, Instant, Version1

Share = Annotated[float, Meta(ge=0.0, le=1.0, description="a share or probability in 0..1")]
Amount = Annotated[float, Meta(ge=0.0, description="a number of 0 or more")]
Level = Annotated[
    Literal[0, 1, 2],
    Meta(description="0 none, 1 holds after the control of false discoveries, 2 Bonferroni"),
]
RiskLevel = Annotated[
    Literal[-1, 0, 1, 2, 3],
    Meta(description="-1 insufficient data, 0 ordinary, 1 elevated, 2 high, 3 very high"),
]
Series = Annotated[
    Literal["cases", "fever"], Meta(description="cases by onset day, or fever readings by day")
]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What every record of the picture carries.

    `as_of_ms` is the newest arrival folded, `complete_to_ms` the newest arrival of the input
    partition that is furthest behind. `completeness` is the share of what is counted that is
    known by then. `revision` grows with every restatement of the city: of two records of one
    key the greater stands. It is no less than the second in which it is said, so that a job begun
    anew speaks above one whose state is lost. `formula` names the method and its version.
    `sample_size` is what the statement rests on. `below_k`: it rests on more than none and
    fewer than the city's smallest count, so views withhold its counts. `simulated`: a
    simulator's data is in it.
    """

    v: Version1 = 1
    as_of_ms: Instant
    complete_to_ms: Instant
    completeness: Share
    revision: Count
    formula: Identifier
    sample_size: Amount
    below_k: bool = False
    simulated: bool = False


class CellDensity(Statement, frozen=True, kw_only=True):
    """Passages (in, out and through) of one cell in the last `window_min` minutes.

    The window is `[window_end_ms - window_min, window_end_ms)`, event time; its end is the
    minute after `as_of_ms`. `per_km2` is passages over the cell's own area, `per_km2_lo` and
    `per_km2_hi` its 90 % Poisson interval, `smoothed_per_km2` its Gaussian mean over 3 rings.
    `persons` (different persons) is not known from slices. `occupancy` is who is present: ins
    less outs since 03:30 local, on half of what was left then and half of the residents; null
    where the city has no directions, and where ins and outs of the week's closed nights differ by
    more than chance and a fifth: gates see one direction only. `expected` is the same window's
    passages a day earlier, `ratio` passages over expected; null where nothing or only a part is
    known of that day, the ratio also where it had none.
    `completeness`: share of the input's partitions that are not behind `as_of_ms`, by a minute
    or, in a quiet city, by five times as long as one usually waits for its next slice.
    `sample_size`: passages. A cell that has become empty says 0; one without a record was
    never seen.
    """

    cell: Cell
    res: int
    window_end_ms: Instant
    window_min: Count
    passages: Count
    persons: Count | None = None
    per_km2: Amount
    per_km2_lo: Amount
    per_km2_hi: Amount
    smoothed_per_km2: Amount | None = None
    occupancy: Amount | None = None
    expected: Amount | None = None
    ratio: Amount | None = None


class RiskShares(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of a cell's mean risk by component; they add to 1. Attribution, not causation."""

    background: Share
    neighbours: Share
    inflow: Share
    crowding: Share
    fever: Share


class CellRisk(Statement, frozen=True, kw_only=True):
    """Relative rate of new cases in one cell, against the city's average, on `day`.

    `rr` is the mean, `rr_lo`..`rr_hi` its 90 % interval (ratios, 1 is the city's average);
    `p_above_1`, `p_above_1_5`, `p_above_2` chances that the true ratio is above. `class` is
    -1 where too little is known, to be drawn as such and never as low risk. `expected_7d` are
    the cases foreseen in the next 7 days, 90 % between `expected_7d_lo` and `expected_7d_hi`.
    `incidence_per_100k` are daily new cases per 100,000 residents here, `city_per_100k` in the
    whole city: `rr` hides a surge of the city, these show it. All five are null until a day's
    worth of the city's cases is measured, which the stock of its first day is not. `rr` = mean
    of the components (`component_mean`, made of `shares`) times `local_factor`, which no
    component explains. `gate` says how far components are believed in this city, 0..1.
    `cases_14d` are weighted cases of the last 14 onset days, that first day left out, `spread`
    the share of them reported for a larger area and spread by residents. `completeness`: share
    of the last 7 days' cases reported by now. `sample_size`: discounted cases seen. Cells where
    nobody lives have no record.
    """

    cell: Cell
    res: int
    day: Day
    rr: Amount
    rr_lo: Amount
    rr_hi: Amount
    p_above_1: Share
    p_above_1_5: Share
    p_above_2: Share
    risk_class: RiskLevel = msgspec.field(name="class")
    expected_7d: Amount | None
    expected_7d_lo: Amount | None
    expected_7d_hi: Amount | None
    incidence_per_100k: Amount | None
    city_per_100k: Amount | None
    shares: RiskShares
    component_mean: Amount
    local_factor: Amount
    gate: Share
    residents: Amount
    cases_14d: Amount
    spread: Share = 0.0


class Hotspot(Statement, frozen=True, kw_only=True):
    """How far a cell and its ring of neighbours stand out in cases of `days` up to `day`.

    `z` is Gi* of the standardised rate (above 0 hot, below 0 cold), `p` its one-sided
    p-value of being hot, `p_adjusted` after the control of false discoveries over both sides
    of all judged cells; `level` is what a map may colour as hot. `p_cold`, `p_cold_adjusted`
    and `level_cold` say the same of being cold; they are null and 0 where so few cases are
    expected that none would not be too few. At most one of the levels is above 0. `cases` and
    `expected` are those of the neighbourhood. `sample_size`: cases of the neighbourhood. Cells
    with too few residents to be judged have no record; `z` is null where nothing can be said,
    as without any case. `ratio` is cases over expected, 90 % between `ratio_lo` and `ratio_hi`
    (Poisson; the p-values are of all the city's variation, and may be less sure).
    """

    cell: Cell
    res: int
    day: Day
    days: Count
    z: float | None
    p: Share | None
    p_adjusted: Share | None
    level: Level
    by_permutation: bool
    cases: Amount
    expected: Amount
    p_cold: Share | None = None
    p_cold_adjusted: Share | None = None
    level_cold: Level = 0
    ratio: Amount | None = None
    ratio_lo: Amount | None = None
    ratio_hi: Amount | None = None


class Cluster(Statement, frozen=True, kw_only=True):
    """The cluster of cases that the last scan found at one rank; rank 1 is the strongest.

    Keys are ranks, so a rank without a cluster has a record too: `found` is false, and the
    rest is null or 0. `cluster_id` (centre and rings) stays the same from scan to scan.
    `cells` are the disk's cells; `start_day`..`end_day` its onset days, both included, `days`
    their number. `observed` cases against `expected`, `ratio` of the two, 90 % between
    `ratio_lo` and `ratio_hi`. `p` is from replicates of the whole search; chance alone brings
    such a cluster once in `recurrence_days`. `is_alarm`: at least as rare as the city wants.
    `sample_size`: observed cases.
    """

    rank: Count
    found: bool
    cluster_id: Identifier | None = None
    centre: Cell | None = None
    res: int
    rings: Count = 0
    cells: tuple[Cell, ...] = ()
    area_id: Identifier | None = None
    start_day: Day | None = None
    end_day: Day
    days: Count = 0
    observed: Amount = 0.0
    expected: Amount = 0.0
    ratio: Amount | None = None
    ratio_lo: Amount | None = None
    ratio_hi: Amount | None = None
    llr: Amount = 0.0
    p: Share | None = None
    recurrence_days: Amount | None = None
    is_alarm: bool = False
    residents: Amount = 0.0


class RtDay(msgspec.Struct, frozen=True, kw_only=True):
    """Reproduction number of the 7 days up to `day`: median, 90 % between `low` and `high`."""

    day: Day
    median: Amount
    low: Amount
    high: Amount


class AreaRt(Statement, frozen=True, kw_only=True):
    """How cases spread in one area up to `day`: reproduction number, growth, relative risk.

    `rt` is the mean number whom one case infects, 90 % between `rt_lo` and `rt_hi`,
    `p_above_1` the chance that cases rise; null unless the 7 days hold enough cases
    (`is_sure`). `from_area_id` is the nearest area up the chain that has enough: show its
    numbers instead, and say so. `growth` is a day's rate of growth with its 90 % interval;
    only where `is_trend` do `doubling_days` (negative: days to halve) and its interval say
    anything, else there is no clear trend. `rr` is the area's relative risk with a 90 %
    interval and `rr_above_1` its chance to be above 1. `cases_7d` and `cases_before` are
    weighted cases of the last and the previous 7 days, corrected for what is not reported
    yet, without the stock of a city's first day (null where no other day is known);
    `incidence_per_100k` daily new cases per 100,000 residents. `completeness`: share of the
    last 7 days' cases reported by now. `sample_size`: cases of these 7 days, uncorrected.
    The whole city is area and level `city`. `day` lies some days behind the clock, for too few
    cases of the newest days are reported; the relative risk is that of the clock's day.
    `recent` is the reproduction number of the 14 days up to `day`, oldest first, restated with
    the cases it rests on; a day whose 7 days hold too few cases is left out.
    """

    area_id: Identifier
    level: Identifier
    day: Day
    rt: Amount | None
    rt_lo: Amount | None
    rt_hi: Amount | None
    p_above_1: Share | None
    is_sure: bool
    from_area_id: Identifier | None
    growth: float | None
    growth_lo: float | None
    growth_hi: float | None
    is_trend: bool
    doubling_days: float | None
    doubling_days_lo: float | None
    doubling_days_hi: float | None
    rr: Amount | None
    rr_lo: Amount | None
    rr_hi: Amount | None
    rr_above_1: Share | None
    cases_7d: Amount | None
    cases_before: Amount | None
    incidence_per_100k: Amount | None
    residents: Amount
    recent: tuple[RtDay, ...] = ()


class Aberration(Statement, frozen=True, kw_only=True):
    """Whether one area's counts up to `day` are unusual beside its own past.

    `count` are those of the last `days` days that are known by now, `expected` as many as the 28
    days before lead to expect of them by now; cases of the newest days, too few of which are
    reported, are left out, so `day` lies behind the clock. `p` is the chance of so many or
    more, `p_adjusted` after the control of false discoveries over all series of the level;
    `level_found` is what a map may colour. `z` is the EARS C2 score, for comparison
    only. `sample_size`: count and baseline together. `p` is null where the past is too short.
    `ratio` is count over expected, 90 % between `ratio_lo` and `ratio_hi`, as bursty as all
    series are together; `ratio_hi` is null where nothing was counted before.
    """

    area_id: Identifier
    level: Identifier
    series: Series
    day: Day
    days: Count
    count: Amount
    expected: Amount | None
    z: float | None
    p: Share | None
    p_adjusted: Share | None
    level_found: Level
    ratio: Amount | None = None
    ratio_lo: Amount | None = None
    ratio_hi: Amount | None = None
