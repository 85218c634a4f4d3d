"""Inputs: reading what a request asks for; anything unexpected is a RequestError that says so."""

from __future__ import annotations

from collections.abc import Mapping

import h3

from dashboard.errors import RequestError
from dashboard.hub.layers import METRICS, RESOLUTIONS, WINDOWS, Layer, Metric, layer_of

LONGEST_QUERY = 64
LONGEST_ID = 128


def whole_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Read a whole number between two ends."""
    text = query.get(name)
    if text is None:
        return default
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    if value is None or not least <= value <= most:
        raise RequestError(f"{name} is {text[:40]!r}: expected a whole number in {least}..{most}")
    return value


def metric(query: Mapping[str, str]) -> Metric:
    """Read a metric; passages unless told."""
    name = query.get("metric", "passages")
    if name not in METRICS:
        raise RequestError(f"metric is {name[:40]!r}: expected one of {', '.join(METRICS)}")
    return METRICS[name]


def minutes(query: Mapping[str, str]) -> int:
    """Read a window in minutes; 15 unless told."""
    value = whole_number(query, "minutes", 15, 1, 60)
    if value not in WINDOWS:
        raise RequestError(f"minutes is {value}: expected one of {', '.join(map(str, WINDOWS))}")
    return value


def layer(query: Mapping[str, str]) -> Layer:
    """Read a layer; resolution 9, passages, 15 minutes unless told."""
    res = whole_number(query, "res", 9, 0, 15)
    return layer_of({"res": res, "metric": metric(query).name.lower(), "minutes": minutes(query)})


def resolution(text: str) -> int:
    """Read the resolution of a cell table."""
    if text not in map(str, RESOLUTIONS):
        raise RequestError(f"resolution is {text[:40]!r}: expected 7, 8 or 9")
    return int(text)


def cell(text: str) -> str:
    """Read an H3 cell of resolution 7, 8 or 9."""
    if len(text) != 15 or not h3.is_valid_cell(text) or text != text.lower():
        raise RequestError(f"cell is {text[:40]!r}: expected 15 hexadecimal digits of an H3 cell")
    if h3.get_resolution(text) not in RESOLUTIONS:
        raise RequestError(
            f"cell is {text!r}, of resolution {h3.get_resolution(text)}: expected 7, 8 or 9"
        )
    return text


def identifier(text: str) -> str:
    """Read an id of the city's own."""
    if not 1 <= len(text) <= LONGEST_ID or not text.isprintable():
        raise RequestError(f"id is {text[:40]!r}: expected 1 to {LONGEST_ID} printable characters")
    return text


def query_text(query: Mapping[str, str]) -> str:
    """Read what is searched for."""
    text = query.get("q", "").strip()
    if not 1 <= len(text) <= LONGEST_QUERY:
        raise RequestError(f"q has {len(text)} characters: expected 1 to {LONGEST_QUERY}")
    return text
