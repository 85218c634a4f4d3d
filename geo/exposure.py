r"""Exposure: how much a shared stay counts, by infectiousness, kind of place and crowd.

A *normalised minute* is a minute beside a case of infectiousness 1 in a room. Levels and values
are Corona-Warn-App's (RKI); the weights of places and crowds are this project's own. A person's
exposure is never published and never a diagnosis; cells are.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.columns import Reals, positive, reals, same_length
from geo.errors import ParameterError

# Transmission risk level by days since onset, -5 .. 7; 1 before and after.
FIRST_DAY = -5
BY_ONSET = np.array([2, 4, 6, 7, 8, 8, 8, 6, 5, 3, 2, 2, 1])
# By days from the contact to the test, 0 .. 9; the last goes on.
ONSET_UNKNOWN = np.array([5, 6, 8, 8, 8, 7, 5, 3, 2, 1])
WITHOUT_SYMPTOMS = np.array([4, 4, 3, 2, 1])
VALUE_OF_LEVEL = np.array([0.0, 0.0, 0.0, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6])
INDOOR, OUTDOOR, GATE = 1.0, 0.2, 0.1
CONTACTS = 5.0
OLDEST_DAYS = 10


class ExposureLevel(IntEnum):
    """Classes of normalised minutes in one visit or day."""

    NONE = 0
    LOW = 1
    HIGH = 2


def levels_by_onset(days_since_onset: ArrayLike) -> NDArray[np.int64]:
    """Give the transmission risk level (1..8) of a contact so many days after onset.

    Parameters
    ----------
    days_since_onset : (n,) int
        Day of the contact less day of onset; negative before onset.
    """
    day = np.asarray(days_since_onset, dtype=np.int64) - FIRST_DAY
    inside = (day >= 0) & (day < len(BY_ONSET))
    return np.where(inside, BY_ONSET[day.clip(0, len(BY_ONSET) - 1)], 1)


def levels_by_test(days_before_test: ArrayLike, *, has_symptoms: bool) -> NDArray[np.int64]:
    """Give the level of a contact so many days before the test, where onset is not known.

    `has_symptoms` chooses between symptoms of unknown onset and no symptoms. A contact after
    the test counts as on its day.
    """
    vector = ONSET_UNKNOWN if has_symptoms else WITHOUT_SYMPTOMS
    day = np.asarray(days_before_test, dtype=np.int64)
    return np.asarray(vector[day.clip(0, len(vector) - 1)], dtype=np.int64)


def infectiousness(level: ArrayLike) -> Reals:
    """Give the value of a level: 0 up to 2, then 0.6 to 1.6; levels out of 0..8 are clipped."""
    return np.asarray(VALUE_OF_LEVEL[np.asarray(level, dtype=np.int64).clip(0, 8)])


def normalised_minutes(
    minutes: ArrayLike,
    value: ArrayLike,
    place_weight: ArrayLike,
    occupancy: ArrayLike,
    contacts: float = CONTACTS,
) -> Reals:
    r"""Weigh shared minutes.

    Parameters
    ----------
    minutes : (n,) float64
        Minutes shared, 0 or more.
    value : (n,) float64
        Infectiousness of the case at that time.
    place_weight : (n,) float64
        1 indoors, 0.2 outdoors, 0.1 at a gate one only passes.
    occupancy : (n,) float64
        People present; unknown (NaN) counts as few.
    contacts : float
        People one meets at once, above 0.

    Returns
    -------
    (n,) float64

    Notes
    -----
    :math:`T = t\,v\,\omega\,\min(1, k/O)`: in a compound of 3,000 residents a case meets k of
    them, not all.
    """
    time, risk, place, crowd = (
        reals(name, column)
        for name, column in (
            ("minutes", minutes), ("value", value),
            ("place_weight", place_weight), ("occupancy", occupancy),
        )
    )  # fmt: skip
    same_length(minutes=time, value=risk, place_weight=place, occupancy=crowd)
    limit = positive("contacts", contacts)
    met = np.minimum(1.0, limit / np.maximum(np.nan_to_num(crowd), limit))
    return np.asarray(np.nan_to_num(time).clip(0.0) * risk * place * met)


def is_household(visitor: NDArray[np.uint64], case: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark pairs of one household; 0 is no household known. They meet anyway: leave them out."""
    same_length(visitor=visitor, case=case)
    return np.asarray((visitor == case) & (visitor != 0), dtype=np.bool_)


