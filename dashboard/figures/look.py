"""What the figures share: theme, font, quiet axes, and words for nothing to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

Theme = Literal["dark", "light"]
FONT = '"Noto Sans SC Variable", sans-serif'


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one theme."""

    text: str
    muted: str
    grid: str
    panel: str
    passages: str
    fill: str
    entries: str
    exits: str
    categories: dict[str, str]


# Categories differ in lightness too, so that they are told apart without hue.
LOOKS: dict[Theme, Look] = {
    "dark": Look(
        text="#dfe8f2",
        muted="#8fa0b5",
        grid="rgba(120,145,175,.16)",
        panel="#101823",
        passages="#56b6f7",
        fill="rgba(86,182,247,.14)",
        entries="#f6b73c",
        exits="#9d8df1",
        categories={
            "confirmed": "#e5534b",
            "suspected": "#f29e4c",
            "fever": "#f7d57e",
            "contact": "#4a6785",
        },
    ),
    "light": Look(
        text="#17222f",
        muted="#586879",
        grid="rgba(60,85,115,.16)",
        panel="#ffffff",
        passages="#0b6bb5",
        fill="rgba(11,107,181,.12)",
        entries="#b46a00",
        exits="#6a51c7",
        categories={
            "confirmed": "#b3261e",
            "suspected": "#e07a1f",
            "fever": "#e9b93c",
            "contact": "#5b7590",
        },
    ),
}


def look_of(theme: object) -> Look:
    """Take a theme from a browser; anything unknown is dark."""
    return LOOKS["light" if theme == "light" else "dark"]


def framed(figure: go.Figure, look: Look, scale: float = 1.0) -> go.Figure:
    """Give a figure the frame all charts share: no title, small margins, quiet axes."""
    axis = {
        "showline": False,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "automargin": False,
    }
    figure.update_layout(
        margin={"l": 46 * scale, "r": 14, "t": 34 * scale, "b": 24 * scale},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 11 * scale, "color": look.muted},
        hovermode="x unified",
        hoverlabel={
            "bgcolor": look.panel,
            "bordercolor": look.grid,
            "font": {"family": FONT, "color": look.text},
        },
        legend={
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1.1,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        uirevision="kept",
        xaxis={**axis, "showgrid": False},
        yaxis={
            **axis,
            "gridcolor": look.grid,
            "rangemode": "tozero",
            "nticks": 4,
            "tickformat": ",",
        },
    )
    return figure


def blank() -> go.Figure:
    """Draw nothing at all: the frame before the first answer."""
    return go.Figure(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        }
    )


def nothing(text: str, look: Look) -> go.Figure:
    """Say that there is nothing to show; an empty axis would look like zero."""
    figure = blank()
    figure.add_annotation(
        text=text,
        showarrow=False,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        font={"family": FONT, "size": 13, "color": look.muted},
    )
    return figure
