"""Answers to the pages: one snapshot in, everything the page shows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dash import no_update

from dashboard import figures
from dashboard.i18n import language_of, words

Body = Mapping[str, Any]
HOTTEST = 20


class View(Protocol):
    """One snapshot of the hub; the bodies are those of docs/wire.md."""

    def kpi(self) -> Body:
        """Give the key figures and the last hour."""

    def status(self) -> Body:
        """Give the account of all records and the state of every part."""

    def epicurve(self) -> Body:
        """Give reported cases by day and category."""

    def hottest(self, res: int, metric: str, minutes: int, n: int) -> Body:
        """Give the cells with the highest counts."""


ViewSource = Callable[[], View]


def war_room(view: View, choice: Body | None, charted: str | None) -> tuple[Any, Any, Any, Any]:
    """Answer one refresh: figures of the page, both charts, and what the charts now show.

    A chart that already shows what it should is left alone: a redraw costs a slow machine 0.1 s.
    """
    chosen = choice or {}
    kpi, status, curve = view.kpi(), view.status(), view.epicurve()
    now = {"kpi": kpi, "status": status, "hottest": view.hottest(*ranked_by(chosen), HOTTEST)}
    key = chart_key(kpi, curve, chosen)
    if key == charted:
        return now, no_update, no_update, no_update
    said, theme = words(language_of(chosen.get("lang"))), str(chosen.get("theme"))
    zone = str(chosen.get("timezone") or "UTC")
    return (
        now,
        figures.epicurve(curve, said, theme),
        figures.hour(kpi["hour"], said, theme, zone),
        key,
    )


def ranked_by(choice: Body) -> tuple[int, str, int]:
    """Say what the list of the hottest cells is ranked by: what the map shows, as counts."""
    metric = str(choice.get("metric") or "passages")
    return int(choice.get("res") or 9), metric, int(choice.get("minutes") or 15)


def chart_key(kpi: Body, curve: Body, choice: Body) -> str:
    """Name what the charts show, so that the same is not drawn twice."""
    hour = kpi["hour"]
    shown = [
        hour.get("minute_ms", [])[-1:],
        hour.get("passages", [])[-1:],
        sum_known(hour.get("passages", [])),
    ]
    cases = [
        curve.get("days", [])[-1:],
        {k: sum_known(v) for k, v in (curve.get("categories") or {}).items()},
    ]
    return repr([shown, cases, choice.get("lang"), choice.get("theme"), choice.get("timezone")])


def sum_known(counts: list[Any]) -> int:
    """Add what is known; withheld and missing counts are not zero, only left out of the name."""
    return sum(n for n in counts if isinstance(n, int))
