"""The system page: is every part running, is every record accounted for."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import ids
from dashboard.pages.words import panel


def layout() -> Any:
    """Lay out pipeline, account, rejects, topics and hub."""
    return html.Main(
        [
            panel(
                "pipeline-panel",
                "system.pipeline",
                html.Ol(id=ids.PIPELINE, className="pipeline"),
                className="wide",
            ),
            panel(
                "sum-panel",
                "system.sum",
                html.Div(id=ids.SUM, className="sums"),
                hint="system.adds.long",
                className="wide",
            ),
            panel("topics-panel", "system.topics", html.Div(id=ids.TOPICS)),
            panel(
                "rejects-panel",
                "system.rejects",
                html.Div(id=ids.REJECTS),
                hint="system.rejects.hint",
            ),
            panel("about-panel", "system.about", html.Div(id=ids.ABOUT)),
        ],
        id=ids.SYSTEM,
        className="system",
        hidden=True,
    )
