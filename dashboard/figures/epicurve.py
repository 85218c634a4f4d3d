"""Epi curve: reported cases by day and category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.look import framed, look_of, nothing

CATEGORIES = ("confirmed", "suspected", "fever", "contact")


def epicurve(
    curve: Mapping[str, Any], words: Mapping[str, str], theme: str, scale: float = 1.0
) -> go.Figure:
    """Stack reported cases by category, one bar a day, and shade the days not yet complete.

    Parameters
    ----------
    curve : mapping
        `days` (ISO dates, ascending), `categories` (name -> count a day; a withheld count is a
        string such as "<5"), `last_complete` (the last day all reports are in for, or None).
    words : mapping
        Words of the viewer's language.
    theme : str
        "dark" or "light".
    """
    look = look_of(theme)
    days: Sequence[str] = curve.get("days") or ()
    if not days:
        return nothing(words["epicurve.empty"], look)
    figure = go.Figure()
    for category in CATEGORIES:
        counts = (curve.get("categories") or {}).get(category)
        if counts:
            figure.add_bar(
                x=list(days),
                y=[known(n) for n in counts],
                customdata=[shown(n, words) for n in counts],
                name=words[f"category.{category}"],
                marker={"color": look.categories[category], "line": {"width": 0}},
                hovertemplate="%{customdata}",
            )
    shade_incomplete(figure, days, curve.get("last_complete"), words, look.muted)
    framed(figure, look, scale)
    figure.update_layout(barmode="stack", bargap=0.12)
    figure.update_xaxes(type="date", tickformat="%m-%d", nticks=8, hoverformat="%Y-%m-%d")
    return figure


def shade_incomplete(
    figure: go.Figure,
    days: Sequence[str],
    last_complete: str | None,
    words: Mapping[str, str],
    colour: str,
) -> None:
    """Mark the days whose reports are still coming in: they look like a fall and are none."""
    open_days = [day for day in days if last_complete and day > last_complete]
    if not open_days:
        return
    figure.add_vrect(
        x0=noon_before(open_days[0]),
        x1=f"{open_days[-1]}T12:00",
        xref="x",
        fillcolor=colour,
        opacity=0.16,
        line_width=0,
        layer="below",
    )
    figure.add_bar(
        x=[open_days[0]],
        y=[0],
        name=words["epicurve.incomplete"],
        marker={"color": colour, "opacity": 0.35},
        hoverinfo="skip",
    )


def noon_before(day: str) -> str:
    """Give the left edge of a day's bar: Plotly centres it on midnight."""
    return f"{date.fromisoformat(day) - timedelta(days=1)}T12:00"


def known(count: object) -> int | None:
    """Give the height of a bar; what is withheld has none."""
    return count if isinstance(count, int) else None


def shown(count: object, words: Mapping[str, str]) -> str:
    """Write a count as a person reads it."""
    if count is None:
        return words["unknown"]
    return f"{count:,}" if isinstance(count, int) else str(count).replace("<", "&lt;")
