"""Presence: who was at a place while, or shortly after, a case was there.

- a *visit* is anybody's stay at a place, [start, end)
- a *warning* is a case's stay, made longer because aerosol stays, and snapped to ten minutes
- an *overlap* is the time one visit and one warning share at the same place

Rules and test cases are those of Corona-Warn-App's presence tracing (Apache-2.0).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.columns import Counts, Flags, Index, Reals, positive, same_length

MINUTE_MS = 60_000
SNAP_MS = 10 * MINUTE_MS
SHORTEST_MS = 10 * MINUTE_MS
AEROSOL_MS = 30 * MINUTE_MS
MOST_VISITS = 5_000


@dataclass(frozen=True, slots=True)
class CaseWarnings:
    """Warnings of case stays, in the same order; `kept` is False for stays too short."""

    start_ms: Counts
    end_ms: Counts
    kept: Flags


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs: row of the visit, row of the warning, minutes shared (at least 1)."""

    visit: Index
    warning: Index
    minutes: Reals


def warnings_of(start_ms: ArrayLike, end_ms: ArrayLike) -> CaseWarnings:
    """Turn stays of cases into warnings.

    Parameters
    ----------
    start_ms, end_ms : (n,) int64
        Stay of the case, end left out.

    Returns
    -------
    CaseWarnings
        A stay under 10 minutes (or one that ends before it starts) is not kept. Else it is
        made longer by its own length, 30 minutes at most, its length rounded to tens of
        minutes, and placed on the ten-minute grid where it covers most of itself; the earlier
        place if two cover the same.
    """
    start, end = (np.asarray(column, dtype=np.int64) for column in (start_ms, end_ms))
    same_length(start_ms=start, end_ms=end)
    stay = end - start
    lengthened = end + np.minimum(np.maximum(stay, 0), AEROSOL_MS)
    length = (2 * (lengthened - start) + SNAP_MS) // (2 * SNAP_MS) * SNAP_MS
    early = start // SNAP_MS * SNAP_MS

    def covered(first: Counts) -> Counts:
        shared = np.minimum(lengthened, first + length) - np.maximum(start, first)
        return np.asarray(shared, dtype=np.int64)

    first = np.where(covered(early + SNAP_MS) > covered(early), early + SNAP_MS, early)
    return CaseWarnings(first, first + length, stay >= SHORTEST_MS)


def overlap_minutes(
    start_a: ArrayLike, end_a: ArrayLike, start_b: ArrayLike, end_b: ArrayLike
) -> Reals:
    """Give the minutes two stays share, row by row, rounded to whole ones, halves upwards."""
    a0, a1, b0, b1 = (
        np.asarray(column, dtype=np.int64) for column in (start_a, end_a, start_b, end_b)
    )
    same_length(start_a=a0, end_a=a1, start_b=b0, end_b=b1)
    shared = np.maximum(np.minimum(a1, b1) - np.maximum(a0, b0), 0)
    return np.asarray(np.floor(shared / MINUTE_MS + 0.5), dtype=np.float64)


def overlaps(
    visit_place: ArrayLike,
    visit: tuple[ArrayLike, ArrayLike],
    warning_place: ArrayLike,
    warning: tuple[ArrayLike, ArrayLike],
) -> Overlaps:
    """Pair every visit with every warning at its place that it shares a minute with.

    Parameters
    ----------
    visit_place, warning_place : (n,), (w,) int
        Row of the place of each visit and each warning.
    visit, warning : pairs of (n,) and (w,) int64
        Start and end in ms, end left out.
    """
    there, here = (np.asarray(p, dtype=np.intp) for p in (warning_place, visit_place))
    (v0, v1), (w0, w1) = (
        [np.asarray(c, dtype=np.int64) for c in pair] for pair in (visit, warning)
    )
    same_length(visit_place=here, start_ms=v0, end_ms=v1)
    same_length(warning_place=there, start_ms=w0, end_ms=w1)
    order = np.argsort(there, kind="stable")
    first = np.searchsorted(there[order], here, side="left")
    number = np.searchsorted(there[order], here, side="right") - first
    left = np.repeat(np.arange(len(here)), number)
    within = np.arange(len(left)) - np.repeat(np.cumsum(number) - number, number)
    right = order[np.repeat(first, number) + within]
    minutes = overlap_minutes(v0[left], v1[left], w0[right], w1[right])
    shared = minutes > 0
    return Overlaps(left[shared], right[shared], minutes[shared])


def fill_open_visits(
    place: ArrayLike, start_ms: ArrayLike, end_ms: ArrayLike, default_ms: int = 30 * MINUTE_MS
) -> tuple[Counts, Flags]:
    """Give visits without an end (-1) the median stay of their place.

    Returns
    -------
    end_ms, imputed : (n,) int64, bool
        `default_ms` after the start where no visit of the place has an end. Ends before their
        start count as missing.
    """
    where = np.asarray(place, dtype=np.intp)
    start, end = (np.asarray(column, dtype=np.int64) for column in (start_ms, end_ms))
    same_length(place=where, start_ms=start, end_ms=end)
    missing = end < start
    typical: dict[int, int] = {}
    for row in np.unique(where[missing]):
        known = (where == row) & ~missing
        stays = (end - start)[known]
        typical[int(row)] = int(np.median(stays)) if len(stays) else default_ms
    guess = [start[i] + typical[int(where[i])] for i in np.flatnonzero(missing)]
    filled = end.copy()
    filled[missing] = guess
    return filled, missing


def sampled_visits(
    place: ArrayLike, day: ArrayLike, rng: np.random.Generator, most: int = MOST_VISITS
) -> tuple[NDArray[np.intp], Reals]:
    """Choose at most `most` visits of each place and day, and what each then stands for.

    Returns
    -------
    rows : (m,) int
        Chosen rows, in order.
    weight : (m,) float64
        Visits each row stands for; 1 where all were kept. Weighted sums stay right on average.
    """
    where, when = np.asarray(place, dtype=np.int64), np.asarray(day, dtype=np.int64)
    same_length(place=where, day=when)
    positive("most", most)
    _, group = np.unique(np.stack([where, when]), axis=1, return_inverse=True)
    size = np.bincount(group)
    order = np.lexsort((rng.random(len(group)), group))
    rank = np.empty(len(group), dtype=np.intp)
    rank[order] = np.arange(len(group)) - np.repeat(np.cumsum(size) - size, size)
    rows = np.flatnonzero(rank < most)
    return rows, np.maximum(size / most, 1.0)[group[rows]]
