"""Answers to the pages: one snapshot in, everything the page shows out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from dash import no_update

from dashboard import figures
from dashboard.i18n import language_of, words

Body = Mapping[str, Any]
HOTTEST = 24
MINUTE_MS = 60_000
CHARTED_EVERY_MS = 10_000
WALL_SCALE = 1.6


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

    Nothing is charted before the page has said what it wants. A chart that already shows what
    it should is left alone: a redraw costs a slow machine 0.1 s.
    """
    chosen = choice or {}
    kpi, status, curve = view.kpi(), view.status(), view.epicurve()
    now = {"kpi": kpi, "status": status, "hottest": view.hottest(*ranked_by(chosen), HOTTEST)}
    key = chart_key(kpi, curve, chosen)
    if choice is None or key == charted:
        return now, no_update, no_update, no_update
    said, theme = words(language_of(chosen.get("lang"))), str(chosen.get("theme"))
    zone = str(chosen.get("timezone") or "UTC")
    scale = WALL_SCALE if chosen.get("wall") else 1.0
    hour = whole_minutes(kpi["hour"], kpi.get("arrival_ms"))
    return (
        now,
        figures.epicurve(curve, said, theme, scale),
        figures.hour(hour, said, theme, zone, scale),
        key,
    )


def ranked_by(choice: Body) -> tuple[int, str, int]:
    """Say what the list of the hottest cells is ranked by: what the map shows, as counts."""
    metric = str(choice.get("metric") or "passages")
    return int(choice.get("res") or 9), metric, int(choice.get("minutes") or 15)


def whole_minutes(hour: Body, arrival_ms: float | None) -> Body:
    """Leave out the running minute: it is not over, and would look like a fall."""
    minutes = hour.get("minute_ms") or []
    if not minutes or arrival_ms is None or arrival_ms >= minutes[-1] + MINUTE_MS:
        return hour
    return {name: values[:-1] for name, values in hour.items()}


def chart_key(kpi: Body, curve: Body, choice: Body) -> str:
    """Name what the charts show, so that the same is not drawn twice.

    Within ten seconds of the arrival clock, which is that of check-ins, the hour moves by less
    than a pixel; cases may come where no check-in does.
    """
    clock = int(kpi.get("arrival_ms") or 0) // CHARTED_EVERY_MS
    cases = hashlib.blake2b(msgspec.json.encode(curve), digest_size=8).hexdigest()
    look = [choice.get(name) for name in ("lang", "theme", "timezone", "wall")]
    return repr([clock, cases, look])
