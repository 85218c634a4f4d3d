"""The live page: key figures, map, inspector, hottest cells, epi curve and the last hour."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard import figures, ids
from dashboard.pages.words import aria, panel, told


def layout() -> Any:
    """Lay out the page; the map comes first in reading order on a small screen too."""
    return html.Main(
        [
            html.Div(id=ids.KPIS, className="kpis", role="group", **told(label="kpi.strip")),
            stage(),
            rail(),
            strip(),
        ],
        id=ids.LIVE,
        className="live",
    )


def stage() -> Any:
    """Lay out the map with its controls on it."""
    return html.Section(
        [
            html.Div(id=ids.MAP, className="map", tabIndex="0"),
            html.Div([search(), layer_switch(), *choices()], className="controls"),
            html.Div(
                [
                    round_button(ids.ZOOM_IN, "+", "map.zoom.in"),
                    round_button(ids.ZOOM_OUT, "−", "map.zoom.out"),
                    round_button(ids.HOME, "⌂", "map.home"),
                ],
                className="zoom",
            ),
            html.Div(id=ids.LEGEND, className="legend", role="group", **told(label="legend")),
            html.Div(id=ids.RES, className="res"),
            html.Div(id=ids.CYCLE, className="cycle", hidden=True),
            html.Div(id=ids.HOVER, className="hover", hidden=True),
            html.Div(id=ids.LAYER_NOTE, className="layer-note", hidden=True, role="status"),
            html.Div(id=ids.NOTICE, className="notice", hidden=True),
        ],
        id=ids.STAGE,
        className="stage",
        **told(label="map"),
    )


def search() -> Any:
    """Lay out the search field and its answers."""
    return html.Div(
        [
            # The script puts the field in: a letter typed must not travel to the server.
            html.Div(id=ids.SEARCH, className="search-field"),
            html.Ul(id=ids.RESULTS, className="results", hidden=True, role="listbox"),
        ],
        className="search",
        role="search",
    )


def layer_switch() -> Any:
    """Lay out the button that opens the menu of layers: counts, risk, what is unusual."""
    return html.Div(
        [
            html.Button(
                id=ids.LAYER,
                className="layer-button",
                **aria(haspopup="menu", expanded="false", controls=ids.LAYER_MENU),
            ),
            html.Div(id=ids.LAYER_MENU, className="layer-menu", hidden=True, role="menu"),
        ],
        className="layer-switch",
    )


def choices() -> list[Any]:
    """Lay out the three choices: what is counted, over how long, shown as what."""
    return [
        html.Div(id=choice, className="choice", role="radiogroup", **told(label=choice))
        for choice in (ids.METRIC, ids.MINUTES, ids.SHOW)
    ]


def round_button(button_id: str, sign: str, key: str) -> Any:
    """Make one button on the map."""
    return html.Button(sign, id=button_id, **told(title=key, label=key))


def rail() -> Any:
    """Lay out the inspector over the list of the hottest cells."""
    return html.Aside(
        [
            html.Section(id=ids.PICTURE, className="panel picture", hidden=True),
            html.Section(id=ids.INSPECTOR, className="panel inspector", hidden=True),
            panel("hottest-panel", "hottest", html.Ol(id=ids.HOTTEST), className="hottest"),
            html.Div(id=ids.AREAS, hidden=True),
        ],
        id=ids.RAIL,
        className="rail",
    )


def strip() -> Any:
    """Lay out the two curves at the bottom."""
    return html.Div(
        [
            panel(ids.EPICURVE_PANEL, "epicurve", chart(ids.EPICURVE), hint="epicurve.hint"),
            panel(ids.HOUR_PANEL, "hour", chart(ids.HOUR), hint="hour.hint"),
        ],
        className="strip",
    )


def chart(chart_id: str) -> Any:
    """Make the frame of one Plotly chart."""
    return dcc.Graph(
        id=chart_id,
        figure=figures.blank(),
        className="chart",
        responsive=True,
        config={"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"},
    )
