"""Records of `cell-density`: how crowded each cell is."""

from __future__ import annotations

import math
from collections import defaultdict

import h3
import numpy as np
from scipy.stats import gamma

from schemas.records import CellDensity
from tests.dashboard.fake_picture.ground import Ground, encode
from tests.dashboard.fake_stream import now_ms


def density(ground: Ground, passed: np.ndarray) -> list[bytes]:
    """Say how crowded each cell is, from the passages of each place in an hour."""
    g, records = ground.city.gazetteer, []
    for column, res in enumerate((7, 8, 9)):
        total: dict[int, int] = defaultdict(int)
        for cell, n in zip(g.cells[:, column].tolist(), passed.tolist(), strict=True):
            total[cell] += n
        for number, n in total.items():
            cell = h3.int_to_str(number)
            km2 = h3.cell_area(cell)
            low, high = gamma.ppf(0.05, n) if n else 0.0, gamma.ppf(0.95, n + 1)
            near = sum(total.get(h3.str_to_int(c), 0) for c in h3.grid_disk(cell, 1)) / 7
            yesterday = max(0, round(n * (0.8 + 0.5 * math.sin(number % 97))))
            records.append(
                encode(
                    CellDensity(
                        **ground.stamp("density/2", n, 1.0),
                        cell=cell,
                        res=res,
                        window_end_ms=now_ms() // 60_000 * 60_000 + 60_000,
                        window_min=60,
                        passages=int(n),
                        per_km2=n / km2,
                        per_km2_lo=float(low) / km2,
                        per_km2_hi=float(high) / km2,
                        smoothed_per_km2=(n + near) / 2 / km2,
                        occupancy=float(n) * 0.9,
                        expected=float(yesterday),
                        ratio=n / yesterday if yesterday else None,
                    )
                )
            )
    return records