def totals(group: ArrayLike, minutes: ArrayLike, groups: int) -> Reals:
    """Add normalised minutes up by visit, person and day, or cell; (groups,) float64."""
    rows = np.asarray(group, dtype=np.intp)
    time = np.nan_to_num(reals("minutes", minutes))
    same_length(group=rows, minutes=time)
    return np.bincount(rows, weights=time, minlength=groups).astype(np.float64)


def is_recent(day: ArrayLike, today: int, oldest: int = OLDEST_DAYS) -> NDArray[np.bool_]:
    """Mark days that still count: from `oldest` days ago up to today."""
    age = today - np.asarray(day, dtype=np.int64)
    return np.asarray((age >= 0) & (age <= oldest), dtype=np.bool_)


def exposure_levels(minutes: ArrayLike, low: float = 0.0, high: float = 10.0) -> NDArray[np.int8]:
    """Class sums of one visit or one day: low above `low`, high from `high` on."""
    if not 0 <= low < high:
        raise ParameterError.of("low and high", (low, high), "0 <= low < high")
    time = np.nan_to_num(reals("minutes", minutes))
    return (time > low).astype(np.int8) + (time >= high).astype(np.int8)


def contact_minutes(
    seconds: ArrayLike, attenuation_db: ArrayLike, edges_db: ArrayLike, weights: ArrayLike
) -> Reals:
    """Weigh contact time measured by radio with the attenuation bucket it fell in.

    Parameters
    ----------
    seconds, attenuation_db : (n,) float64
        Length of each scan and its smallest attenuation.
    edges_db : (b,) float64
        Upper ends of the buckets, rising; an attenuation at an edge belongs to the next one.
    weights : (b + 1,) float64
        Weight of each bucket; Corona-Warn-App: 0.8, 1, 0.1, 0 at 63, 73, 79 dB.
    """
    time, loss = reals("seconds", seconds), reals("attenuation_db", attenuation_db)
    edges, share = reals("edges_db", edges_db), reals("weights", weights)
    same_length(seconds=time, attenuation_db=loss)
    same_length(weights=share, edges_db=np.append(edges, np.inf))
    return np.asarray(np.nan_to_num(time) / 60.0 * share[np.searchsorted(edges, loss, "right")])


def infection_probability(
    dose: ArrayLike, immunity: float = 0.0, dose_50: float = 50.0, infectivity: float = 1.0
) -> Reals:
    r"""Give the chance of infection by an inhaled dose of virions.

    Notes
    -----
    :math:`1 - 2^{-D(1-i)/(ID_{50}\varepsilon)}`, :math:`\varepsilon` 1, 0.78, 0.51, 0.2 for
    the wild type, alpha, delta, omicron (CERN CAiMIRA).
    """
    half = positive("dose_50", dose_50) * positive("infectivity", infectivity)
    return np.asarray(-np.expm1(-np.log(2.0) * reals("dose", dose) * (1.0 - immunity) / half))


def wells_riley(
    infectious: ArrayLike,
    quanta_per_hour: float,
    hours: ArrayLike,
    air_m3_per_hour: ArrayLike,
    *,
    breathing_m3_per_hour: float = 0.5,
) -> Reals:
    r"""Give the chance of infection in a mixed room, :math:`1-e^{-Iqpt/Q}` (Riley 1978).

    NaN where no fresh air is known; only for rooms of known volume and air change.
    """
    people, time, air = (
        reals(name, column)
        for name, column in (
            ("infectious", infectious), ("hours", hours), ("air_m3_per_hour", air_m3_per_hour),
        )
    )  # fmt: skip
    same_length(infectious=people, hours=time, air_m3_per_hour=air)
    known = np.where(air > 0, air, np.nan)
    return np.asarray(-np.expm1(-people * quanta_per_hour * breathing_m3_per_hour * time / known))
