"""Records of `hotspots`: how far each neighbourhood stands out."""

from __future__ import annotations

import numpy as np
from scipy.stats import nbinom, norm

from schemas.records import Hotspot
from tests.dashboard.fake_picture.ground import DAYS, Ground, encode


def controlled(p: np.ndarray) -> np.ndarray:
    """Adjust p-values after Benjamini and Hochberg."""
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    steps = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted[order] = np.minimum.accumulate(steps[::-1])[::-1].clip(0, 1)
    return adjusted


def levels(p: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Give 2 where Bonferroni holds (both sides count), 1 where only the control does."""
    return np.where(p < 0.025 / len(p), 2, np.where(adjusted < 0.05, 1, 0))


def hotspots(ground: Ground) -> list[bytes]:
    """Judge every neighbourhood by its excess, and by its lack where five are expected."""
    cases, expected = ground.around(ground.cases), ground.around(ground.expected)
    judged = expected > 0.2
    z = (cases - expected) / np.sqrt(1.3 * np.maximum(expected, 0.2))
    # one variance over the mean for both sides; below, the normal law ends too early
    lack = nbinom.cdf(cases, expected / 0.3, 1 / 1.3)
    can_be_cold = judged & (expected >= 5)
    hot, cold = norm.sf(z), np.where(can_be_cold, lack, 1.0)
    adjusted = controlled(np.concatenate([hot, cold])).reshape(2, -1)
    level, level_cold = levels(hot, adjusted[0]), levels(cold, adjusted[1])
    return [
        encode(
            Hotspot(
                **ground.stamp("hotspots/1", cases[i], 0.93),
                cell=cell,
                res=ground.res,
                day=ground.day(3),
                days=DAYS,
                z=float(z[i]) if judged[i] else None,
                p=float(hot[i]) if judged[i] else None,
                p_adjusted=float(adjusted[0][i]) if judged[i] else None,
                level=int(level[i]) if judged[i] else 0,
                by_permutation=bool(expected[i] < 5),
                cases=float(cases[i]),
                expected=float(expected[i]),
                p_cold=float(cold[i]) if can_be_cold[i] else None,
                p_cold_adjusted=float(adjusted[1][i]) if can_be_cold[i] else None,
                level_cold=int(level_cold[i]),
            )
        )
        for i, cell in enumerate(ground.cells)
    ]
