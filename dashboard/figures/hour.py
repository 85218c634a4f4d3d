"""The last hour: passages, entries and exits of the whole city, minute by minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard.figures.epicurve import known, shown
from dashboard.figures.look import framed, look_of, nothing

ALONE_PX = 5


def hour(
    series: Mapping[str, Any],
    words: Mapping[str, str],
    theme: str,
    timezone: str,
    scale: float = 1.0,
) -> go.Figure:
    """Draw passages as an area with entries and exits over it; gaps stay gaps.

    Parameters
    ----------
    series : mapping
        `minute_ms` (ascending starts of minutes), then counts: `passages`, `in`, `out`.
    words : mapping
        Words of the viewer's language.
    theme : str
        "dark" or "light".
    timezone : str
        The city's time zone: the axis is local time there, wherever the viewer is. Where clocks
        were changed within the hour it is the time of the newest minute all along: the minutes
        before would be drawn over the others, or apart from them.
    """
    look = look_of(theme)
    minutes = series.get("minute_ms") or []
    if not any(n is not None for n in series.get("passages") or []):
        return nothing(words["hour.empty"], look)
    newest = datetime.fromtimestamp(minutes[-1] / 1000, ZoneInfo(timezone)).replace(tzinfo=None)
    times = [newest - timedelta(milliseconds=minutes[-1] - ms) for ms in minutes]
    figure = go.Figure()
    lines: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("passages", look.passages, {"width": 2}),
        ("in", look.entries, {"width": 1.4}),
        ("out", look.exits, {"width": 1.4, "dash": "dot"}),
    )
    for name, colour, line in lines:
        counts = series.get(name) or []
        values = [known(n) for n in counts]
        figure.add_scatter(
            x=times,
            y=values,
            customdata=[shown(n, words) for n in counts],
            name=words[f"direction.{name}"],
            mode="lines+markers",
            line={"color": colour, **line},
            marker={
                "color": colour,
                "size": [ALONE_PX * is_alone(values, i) for i in range(len(values))],
            },
            # Plotly fills across a gap what it draws no line over.
            fill="tozeroy" if name == "passages" and None not in values else None,
            fillcolor=look.fill,
            hovertemplate="%{customdata}",
            connectgaps=False,
        )
    framed(figure, look, scale)
    figure.update_xaxes(type="date", tickformat="%H:%M", nticks=8, hoverformat="%H:%M")
    return figure


def is_alone(values: Sequence[int | None], i: int) -> bool:
    """Say whether a known minute has a gap on both sides: a line would not show it."""
    near = [*values[max(0, i - 1) : i], *values[i + 1 : i + 2]]
    return values[i] is not None and all(value is None for value in near)
