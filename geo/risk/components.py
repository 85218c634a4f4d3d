r"""Components: what might raise the rate of a cell, each a ratio whose city mean is 1.

All of them shrink to 1 where little is known, and are then divided by their mean over people.
A cell without usable people has component 1 and takes no part in the means; an input that is
missing (NaN) counts as "nothing known", not as zero risk.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from geo.columns import Flags, Reals, Weights, positive, ratio, reals, same_length

NAMES = ("background", "neighbours", "inflow", "crowding", "fever")
NEIGHBOUR_STRENGTH = 0.3
INFLOW_STRENGTH_MIN = 10.0
FEVER_STRENGTH = 2000.0


def is_inhabited(people: Reals) -> Flags:
    """Mark cells with somebody at risk."""
    return np.asarray(np.isfinite(people) & (people > 0), dtype=np.bool_)


def expected_per_day(people: ArrayLike, city_cases_per_day: float) -> Reals:
    r"""Spread the city's daily cases over people, :math:`E_i = c_t N_i/\sum N`; NaN without.

    Where ages are known, pass `rates.standardised_expected` for people: older cells then
    expect more.
    """
    residents = reals("people", people)
    inhabited = is_inhabited(residents)
    total = residents[inhabited].sum()
    share = np.where(inhabited, residents, np.nan) / (total if total > 0 else np.nan)
    return np.asarray(share * city_cases_per_day)


def city_cases_per_day(
    daily_cases: ArrayLike, reported_share: ArrayLike, measured: ArrayLike | None = None
) -> float:
    r"""Give the city's mean daily cases, corrected for what is not reported yet.

    Parameters
    ----------
    daily_cases : (d,) float64
        City cases by onset day, newest last; 7 days as a rule (3 when cases grow fast).
    reported_share : (d,) float64
        Share :math:`F(a)` of each day's cases reported by now, 0.05..1.
    measured : (d,) float64, optional
        Share of each day that its cases are of, 0..1: less than 1 of a day that is not over,
        0 where nothing measures a day. Left out, all days are whole.

    Returns
    -------
    float
        0 without any day; NaN where less than a day's worth is measured.

    Notes
    -----
    :math:`\sum_d (y_d/F_d) / \sum_d w_d` over the days with :math:`w_d > 0`.
    """
    cases, share = reals("daily_cases", daily_cases), reals("reported_share", reported_share)
    whole = np.ones(len(cases)) if measured is None else reals("measured", measured)
    if not same_length(daily_cases=cases, reported_share=share, measured=whole):
        return 0.0
    due = np.nan_to_num(cases).clip(0.0) / np.clip(share, 0.05, 1.0)
    days = whole.sum()
    return float(due[whole > 0].sum() / days) if days >= 1.0 else float("nan")


def infectious_pressure(recent_cases: ArrayLike, serial_interval: ArrayLike) -> Reals:
    r"""Weigh each cell's past cases by how infectious they are today.

    Parameters
    ----------
    recent_cases : (n, d) float64
        Weighted cases by onset day up to yesterday, yesterday last; today's never belong here,
        for cases must not explain themselves.
    serial_interval : (s,) float64
        Probability of 1, 2, ..., s days between onset and onset.

    Returns
    -------
    (n,) float64
        :math:`\Lambda_i = \sum_{s\ge1} w_s y_{i,t-s}`, not negative.
    """
    cases, interval = reals("recent_cases", recent_cases, ndim=2), reals("w", serial_interval)
    days = min(cases.shape[1], len(interval))
    newest_first = np.nan_to_num(cases[:, ::-1][:, :days])
    return np.asarray((newest_first @ interval[:days]).clip(0.0))


def neighbourhood(
    pressure: ArrayLike, people: ArrayLike, kernel: Weights, strength: float = NEIGHBOUR_STRENGTH
) -> Reals:
    r"""Compare infectious pressure around a cell with the city's.

    Notes
    -----
    :math:`(\kappa + \sum_j K_{ij}\Lambda_j)/(\kappa + \bar r\sum_j K_{ij}N_j)`,
    :math:`\bar r = \sum\Lambda/\sum N`, :math:`K = e^{-d^2/2}` up to 3 rings. Without the
    shrinkage :math:`\kappa` (in cases) flat risk is flagged in 15-21 % of cells.
    """
    force, residents = reals("pressure", pressure), _residents(people)
    around, there = kernel @ np.nan_to_num(force), kernel @ residents
    rate = _share(np.nan_to_num(force).sum(), residents.sum())
    return _against(positive("strength", strength) + around, strength + rate * there, residents)


def inflow(
    minutes: ArrayLike, people: ArrayLike, strength_min: float = INFLOW_STRENGTH_MIN
) -> Reals:
    r"""Compare residents' exposure elsewhere (normalised minutes, 7 days) with the city's.

    Notes
    -----
    :math:`(\kappa_X + T_i)/(\kappa_X + \bar T N_i)`, :math:`\bar T = \sum T/\sum N`.
    """
    residents = _residents(people)
    spent = np.nan_to_num(reals("minutes", minutes)).clip(0.0)
    expected = _share(spent.sum(), residents.sum()) * residents
    return _against(
        positive("strength_min", strength_min) + spent, strength_min + expected, residents
    )


def crowded_infection(density: ArrayLike, neighbours: ArrayLike, people: ArrayLike) -> Reals:
    """Scale the neighbourhood component by crowding; crowding alone carries no risk.

    `density` is the smoothed persons per km2; where it is missing the city's mean stands in.
    """
    residents, persons = _residents(people), reals("density", density).clip(0.0)
    known = np.isfinite(persons) & (residents > 0)
    mean = persons[known].mean() if known.any() else 0.0
    crowd = np.where(known, persons, mean) / mean if mean > 0 else np.ones(len(residents))
    return _against(crowd * reals("neighbours", neighbours), np.ones(len(crowd)), residents)


def fever(
    feverish: ArrayLike, screened: ArrayLike, people: ArrayLike, strength: float = FEVER_STRENGTH
) -> Reals:
    r"""Compare the share of fever readings of 7 days with the city's.

    Notes
    -----
    :math:`((f_i + M q)/(n_i + M))/q`, q the city's share. The evidence for screening by
    temperature is weak (sensitivity 0-40 %), hence the strong prior M.
    """
    residents = _residents(people)
    hot = np.nan_to_num(reals("feverish", feverish)).clip(0.0)
    read = np.maximum(np.nan_to_num(reals("screened", screened)), hot)
    share = _share(hot.sum(), read.sum())
    if share == 0:
        return np.ones(len(residents))
    expected = share * (read + positive("strength", strength))
    return _against(hot + strength * share, expected, residents)


def normalised(component: ArrayLike, people: ArrayLike) -> Reals:
    """Divide by the mean over people; 1 in cells without people and where the mean is 0."""
    residents = _residents(people)
    return _against(reals("component", component), np.ones(len(residents)), residents)


def _residents(people: ArrayLike) -> Reals:
    column = reals("people", people)
    return np.where(is_inhabited(column), column, 0.0)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _against(above: Reals, below: Reals, residents: Reals) -> Reals:
    same_length(above=above, people=residents)
    raw = ratio(above, below)
    inhabited = residents > 0
    mean = _share(float(raw[inhabited] @ residents[inhabited]), float(residents.sum()))
    usable = inhabited & (mean > 0)
    return np.where(usable, raw / (mean if mean > 0 else 1.0), 1.0)
