"""Records of `hotspots`: how far each neighbourhood stands out."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from schemas.records import Hotspot
from tests.dashboard.fake_picture.ground import DAYS, Ground, encode


def hotspots(ground: Ground) -> list[bytes]:
    """Judge every neighbourhood by its excess; Benjamini-Hochberg by hand."""
    cases, expected = ground.around(ground.cases), ground.around(ground.expected)
    judged = expected > 0.2
    z = (cases - expected) / np.sqrt(1.3 * np.maximum(expected, 0.2))
    p = norm.sf(z)
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[
        ::-1
    ].clip(0, 1)
    level = np.where(p < 0.05 / len(p), 2, np.where(adjusted < 0.05, 1, 0))
    return [
        encode(
            Hotspot(
                **ground.stamp("hotspots/1", cases[i], 0.93),
                cell=cell,
                res=ground.res,
                day=ground.day(3),
                days=DAYS,
                z=float(z[i]) if judged[i] else None,
                p=float(p[i]) if judged[i] else None,
                p_adjusted=float(adjusted[i]) if judged[i] else None,
                level=int(level[i]) if judged[i] else 0,
                by_permutation=bool(expected[i] < 5),
                cases=float(cases[i]),
                expected=float(expected[i]),
            )
        )
        for i, cell in enumerate(ground.cells)
    ]
