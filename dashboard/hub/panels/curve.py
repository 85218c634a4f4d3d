"""Curve: reported cases by day and category, small counts withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.cases import CATEGORIES, Cases, Curve
from dashboard.hub.masks import withheld_beside_sum
from dashboard.hub.panels.counts import Count, counts, is_small, small

LONGEST_DAYS = 366


@dataclass(frozen=True)
class CaseCurves:
    """What stands of the cases, copied at one moment."""

    report: Curve
    onset: Curve
    open_last_day: float
    today: str | None

    @classmethod
    def of(cls, cases: Cases) -> CaseCurves:
        """Copy what stands now."""
        report, onset = cases.curves()
        today = cases.local_day(cases.clock_ms) if cases.clock_ms else None
        return cls(report, onset, cases.open_since(days=1), today)

    @cached_property
    def days(self) -> list[str]:
        """Give every day from the first onset or report to the newest report, a year at most."""
        if not self.report or self.today is None:
            return []
        last = date.fromisoformat(self.today)
        first = date.fromisoformat(min([*self.report, *self.onset, self.today]))
        first = max(first, last - timedelta(days=LONGEST_DAYS - 1))
        return [(first + timedelta(days=d)).isoformat() for d in range((last - first).days + 1)]

    def body(self, k: int) -> dict[str, Any]:
        """Give the curves as the page draws them.

        `last_complete` is the newest day that is over by the clock of the reports.
        """
        return {
            "days": self.days,
            "categories": self._categories(self.report, k),
            "onset": self._categories(self.onset, k),
            "total": self._totals(k),
            "last_complete": _day_before(self.days[-1]) if self.days else None,
        }

    def tile(self, k: int) -> dict[str, Any]:
        """Give open cases reported in the last 24 h, and the last 30 days; None before any case."""
        known = self.today is not None
        return {
            "value": small([self.open_last_day], k)[0] if known else None,
            "change": None,
            "series": self._totals(k)[-30:],
        }

    def _totals(self, k: int) -> list[Count]:
        rows = self._rows(self.report)
        return counts(np.rint(rows.sum(axis=1)).astype(np.int64), _hidden_days(rows, k), k)

    def _categories(self, curve: Curve, k: int) -> dict[str, list[Count]]:
        rows = self._rows(curve)
        parts = [_hidden_parts(row, k) for row in rows.tolist()]
        hidden = np.array(parts, dtype=np.bool_).reshape(rows.shape)
        hidden |= _hidden_days(rows, k)[:, None] & (rows > 0)
        values = np.rint(rows).astype(np.int64)
        return {c: counts(values[:, j], hidden[:, j], k) for j, c in enumerate(CATEGORIES)}

    def _rows(self, curve: Curve) -> NDArray[np.float64]:
        """Give the cases of each day by category: (days, 4)."""
        rows = [[curve.get(day, {}).get(c, 0.0) for c in CATEGORIES] for day in self.days]
        return np.array(rows, dtype=np.float64).reshape(-1, len(CATEGORIES))


def _hidden_days(rows: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """Say which days' totals are withheld, as the number of all cases is known: (days,).

    The accounts tell it, and so do the days of the other curve: one day alone would be the rest.
    """
    totals = rows.sum(axis=1)
    if len(totals) == 0:
        return np.zeros(0, dtype=np.bool_)
    days = np.where(totals > 0, np.maximum(totals, 1), 0).astype(np.int64)  # a part of one is small
    also = np.array([_are_ones(row, _hidden_parts(row, k)) for row in rows.tolist()])
    return withheld_beside_sum(days, k, also=also)[:-1]


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _hidden_parts(parts: list[float], k: int) -> list[bool]:
    """Say which categories of a day are withheld, as the day's total is shown too.

    Beside a small count the next smallest is withheld, so that the rest of the total is
    that of at least two and k or more. Where the total is below k it is withheld itself. A part
    of a case is withheld too.
    """
    hidden = [is_small(part, k) for part in parts]
    while any(hidden) and (sum(hidden) == 1 or _sum(parts, hidden) < k or _are_ones(parts, hidden)):
        rest = [(part, i) for i, part in enumerate(parts) if part > 0 and not hidden[i]]
        if not rest:
            break
        hidden[min(rest)[1]] = True
    return hidden


def _are_ones(parts: list[float], hidden: list[bool]) -> bool:
    """Say whether the withheld parts could only all be ones."""
    return any(hidden) and _sum(parts, hidden) <= sum(hidden)


def _sum(parts: list[float], hidden: list[bool]) -> float:
    return sum(part for part, is_hidden in zip(parts, hidden, strict=True) if is_hidden)
