"""Scores of rankings and chances: AUC and calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Reals = NDArray[np.float64]


def auc(score: Reals, label: NDArray[np.bool_]) -> float:
    """Give the chance that a positive ranks above a negative, ties counting half.

    Returns
    -------
    float
        In 0..1; NaN where there are only positives or only negatives.

    Notes
    -----
    The Mann-Whitney statistic over the product of the sizes (Hanley & McNeil 1982,
    Radiology 143:29).
    """
    positives = int(label.sum())
    negatives = len(label) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(score)[label].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def calibration(
    chance: Reals, happened: NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Group stated chances into equal bins: mean stated, share that happened, how many."""
    row = np.minimum((chance * bins).astype(np.int64), bins - 1)
    return [
        (float(chance[row == n].mean()), float(happened[row == n].mean()), int((row == n).sum()))
        for n in range(bins)
        if (row == n).any()
    ]
