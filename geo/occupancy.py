"""Occupancy: how many people are present, from gates that miss some of them.

- a *stay* is an "in" and the next "out" of the same person at the same place
- an *open* stay has no "out" yet; it expires after 16 hours, because the gate missed it
- *net* occupancy counts ins less outs and drifts; the nightly reset pulls it back to residents
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.columns import Counts, Flags, Index, Reals, is_count, positive, ratio, reals, same_length

EXPIRY_MS = 16 * 3_600_000
MATCH_RATE_SHOWN = 0.8


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays in columns: place row, start, end (exclusive), and whether an "out" was seen."""

    place: Index
    start_ms: Counts
    end_ms: Counts
    matched: Flags


def match_stays(
    person: NDArray[np.uint64],
    place: ArrayLike,
    event_ms: ArrayLike,
    entering: ArrayLike,
    expiry_ms: int = EXPIRY_MS,
) -> Stays:
    """Pair each "in" with the person's next reading at the same place.

    Parameters
    ----------
    person : (n,) uint64
        Hash of a pseudonym.
    place : (n,) int
        Row of the place.
    event_ms : (n,) int64
        Event times, in any order; of two readings at one instant the "out" comes first.
    entering : (n,) bool
        True for "in", False for "out".
    expiry_ms : int
        Longest believable stay.

    Returns
    -------
    Stays
        One row an "in". It is matched if the next reading is an "out" within `expiry_ms`;
        else it ends at the next "in" there (a missed "out") or at its expiry. An "out"
        without an "in" is ignored.
    """
    positive("expiry_ms", expiry_ms)
    where = np.asarray(place, dtype=np.intp)
    when = np.asarray(event_ms, dtype=np.int64)
    is_in = np.asarray(entering, dtype=bool)
    same_length(person=person, place=where, event_ms=when, entering=is_in)
    order = np.lexsort((is_in, when, where, person))
    person, where, when, is_in = person[order], where[order], when[order], is_in[order]
    follows = np.zeros(len(when), dtype=bool)
    follows[:-1] = (person[:-1] == person[1:]) & (where[:-1] == where[1:])
    next_ms = np.append(when[1:], 0)[: len(when)]
    next_out = follows & ~np.append(is_in[1:], True)[: len(when)]
    expires = when + expiry_ms
    matched = next_out & (next_ms <= expires)
    end = np.where(follows, np.minimum(next_ms, expires), expires)
    return Stays(where[is_in], when[is_in], end[is_in], matched[is_in])


def occupancy_at(stays: Stays, at_ms: int, places: int) -> Counts:
    """Count the stays that hold an instant, start included, end left out; (places,) int64."""
    present = (stays.start_ms <= at_ms) & (at_ms < stays.end_ms)
    return np.bincount(stays.place[present], minlength=places).astype(np.int64)


def match_rates(stays: Stays, places: int) -> Reals:
    """Give the share of ins whose out was seen; NaN where nobody entered."""
    ins = np.bincount(stays.place, minlength=places)
    matched = np.bincount(stays.place[stays.matched], minlength=places)
    return ratio(matched.astype(np.float64), ins.astype(np.float64))


def balance(ins: ArrayLike, outs: ArrayLike) -> Reals:
    r"""Give the largest share of passages one way that can belong to one the other way.

    Parameters
    ----------
    ins, outs : (n,) float64
        Counts of some whole days, 0 or more.

    Returns
    -------
    (n,) float64
        In 0..1; 1 where the two differ by no more than chance, NaN where a count is missing or
        negative. It stands for the match rate where persons are not known: that is no greater.

    Notes
    -----
    :math:`\min/\max`; by chance two equal streams differ by :math:`2\sqrt{ins + outs}` or less
    19 times in 20.
    """
    entered, left = reals("ins", ins), reals("outs", outs)
    same_length(ins=entered, outs=left)
    known = is_count(entered) & is_count(left)
    both = np.where(known, entered + left, 0.0)
    apart = np.abs(np.where(known, entered - left, 0.0)) > 2.0 * np.sqrt(both)
    share = ratio(np.fmin(entered, left), np.fmax(entered, left))
    return np.where(known, np.where(apart, share, 1.0), np.nan)


def net_occupancy(before: ArrayLike, ins: ArrayLike, outs: ArrayLike) -> Reals:
    """Add ins and subtract outs; never below 0, for a gate that misses ins cannot owe people."""
    present = reals("before", before) + reals("ins", ins) - reals("outs", outs)
    return np.asarray(np.maximum(present, 0.0), dtype=np.float64)


def nightly_reset(occupancy: ArrayLike, residents_present: ArrayLike) -> Reals:
    r"""Pull drifted occupancy half-way to the residents who sleep there (03:30 local).

    Notes
    -----
    :math:`O \leftarrow \max(0, O)/2 + B/2`. A constant drift of c people a day then stays
    bounded by 2c in place of growing without end. The weight 1/2 is this project's own.
    """
    drifted = np.maximum(reals("occupancy", occupancy), 0.0)
    return np.asarray(0.5 * drifted + 0.5 * reals("residents_present", residents_present))


def shown_occupancy(
    occupancy: ArrayLike, match_rate: ArrayLike, least: float = MATCH_RATE_SHOWN
) -> Reals:
    """Hide (NaN) occupancy where too few ins found their out, or nothing is known of it."""
    count, rate = reals("occupancy", occupancy), reals("match_rate", match_rate)
    same_length(occupancy=count, match_rate=rate)
    return np.where(rate >= least, np.maximum(count, 0.0), np.nan)
