"""Risk of the picture: the filter run over the city's days, remembered up to the last closed one.

A day is *closed* when it is older than the longest delay: nothing that is still on its way is
expected to change it. Whatever does change (a late case, one that was re-dated, a day's reported
share), the state after a day is a pure function of the inputs of all days up to it. So states are
remembered under a hash of those inputs, and the run goes on from the last one that still holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from geo import scan_null
from geo.columns import Reals
from geo.density import smoothed_ratio
from geo.risk import components, days
from geo.risk.days import Forecast, RiskDay, RiskSettings, RiskState
from jobs.steps.picture.curves import OPENING_DAYS, Curves
from jobs.steps.picture.days import DaySums
from jobs.steps.picture.ground import Ground

TREND_DAYS = 7
WEEK = 7
MONTH = 28
REMEMBERED = 90
Sums = Mapping[int, DaySums]


@dataclass(frozen=True, eq=False)
class After:
    """What stands after one day: the filter's state, and what the day had been foreseen.

    `weights` and `gate` are those that the forecast was made with, before the day's cases.
    """

    state: RiskState
    weights: Reals
    gate: float
    seen: Forecast
    foreseen_locally: Reals


@dataclass
class RiskRun:
    """Runs the filter; keeps the states of the last days by the hash of what led to them."""

    ground: Ground
    settings: RiskSettings
    remembered: dict[bytes, After] = field(default_factory=dict)
    steps: int = 0

    def run(self, curves: Curves, sums: Sums, most: int | None = None) -> After | None:
        """Give what stands after today; days that stand unchanged are not worked out again.

        At most `most` days are worked out; None where more are needed: ask again.
        """
        keys = _chain(self.ground, curves, sums)
        known = next((at for at in reversed(range(len(keys))) if keys[at] in self.remembered), -1)
        history = [self.remembered[key] for key in keys[max(0, known - MONTH) : known + 1]
                   if key in self.remembered]  # fmt: skip
        if len(history) < min(MONTH, known + 1):
            known, history = -1, []
        state = (
            history[-1].state if history else days.new_state(len(self.ground.cells), self.settings)
        )
        ends = len(keys) if most is None else min(len(keys), known + 1 + most)
        for at in range(known + 1, ends):
            after = self._step(state, _day(self.ground, curves, sums, at))
            history = [*history[-MONTH + 1 :], after]
            state = self._weekly(at, after.state, curves, history)
            after = history[-1] = replace(after, state=state)
            self.remembered[keys[at]] = after
            self.steps += 1
            state = after.state
        self._forget(keys[:ends])
        return history[-1] if ends == len(keys) else None

    def _step(self, state: RiskState, day: RiskDay) -> After:
        people, kernel = self.ground.people, self.ground.kernel
        parts = days.components_of(day, people, kernel, self.settings)
        seen = days.forecast(state, day, people, parts)
        local = np.asarray(seen.foreseen * state.factors.mean())
        after = days.next_state(state, day, seen, self.settings)
        return After(after, state.weights, state.gate, seen, local)

    def _weekly(self, at: int, state: RiskState, curves: Curves, history: list[After]) -> RiskState:
        """Estimate anew, once a week, how alike cells are and how bursty their cases."""
        if at < MONTH - 1 or at % WEEK != WEEK - 1:
            return state
        cases = curves.cells[:, at + 1 - MONTH : at + 1]
        foreseen = np.stack([each.seen.foreseen for each in history[-MONTH:]], axis=1)
        local = np.stack([each.foreseen_locally for each in history[-MONTH:]], axis=1)
        spread = scan_null.overdispersion(cases, local)
        return days.next_strength(state, cases.sum(axis=1), foreseen.sum(axis=1), spread)

    def _forget(self, keys: list[bytes]) -> None:
        kept = keys[-REMEMBERED:]
        self.remembered = {key: self.remembered[key] for key in kept if key in self.remembered}


def _chain(ground: Ground, curves: Curves, sums: Sums) -> list[bytes]:
    """Hash each day's inputs together with the hash of the day before.

    Days differ from one another only in what is hashed: cases by cell, those of the city, the
    shares reported, and the sums of slices. What is made of them is the same every time.
    """
    keys, before = [], str((curves.first, len(ground.cells))).encode()
    for day in range(curves.first - WEEK + 1, curves.first):  # fever looks back a week
        before += hashlib.blake2b(sums[day].cells.tobytes()).digest() if day in sums else b"none"
    cells = np.ascontiguousarray(curves.cells.T)
    for at in range(len(cells)):
        digest = hashlib.blake2b(before, digest_size=16)
        digest.update(str(_passed(curves, at)).encode())
        week = slice(max(0, at - TREND_DAYS), at + 1)
        for part in (curves.city[week], curves.share[week], cells[at]):
            digest.update(part.tobytes())
        found = sums.get(curves.first + at)
        digest.update(found.cells.tobytes() if found is not None else b"none")
        before = digest.digest()
        keys.append(before)
    return keys


def _day(ground: Ground, curves: Curves, sums: Sums, at: int) -> RiskDay:
    """Give what is known of one day."""
    trend = slice(max(OPENING_DAYS, at - TREND_DAYS), at)
    fever = _fever(ground, sums, curves.first + at)
    recent = curves.cells[:, max(0, at - MONTH) : at]
    # Crowding alone carries no risk: where nobody is infectious, nothing is known of it.
    crowding = _crowding(ground, sums, curves.first + at) if recent.any() else fever[:, 0] * np.nan
    return RiskDay(
        cases=curves.cells[:, at],
        recent_cases=recent,
        city_cases_per_day=components.city_cases_per_day(curves.city[trend], curves.share[trend]),
        reported_share=float(curves.share[at]) * _passed(curves, at),
        exposure_min=np.full(len(ground.cells), np.nan),
        density=crowding,
        feverish=fever[:, 0],
        screened=fever[:, 1],
    )


def _passed(curves: Curves, at: int) -> float:
    """Give the share of a day that is over: of today, only a part of its cases is expected yet."""
    return curves.elapsed if curves.first + at == curves.today else 1.0


def _crowding(ground: Ground, sums: Sums, day: int) -> Reals:
    """Give smoothed passages a km2 of one day; NaN where the day has none anywhere."""
    found = sums.get(day)
    if found is None or not found.cells[:, 0].any():
        return np.full(len(ground.cells), np.nan)
    return smoothed_ratio(found.cells[:, 0].astype(np.float64), ground.area_km2, ground.kernel)


def _fever(ground: Ground, sums: Sums, day: int) -> Reals:
    """Give feverish and screened of the 7 days up to one, (n, 2); NaN where nobody screened."""
    week = [sums[d].cells for d in range(day - WEEK + 1, day + 1) if d in sums]
    if not week:
        return np.full((len(ground.cells), 2), np.nan)
    total = np.sum(week, axis=0).astype(np.float64)
    return np.asarray(total[:, [2, 1]])
