"""The methods page: how every number is computed, one estimator at a time."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import ids
from dashboard.pages.words import told


def layout() -> Any:
    """Lay out the list of methods beside the one that is read; scripts fill both."""
    return html.Main(
        [
            html.Nav(id=ids.METHODS_LIST, className="methods-list", **told(label="nav.methods")),
            html.Article(id=ids.METHODS_PAGE, className="methods-page", tabIndex="-1"),
        ],
        id=ids.METHODS,
        className="methods",
        hidden=True,
    )
