"""Curve: reported cases by day and category, small counts withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.hub.cases import CATEGORIES, Cases, Curve
from dashboard.hub.panels.counts import Count, small

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
            "total": small([self._total(day) for day in self.days], k),
            "last_complete": self.days[-2] if len(self.days) > 1 else None,
        }

    def tile(self, k: int) -> dict[str, Any]:
        """Give open cases reported in the last 24 h, and the last 30 days; None before any case."""
        known = self.today is not None
        return {
            "value": small([round(self.open_last_day)], k)[0] if known else None,
            "change": None,
            "series": small([self._total(day) for day in self.days[-30:]], k),
        }

    def _total(self, day: str) -> int:
        return round(sum(self.report.get(day, {}).values()))

    def _categories(self, curve: Curve, k: int) -> dict[str, list[Count]]:
        rows = [[round(curve.get(day, {}).get(c, 0.0)) for c in CATEGORIES] for day in self.days]
        values = np.array(rows, dtype=np.int64).reshape(-1, len(CATEGORIES))
        hidden = np.array([_hidden_parts(row, k) for row in values.tolist()], dtype=np.bool_)
        return {
            c: [f"<{k}" if hidden[i, j] else int(values[i, j]) for i in range(len(values))]
            for j, c in enumerate(CATEGORIES)
        }


def _hidden_parts(parts: list[int], k: int) -> list[bool]:
    """Say which categories of a day are withheld, as the day's total is shown too.

    Beside a small count the next smallest is withheld, so that the rest of the total is
    that of at least two and k or more. Where the total is below k it is withheld itself.
    """
    hidden = [0 < part < k for part in parts]
    while any(hidden) and (sum(hidden) == 1 or _sum(parts, hidden) < k):
        rest = [(part, i) for i, part in enumerate(parts) if part > 0 and not hidden[i]]
        if not rest:
            break
        hidden[min(rest)[1]] = True
    return hidden


def _sum(parts: list[int], hidden: list[bool]) -> int:
    return sum(part for part, is_hidden in zip(parts, hidden, strict=True) if is_hidden)
