"""Bindings between page and views; nothing is worked out here."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from dashboard import ids, views

# The page's own scripts are modules; an event reaches them without a name in `window`.
TELL_SCRIPTS = """data => {
  document.dispatchEvent(new CustomEvent('hexline:now', {detail: data}));
  return '';
}"""


def register(app: Dash, view_source: views.ViewSource) -> None:
    """Bind the refresh: one snapshot serves all panels, so they never disagree."""

    @app.callback(
        Output(ids.NOW, "data"),
        Output(ids.EPICURVE, "figure"),
        Output(ids.HOUR, "figure"),
        Output(ids.CHARTED, "data"),
        Input(ids.TICK, "data"),
        Input(ids.CHOICE, "data"),
        State(ids.CHARTED, "data"),
    )
    def refresh(_tick: int | None, choice: Any, charted: str | None) -> tuple[Any, Any, Any, Any]:
        return views.war_room(view_source(), choice, charted)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        TELL_SCRIPTS,
        Output(ids.PAINTED, "children"),
        Input(ids.NOW, "data"),
    )
