"""Records of `aberrations`: areas beside what they expect."""

from __future__ import annotations

import numpy as np
from scipy.stats import nbinom

from schemas.records import Aberration
from tests.dashboard.fake_picture.ground import Ground, encode


def aberrations(ground: Ground) -> list[bytes]:
    """Compare the areas of the second level with what they expect."""
    g = ground.city.gazetteer
    rows = np.flatnonzero(g.level == min(1, len(g.levels) - 1))
    count, expected = (
        ground.by_area(ground.cases / 2)[rows],
        ground.by_area(ground.expected / 2)[rows],
    )
    p = nbinom.sf(count - 1, expected / 0.3, 1 / 1.3)
    adjusted = np.minimum(1.0, p * len(p) / (1 + np.argsort(np.argsort(p))))
    return [
        encode(
            Aberration(
                **ground.stamp("aberrations/1", count[i] + 4 * expected[i], 0.93),
                area_id=str(g.area_id[row]),
                level=g.levels[int(g.level[row])],
                series=series,
                day=ground.day(3),
                days=7,
                count=float(round(count[i])),
                expected=float(expected[i]) if expected[i] > 0.5 else None,
                z=None,
                p=float(p[i]) if expected[i] > 0.5 else None,
                p_adjusted=float(adjusted[i]) if expected[i] > 0.5 else None,
                level_found=(2 if p[i] < 0.05 / len(p) else int(adjusted[i] < 0.05))
                if series == "cases" and expected[i] > 0.5
                else 0,
            )
        )
        for i, row in enumerate(rows.tolist())
        for series in ("cases", "fever")
    ]
