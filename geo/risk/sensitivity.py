"""Sensitivity: what would change a published risk score, worked out from what was published.

A score is published as mean and 90 % interval of a gamma law (`geo.risk.outputs`), with its local
factor a/b and the cases foreseen. Shape a follows from the interval, and with it what one more
case, or a week without any, would make of the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import gamma

from geo.risk.filtering import ANCHOR, DISCOUNT

_LEAST_SHAPE, _MOST_SHAPE = 0.4, 1e6
_WEEK = DISCOUNT**7
_OF_WEEK = (1.0 - _WEEK) / (1.0 - DISCOUNT) / 7
"""What is left of a week's evidence at its end, a seventh of it coming each day."""


@dataclass(frozen=True, slots=True)
class Score:
    """One cell's published score: all ratios above 0, `expected_7d` cases of 7 days."""

    mean: float
    lower: float
    upper: float
    local_factor: float
    expected_7d: float


def shape(score: Score) -> float:
    """Give the shape of the gamma law with this mean and this upper end of its 90 % interval.

    Returns
    -------
    float
        Between 0.4 and 1e6; the wider the interval the smaller.

    Notes
    -----
    The 95 % point of a gamma law of mean 1 falls with its shape from about 0.1 upwards, so the
    larger root is taken.
    """
    ratio = score.upper / score.mean

    def excess(log_shape: float) -> float:
        a = math.exp(log_shape)
        return float(gamma.ppf(0.95, a, scale=1.0 / a)) - ratio

    low, high = math.log(_LEAST_SHAPE), math.log(_MOST_SHAPE)
    if excess(low) <= 0:
        return _LEAST_SHAPE
    return _MOST_SHAPE if excess(high) >= 0 else math.exp(brentq(excess, low, high))


def with_one_more_case(score: Score) -> float:
    """Give the mean if one more case of today were reported in the cell.

    With bursts of cases (overdispersion above 1) one case weighs less: this is the most it does.
    """
    return score.mean * (1.0 + 1.0 / shape(score))


def after_a_quiet_week(score: Score) -> float:
    """Give the mean after seven more days without a case, the city staying as it is.

    The prior is taken as it starts, and the filter as the one that forgets in two weeks: where
    a cell's own risk lasts, the mean falls less.
    """
    a = shape(score)
    b = a / score.local_factor
    foreseen = score.expected_7d / score.local_factor  # what the components alone foresee
    kept = (1.0 - _WEEK) * ANCHOR
    factor = (_WEEK * a + kept) / (_WEEK * b + kept + _OF_WEEK * foreseen)
    return score.mean / score.local_factor * factor


def without(score: Score, share: float) -> float:
    """Give the mean if a component that makes up `share` (0..1) of it were gone."""
    return score.mean * (1.0 - share)
