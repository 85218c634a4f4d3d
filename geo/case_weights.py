"""Case weights: how much of a case a report is, and where too few people live for a rate.

A confirmed case weighs 1. A suspected one weighs the chance that it will be confirmed, learnt
from the suspects already resolved. Fever and close contact weigh 0: they enter the risk score
as components, not as cases.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.columns import Flags, Reals, positive, ratio, reals, same_length
from geo.errors import ParameterError

PRIOR_CONFIRMED = 3.0
PRIOR_DISMISSED = 7.0
FEWEST_PEOPLE = 50.0


def suspected_weight(
    confirmed: float,
    dismissed: float,
    prior: tuple[float, float] = (PRIOR_CONFIRMED, PRIOR_DISMISSED),
) -> float:
    r"""Give the chance that a suspected case is one, from suspects resolved so far.

    Parameters
    ----------
    confirmed, dismissed : float
        Suspects of the last weeks that were confirmed and that were not; negative counts as 0.
    prior : (float, float)
        Pseudo-counts; (3, 7) starts at 0.3.

    Notes
    -----
    Mean of Beta(:math:`\alpha + c, \beta + d`).
    """
    yes = positive("prior[0]", prior[0]) + max(confirmed, 0.0)
    return yes / (yes + positive("prior[1]", prior[1]) + max(dismissed, 0.0))


def weights_of(category: ArrayLike, suspected: float) -> Reals:
    """Weigh reports by category.

    Parameters
    ----------
    category : (n,) str
        "confirmed", "suspected", "fever" or "contact"; anything else weighs 0.
    suspected : float
        Weight of a suspected case, 0..1.
    """
    if not 0 <= suspected <= 1:
        raise ParameterError.of("suspected", suspected, "0..1")
    names = np.asarray(category, dtype=np.str_)
    return np.where(names == "confirmed", 1.0, np.where(names == "suspected", suspected, 0.0))


def rates_with_parents(
    above: ArrayLike,
    below: ArrayLike,
    parent: ArrayLike,
    parents: int,
    fewest: float = FEWEST_PEOPLE,
) -> tuple[Reals, Flags]:
    """Give each cell's rate, or its parent's where too few people live in the cell.

    Parameters
    ----------
    above, below : (n,) float64
        Numerator and people; missing rows add nothing.
    parent : (n,) int
        Row of each cell's parent, 0 .. parents - 1.

    Returns
    -------
    rate, borrowed : (n,) float64, bool
        NaN where even the parent has too few; `borrowed` marks the parent's rates.
    """
    count, people = reals("above", above), reals("below", below)
    rows: NDArray[np.intp] = np.asarray(parent, dtype=np.intp)
    same_length(above=count, below=people, parent=rows)
    usable = np.isfinite(count) & np.isfinite(people) & (people >= 0)
    count, people = np.where(usable, count, 0.0), np.where(usable, people, 0.0)
    sums = [np.bincount(rows, weights=c, minlength=parents)[rows] for c in (count, people)]
    borrowed = people < fewest
    top, bottom = np.where(borrowed, sums[0], count), np.where(borrowed, sums[1], people)
    return ratio(top, np.where(bottom >= fewest, bottom, 0.0)), borrowed
