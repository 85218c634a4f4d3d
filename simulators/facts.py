"""Facts of real cities and epidemics that a simulated city is compared with, and their sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Reals = NDArray[np.float64]
FIRST, LAST = date(2020, 3, 2), date(2020, 3, 15)
_TIMES = ("lpep_pickup_datetime", "lpep_dropoff_datetime")

# New York's green taxis (TLC trip records), both ends of 168,733 trips of the two weeks from
# 2020-03-02 on, the last before the city closed; `hours_and_weekdays` of the published file.
# fmt: off
NEW_YORK_HOURS = {
    "weekday": (
        .0157, .0092, .0058, .0046, .0068, .0085, .0180, .0386, .0572, .0635, .0607, .0566,
        .0552, .0531, .0572, .0626, .0660, .0711, .0708, .0614, .0519, .0422, .0354, .0278,
    ),
    "saturday": (
        .0357, .0268, .0201, .0166, .0151, .0087, .0110, .0178, .0284, .0417, .0452, .0501,
        .0551, .0577, .0568, .0605, .0641, .0678, .0654, .0599, .0551, .0505, .0453, .0443,
    ),
    "sunday": (
        .0486, .0360, .0082, .0281, .0229, .0139, .0111, .0176, .0281, .0402, .0488, .0494,
        .0532, .0606, .0646, .0621, .0605, .0644, .0656, .0558, .0515, .0450, .0357, .0281,
    ),
}
# fmt: on
"""Shares of the hours of a day. Clocks went forward on one Sunday: its third hour is short."""
NEW_YORK_WEEKDAYS = (0.1483, 0.1557, 0.1575, 0.1614, 0.1560, 0.1245, 0.0965)
"""Shares of the days of a week, Monday first."""

JUMP_EXPONENT, JUMP_EXPONENT_SE, JUMP_OFFSET_KM, JUMP_CUTOFF_KM = 1.75, 0.15, 1.5, 400.0
"""Distances between calls of 100,000 telephone users (Gonzalez, Hidalgo & Barabasi 2008)."""
SERIAL_INTERVAL_DAYS = (3.98, 5.77)
"""95 % interval of the pooled mean, 4.87 days (Koh et al. 2020, PLoS ONE 15:e0240205)."""
HOUSEHOLD_ATTACK = (0.174, 0.248)
"""95 % interval of the pooled rate, 0.211 (Thompson et al. 2021, Clin Infect Dis 73:e754)."""


def hours_and_weekdays(file: Path) -> tuple[dict[str, Reals], Reals]:
    """Work the shares out from the published trips of March 2020 (CSV, may be gzipped)."""
    trips = pl.read_csv(file, columns=list(_TIMES), infer_schema_length=0)
    at = pl.concat([trips[name] for name in _TIMES]).str.to_datetime(strict=False).drop_nulls()
    at = at.filter(at.dt.date().is_between(FIRST, LAST))
    weekday = at.dt.weekday().to_numpy()
    groups = {"weekday": weekday <= 5, "saturday": weekday == 6, "sunday": weekday == 7}
    hours = at.dt.hour().to_numpy()
    return (
        {name: _shares(hours[rows], 24) for name, rows in groups.items()},
        _shares(weekday - 1, 7),
    )


def _shares(values: NDArray[np.int8], number: int) -> Reals:
    counts = np.bincount(values, minlength=number)
    return np.asarray(counts / counts.sum())
