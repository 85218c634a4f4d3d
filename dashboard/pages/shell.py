"""The frame of every page: top bar, connection, clock, switches, and the stores."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import ids
from dashboard.pages import live, methods, system
from dashboard.pages.words import aria, on_page, said, told


def layout() -> Any:
    """Lay out the war room; both pages stay mounted, so the map is made once."""
    return html.Div(
        [
            said(html.A, "skip", href=f"#{ids.MAP}", className="skip"),
            top_bar(),
            live.layout(),
            system.layout(),
            methods.layout(),
            html.Div(id=ids.HELP_PANEL, className="help-panel", hidden=True),
            html.Div(id=ids.SAY, className="sr", role="status", **aria(live="polite")),
            *stores(),
        ],
        className="room",
    )


def stores() -> list[Any]:
    """Keep what the page asks for and what it is told."""
    return [
        dcc.Store(id=ids.TICK),
        dcc.Store(id=ids.NOW),
        dcc.Store(id=ids.CHOICE),
        dcc.Store(id=ids.CHARTED),
        html.Div(id=ids.PAINTED, hidden=True),
    ]


def top_bar() -> Any:
    """Lay out title, pages, what the data are, their age, the clock and the switches."""
    return html.Header(
        [
            html.A(
                [
                    html.Span(className="mark", **aria(hidden="true")),
                    html.Span(id=ids.BRAND),
                    said(html.Span, "title"),
                ],
                href="/",
                className="brand",
                **on_page(page=ids.LIVE),
            ),
            html.Nav(
                [
                    page_link(ids.LIVE, "/"),
                    page_link(ids.SYSTEM, "/system"),
                    page_link(ids.METHODS, "/methods"),
                ],
                id=ids.NAV,
            ),
            html.Div(id=ids.FLAGS, className="flags"),
            html.Div(className="gap"),
            chip(),
            html.Time(id=ids.CLOCK, className="clock", **told(title="clock.title")),
            html.Div(
                [
                    switch(ids.LANG, "lang.other", "lang.title"),
                    html.Button(
                        html.Span("◐", **aria(hidden="true")),
                        id=ids.THEME,
                        className="quiet",
                        **label("theme.title"),
                    ),
                    switch(ids.WALL, "wall", "wall.title"),
                    html.Button(
                        html.Span("?", **aria(hidden="true")),
                        id=ids.HELP,
                        className="quiet",
                        **label("help.title"),
                    ),
                ],
                className="switches",
            ),
        ],
        className="top-bar",
    )


def page_link(page: str, path: str) -> Any:
    """Link one page of those that exist."""
    return said(html.A, f"nav.{page}", href=path, **on_page(page=page))


def chip() -> Any:
    """Lay out state and age of the data and how much of the input is read."""
    return html.Div(
        [
            html.Span(className="dot", **aria(hidden="true")),
            html.Span(id=ids.CHIP_STATE),
            html.Span(id=ids.CHIP_AGE, className="number"),
            html.Span(id=ids.CHIP_COMPLETE, className="number complete"),
        ],
        id=ids.CHIP,
        className="chip",
        **on_page(state="loading"),
        **told(title="chip.title"),
    )


def switch(switch_id: str, word: str, title: str) -> Any:
    """Make a button with a word on it."""
    return html.Button(said(html.Span, word), id=switch_id, className="quiet", **label(title))


def label(key: str) -> dict[str, Any]:
    """Name a button for the mouse and for a screen reader."""
    return told(title=key, label=key)
