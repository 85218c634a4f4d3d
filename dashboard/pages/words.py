"""Elements whose words the browser sets, so that changing the language needs no reload."""

from __future__ import annotations

from typing import Any

from dash import html


def said(tag: type, key: str, **properties: Any) -> Any:
    """Make an element whose text is the word of `key`."""
    return tag(**properties, **{"data-t": key})


def panel(panel_id: str, title: str, *inside: Any, hint: str | None = None, **more: Any) -> Any:
    """Make one panel: a titled section that a screen reader can jump to."""
    heading_id = f"{panel_id}-title"
    heading = [said(html.H2, title, id=heading_id)]
    if hint:
        heading.append(said(html.Span, hint, className="hint"))
    name = f"panel {more.pop('className', '')}".strip()
    return html.Section(
        [html.Div(heading, className="panel-head"), *inside],
        className=name,
        **aria(labelledby=heading_id),
        **more,
    )


def aria(**values: str) -> dict[str, Any]:
    """Name aria attributes, which are no Python names."""
    return {f"aria-{name}": value for name, value in values.items()}


def told(**keys: str) -> dict[str, Any]:
    """Name words for attributes: `title`, `label` and the like."""
    return {f"data-t-{name}": key for name, key in keys.items()}


def on_page(**values: str) -> dict[str, Any]:
    """Name data attributes that scripts and styles read."""
    return {f"data-{name}": value for name, value in values.items()}
