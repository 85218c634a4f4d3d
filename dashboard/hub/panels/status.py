"""Status: is the picture fresh and complete, and do the accounts add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.hub.accounts import Totals
from dashboard.hub.state import Tally

VERSION = 1


@dataclass(frozen=True)
class Status:
    """Everything `/api/status` says, copied at one moment."""

    city: str
    clock: str
    synthetic: bool
    simulated: bool
    state: str
    trouble: str
    totals: Totals
    completeness: float | None
    lag: int | None
    freshness_s: float | None
    arrival_ms: int
    complete_to_ms: int
    minute_ms: int | None
    rates: dict[str, float]
    tally: Tally
    cases: dict[str, Any]
    rejects: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    hub: dict[str, Any]

    def body(self) -> dict[str, Any]:
        """Give the status as the page and `hexline status` read it."""
        t = self.totals
        return {
            "city": self.city,
            "clock": self.clock,
            "synthetic": self.synthetic,
            "simulated": self.simulated,
            "state": self.state,
            "trouble": self.trouble,
            "read": t.read,
            "accepted": t.accepted,
            "rejected": t.rejected,
            "late": t.late,
            "skipped": t.skipped,
            "adds_up": t.read == t.accepted + t.rejected + t.late,
            "refused_share": self.refused_share,
            "completeness": self.completeness,
            "lag": self.lag,
            "freshness_s": self.freshness_s,
            "arrival_ms": self.arrival_ms,
            "complete_to_ms": self.complete_to_ms,
            "minute_ms": self.minute_ms,
            "rates": self._rates(),
            "cases": self.cases,
            "topics": self.inputs,
            "rejects": [*self.rejects, *self.cases["reasons"]],
            "hub": {**self.hub, "version": VERSION, **self._tally()},
        }

    @property
    def refused_share(self) -> float | None:
        """Give rejected and late as a share of what was read."""
        t = self.totals
        return round((t.rejected + t.late) / t.read, 6) if t.read else None

    def _rates(self) -> dict[str, float]:
        names = {
            "source": "end",
            "kafka": "end",
            "flink": "read",
            "hub": "slices",
            "browsers": "frames",
        }
        return {name: self.rates.get(counter, 0.0) for name, counter in names.items()}

    def _tally(self) -> dict[str, int]:
        return {
            "slices": self.tally.slices,
            "bad": self.tally.bad,
            "old": self.tally.old,
            "ahead": self.tally.ahead,
            "no_room": self.tally.no_room,
            "corrected": self.tally.corrected,
        }
