"""Records of `cell-risk`: the score of every cell."""

from __future__ import annotations

import numpy as np
from scipy.stats import gamma, nbinom

from schemas.records import CellRisk
from schemas.records.picture import RiskShares
from tests.dashboard.fake_picture.ground import DAYS, PRIOR, Ground, encode


def risk(ground: Ground) -> list[bytes]:
    """Score every cell."""
    a, b = PRIOR + ground.cases, PRIOR + ground.expected
    city = 1e5 * ground.cases.sum() / DAYS / ground.residents.sum()
    laws = enumerate(zip(a.tolist(), b.tolist(), strict=True))
    return [encode(risk_of(ground, i, shape, rate, float(city))) for i, (shape, rate) in laws]


def risk_of(ground: Ground, i: int, a: float, b: float, city: float) -> CellRisk:
    """Score one cell: three quarters of what is above 1 is put down to components."""
    rr, scale = a / b, 1.0 / b
    near = max(0.0, 0.6 * (rr - 1) / rr) if rr > 1 else 0.02
    parts = np.array([1.0, near / max(1 - near, 0.1), 0.06, 0.03 * rr, 0.02])
    parts /= parts.sum()
    mean = max(0.3, 1 + 0.55 * (rr - 1))
    week = float(ground.expected[i]) / 2
    above = [float(gamma.sf(c, a, scale=scale)) for c in (1.0, 1.5, 2.0)]
    known = bool(ground.cases[i] >= 1 or ground.expected[i] >= 0.5)
    klass = 0 if known else -1
    for least, p in enumerate(above, start=1):
        klass = least if known and p >= 0.8 else klass
    low, high = (float(gamma.ppf(q, a, scale=scale)) for q in (0.05, 0.95))
    foreseen = [float(nbinom.ppf(q, a, b / (b + week))) for q in (0.05, 0.95)]
    shares = RiskShares(
        **dict(zip(RiskShares.__struct_fields__, parts.round(6).tolist(), strict=True))
    )
    return CellRisk(
        **ground.stamp("risk/1", ground.cases[i], 0.86),
        cell=ground.cells[i],
        res=ground.res,
        day=ground.day(),
        rr=rr,
        rr_lo=low,
        rr_hi=high,
        p_above_1=above[0],
        p_above_1_5=above[1],
        p_above_2=above[2],
        risk_class=klass,
        expected_7d=week * rr,
        expected_7d_lo=foreseen[0],
        expected_7d_hi=foreseen[1],
        incidence_per_100k=rr * city,
        city_per_100k=city,
        shares=shares,
        component_mean=mean,
        local_factor=rr / mean,
        gate=0.93,
        residents=float(ground.residents[i]),
        cases_14d=float(ground.cases[i]),
        spread=0.1,
    )
