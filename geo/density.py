"""Density: how many people crowd where, from counts a minute to smoothed persons a km2.

A *count* is of passages or persons; a *density* divides it by area (persons per km2); a *rate*
divides it by residents (per 1,000). None of them says how long anybody stayed: see occupancy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from geo.columns import (
    Counts,
    Flags,
    Reals,
    Weights,
    fraction,
    is_count,
    positive,
    ratio,
    reals,
    same_length,
)
from geo.errors import ParameterError

CROWDING_PERCENTILES = (50.0, 75.0, 90.0, 97.5)


def rolling_sums(slices: NDArray[np.int64], width: int) -> Counts:
    """Sum the last `width` slices of time, ending at each slice.

    Parameters
    ----------
    slices : (n, t) int64
        Counts of n cells in t consecutive slices, oldest first.
    width : int
        Slices in a window, at least 1.

    Returns
    -------
    (n, t) int64
        Entry [i, j] sums slices j - width + 1 .. j; windows that begin before the first slice
        hold what there is. A corrected (late) slice corrects every window it is in, because
        windows are recomputed from slices and never carried on.
    """
    if width < 1:
        raise ParameterError.of("width", width, "1 slice or more")
    total = np.cumsum(slices, axis=1, dtype=np.int64)
    total[:, width:] -= total[:, :-width].copy()
    return total


def decayed_counts(
    counts: ArrayLike, elapsed_min: ArrayLike, events: ArrayLike, tau_min: float
) -> Reals:
    r"""Carry exponentially forgotten counts on by `elapsed_min` and add new events.

    Parameters
    ----------
    counts, elapsed_min, events : (n,) float64
        Decayed count so far, minutes since it was written (negative counts as 0: the clock
        jumped back), events now.
    tau_min : float
        Time constant in minutes, above 0.

    Notes
    -----
    :math:`s \leftarrow s e^{-\Delta/\tau} + n`. Decay composes, so the result does not depend
    on how often it is carried on.
    """
    tau = positive("tau_min", tau_min)
    elapsed = np.maximum(reals("elapsed_min", elapsed_min), 0.0)
    carried = reals("counts", counts) * np.exp(-elapsed / tau)
    return np.asarray(carried + reals("events", events), dtype=np.float64)


def exponential_rates(decayed: ArrayLike, age_min: ArrayLike, tau_min: float) -> Reals:
    r"""Give events a minute from decayed counts, corrected for a late start.

    Parameters
    ----------
    decayed, age_min : (n,) float64
        Decayed count, and minutes since counting began there.
    tau_min : float
        Time constant in minutes, above 0.

    Returns
    -------
    (n,) float64
        Events a minute; NaN where counting has not begun (`age_min` <= 0).

    Notes
    -----
    :math:`\lambda = s / \tau / (1 - e^{-(t - t_0)/\tau})`: a steady stream of :math:`\lambda`
    events a minute has the expected decayed count :math:`\lambda\tau(1-e^{-(t-t_0)/\tau})`.
    """
    tau = positive("tau_min", tau_min)
    seen = -np.expm1(-np.maximum(reals("age_min", age_min), 0.0) / tau)
    return ratio(reals("decayed", decayed) / tau, seen)


def density_per_km2(persons: ArrayLike, area_km2: ArrayLike) -> Reals:
    """Divide persons by each cell's own area in km2 (never the resolution's average).

    NaN where the count is negative or missing, or the area is not above 0.
    """
    count, area = reals("persons", persons), reals("area_km2", area_km2)
    same_length(persons=count, area_km2=area)
    return ratio(np.where(is_count(count), count, np.nan), area)


def rate_per_1000(persons: ArrayLike, people: ArrayLike, min_people: float = 50.0) -> Reals:
    """Divide persons by residents, per 1,000; NaN where fewer than `min_people` live.

    A NaN row should show the value of its parent cell instead.
    """
    count, residents = reals("persons", persons), reals("people", people)
    same_length(persons=count, people=residents)
    enough = is_count(count) & (residents >= min_people)
    return ratio(1000.0 * np.where(enough, count, np.nan), residents)


def smoothed_ratio(above: ArrayLike, below: ArrayLike, weights: Weights) -> Reals:
    r"""Smooth a ratio over neighbours, corrected for edges and unequal cells.

    Parameters
    ----------
    above : (n,) float64
        Numerator, as persons.
    below : (n,) float64
        Denominator, as km2 (density) or residents (rate); above 0.
    weights : (n, n) csr_array
        Kernel, the cell itself included; `disks.gaussian_rings(1, 3)` is the default.

    Returns
    -------
    (n,) float64
        Smoothed ratio; NaN where no usable cell lies in the kernel.

    Notes
    -----
    :math:`D_i = \sum_j w_{ij} u_j / \sum_j w_{ij} A_j`. Cells outside the city, and rows that
    are missing on either side, drop out of both sums: that is the edge correction. With
    residents below it is `Spatial_Rate` of PySAL esda.
    """
    count, size = reals("above", above), reals("below", below)
    same_length(above=count, below=size)
    usable = is_count(count) & np.isfinite(size) & (size > 0)
    return ratio(weights @ np.where(usable, count, 0.0), weights @ np.where(usable, size, 0.0))


def poisson_interval(counts: ArrayLike, level: float = 0.90) -> tuple[Reals, Reals]:
    r"""Give the exact (Garwood) interval of the mean behind each count.

    Parameters
    ----------
    counts : (n,) float64
        Counts; NaN or negative gives NaN.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    lower, upper : (n,) float64
        Lower end 0 for a count of 0. Divide both by the area for an interval of density.

    Notes
    -----
    :math:`\chi^2_{2n}(\alpha/2)/2` and :math:`\chi^2_{2n+2}(1-\alpha/2)/2` (Garwood 1936).
    """
    tail = (1.0 - fraction("level", level)) / 2.0
    count = reals("counts", counts)
    known = np.where(is_count(count), count, np.nan)
    lower = np.where(known == 0, 0.0, gammaincinv(np.where(known > 0, known, 1.0), tail))
    return np.where(np.isnan(known), np.nan, lower), gammaincinv(known + 1.0, 1.0 - tail)


def mean_crowding(occupancy: ArrayLike) -> Reals:
    r"""Give how many others a person there meets on average (Lloyd's mean crowding).

    Parameters
    ----------
    occupancy : (n, p) float64
        Persons present in each of p panes of time; panes that are no count are left out.

    Returns
    -------
    (n,) float64
        Other persons present, seen from the persons; NaN where nobody came.

    Notes
    -----
    :math:`m^* = \sum_p O_p (O_p - 1) / \sum_p O_p` (Lloyd 1967, J. Anim. Ecol. 36:1).
    """
    panes = reals("occupancy", occupancy, ndim=2)
    present = np.where(is_count(panes), panes, 0.0)
    return ratio((present * (present - 1.0).clip(0.0)).sum(axis=1), present.sum(axis=1))


def crowding_bands(values: ArrayLike, history: ArrayLike) -> NDArray[np.int8]:
    """Place each value among the same hours of earlier weeks.

    Parameters
    ----------
    values : (n,) float64
        Densities now.
    history : (n, h) float64
        Densities of the same hour of the week before; NaN entries are left out.

    Returns
    -------
    (n,) int8
        0 up to the median, then 1, 2, 3, 4 above the 50, 75, 90 and 97.5 % points; -1 where
        the value or all of the history is missing.
    """
    now, before = reals("values", values), reals("history", history, ndim=2)
    same_length(values=now, history=before)
    known = np.isfinite(now) & np.isfinite(before).any(axis=1)
    bands = np.full(len(now), -1, dtype=np.int8)
    if known.any():
        points = np.nanpercentile(before[known], CROWDING_PERCENTILES, axis=1)
        bands[known] = (now[known] > points).sum(axis=0)
    return bands


def is_too_few(counts: ArrayLike, smallest: int = 5) -> Flags:
    """Mark counts above 0 and below the smallest that may be shown (noise and privacy)."""
    count = reals("counts", counts)
    return (count > 0) & (count < smallest)
