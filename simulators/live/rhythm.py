"""The rhythm of a day: how busy an hour is, and which way people go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
_HOURS = np.arange(0, 24, 0.05)


def busyness(hour: Reals | float) -> Reals:
    """Give the rate of passages at a local hour, relative to the day's mean.

    Parameters
    ----------
    hour : (n,) float64
        Local hours in [0, 24).

    Notes
    -----
    Morning and evening peak at 7.8 and 18.1, a broad midday, and a floor at night: a shape, not
    a fit. The mean over the day is 1.
    """
    return np.asarray(_shape(np.asarray(hour, dtype=np.float64)) / _MEAN)


def _shape(hour: Reals) -> Reals:
    peaks = ((7.8, 1.1, 1.0), (12.6, 2.6, 0.75), (18.1, 1.7, 1.15), (21.5, 1.6, 0.35))
    return 0.18 + sum(
        (height * np.exp(-0.5 * ((hour - at) / width) ** 2) for at, width, height in peaks),
        start=np.zeros_like(hour),
    )


_MEAN = float(_shape(_HOURS).mean())


def share_in(hour: Reals | float, *, home: bool) -> Reals:
    """Give the share of ins among ins and outs; over a day, both are equally many.

    Homes are left in the morning and come back to in the evening; elsewhere the other way round.
    """
    swing = _swing(np.asarray(hour, dtype=np.float64)) - _BALANCE
    return np.asarray(0.5 + (swing if home else -swing))


def _swing(hour: Reals) -> Reals:
    morning = np.exp(-0.5 * ((hour - 7.6) / 1.6) ** 2)
    evening = np.exp(-0.5 * ((hour - 18.8) / 2.2) ** 2)
    return np.asarray(0.26 * evening - 0.32 * morning)


_BALANCE = float((_swing(_HOURS) * _shape(_HOURS)).sum() / _shape(_HOURS).sum())
