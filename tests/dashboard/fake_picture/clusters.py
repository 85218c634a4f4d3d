"""Records of `clusters`: one around each place of raised risk."""

from __future__ import annotations

import math

import h3
from scipy.stats import gamma

from schemas.records import Cluster
from tests.dashboard.fake_picture.ground import Ground, encode


def clusters(ground: Ground) -> list[bytes]:
    """Find a cluster around each heart; ranks without one say so."""
    cases, expected = ground.around(ground.cases, 2), ground.around(ground.expected, 2)
    found = []
    for at in ground.hearts:
        c, b = cases[at] / 2, expected[at] / 2
        llr = c * math.log(c / b) + b - c if c > b else 0.0
        found.append((llr, int(at), c, b))
    found.sort(reverse=True)
    stamp = ground.stamp("scan/1", 0, 0.93)
    records = []
    for rank, (llr, at, c, b) in enumerate(found, start=1):
        p = max(0.0005, min(0.6, math.exp(5 - llr)))
        disk = tuple(sorted(h3.grid_disk(ground.cells[at], 2)))
        low, high = gamma.ppf([0.05, 0.95], c + 0.5, scale=1 / b)
        records.append(
            Cluster(
                **{**stamp, "sample_size": c, "below_k": bool(0 < c < ground.city.small_count)},
                rank=rank,
                found=True,
                cluster_id=f"{ground.cells[at]}-2",
                centre=ground.cells[at],
                res=ground.res,
                rings=2,
                cells=disk,
                start_day=ground.day(9),
                end_day=ground.day(3),
                days=7,
                observed=c,
                expected=b,
                ratio=c / b,
                ratio_lo=float(low),
                ratio_hi=float(high),
                llr=llr,
                p=p,
                recurrence_days=1 / p,
                is_alarm=1 / p >= 365,
                residents=float(sum(ground.people.get(cell, 0) for cell in disk)),
            )
        )
    none = Cluster(**stamp, rank=len(found) + 1, found=False, res=ground.res, end_day=ground.day(3))
    return [encode(record) for record in [*records, none]]
