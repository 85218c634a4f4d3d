"""KPI: the tiles above the map and the last hour of the whole city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dashboard.hub.frame import Frame, whole
from dashboard.hub.masks import withheld_beside_sum, withheld_series
from dashboard.hub.panels.counts import change, count, counts, is_small
from dashboard.hub.ring import COLUMNS
from dashboard.hub.shown import Shown
from dashboard.hub.sums import FEVER, IN, OUT, PASSAGES, published
from schemas.times import MINUTE_MS

if TYPE_CHECKING:
    from dashboard.hub.panels.curve import CaseCurves

MINUTES = 15
SPARKLINE = 30
HOUR = 60
STRETCHES = ((0, 15), (15, 60), (0, 60))
"""Sums that can be worked out from the windows shown: the last 15, the 45 before, and both."""


def stretches_hidden(last_15: NDArray[np.bool_], last_60: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which sums over `STRETCHES` are withheld, from what is of the two windows (5,).

    The 45 minutes before go with either: beside the other one they would tell it.
    """
    return np.stack([last_15, last_15 != last_60, last_60])


def kpi(frame: Frame, cases: CaseCurves, refused_share: float | None) -> dict[str, Any]:
    """Give the tiles, each with its change against an hour ago and a 30-minute series."""
    minutes = frame.by_minute[-HOUR:]
    shown = published(minutes)
    windows = stretches_hidden(*(_city_hidden(frame, f"last_{m}") for m in (MINUTES, HOUR)))
    hidden = withheld_series(shown, STRETCHES, frame.k, None, windows)
    tiles = {
        name: _tile(frame, column, shown, hidden)
        for name, column in (("passages", PASSAGES), ("in", IN), ("fever", FEVER))
    }
    tiles |= {name: _raw_tile(frame, name) for name in ("screened", "denied")}
    tiles["active"] = _active(frame)
    tiles["cases"] = cases.tile(frame.k)
    return {
        "minute_ms": frame.minute * MINUTE_MS,
        "arrival_ms": frame.arrival_ms,
        "minutes": MINUTES,
        "tiles": tiles,
        "windows": {str(m): _window(frame, m) for m in (1, 15, 60)},
        "classes": class_counts(frame),
        "refused_share": refused_share,
        "hour": _hour(frame, shown, hidden),
    }


def nothing_yet(cases: CaseCurves | None, k: int) -> dict[str, Any]:
    """Give the same body while nothing is known: every count is None, never 0.

    `cases` is None while they are still being read: a part of them is not their number.
    """
    empty = {"value": None, "change": None, "series": [None] * SPARKLINE}
    names = ("passages", "in", "fever", "screened", "denied", "active")
    return {
        "minute_ms": None,
        "arrival_ms": None,
        "minutes": MINUTES,
        "tiles": {**dict.fromkeys(names, empty), "cases": cases.tile(k) if cases else empty},
        "windows": {str(m): {"value": None, "change": None} for m in (1, 15, 60)},
        "classes": None,
        "refused_share": None,
        "hour": {"minute_ms": [], "passages": [], "in": [], "out": []},
    }


def _city(frame: Frame, window: str, column: int) -> tuple[int, bool]:
    """Give the city's count; withheld where the cells' or the areas' tree needs it."""
    hidden = _city_hidden(frame, window)[column]
    return int(frame.areas(window).values[-1, column]), bool(hidden)


def _city_hidden(frame: Frame, window: str) -> NDArray[np.bool_]:
    return np.asarray(frame.cells(window).hidden[-1] | frame.areas(window).hidden[-1])


def _change(frame: Frame, minutes: int, column: int) -> int | None:
    now, now_hidden = _city(frame, whole(minutes), column)
    ago, ago_hidden = _city(frame, f"ago_{minutes}", column)
    known = frame.knows_hour_ago(minutes)
    return change(now, ago, hidden=now_hidden or ago_hidden, known=known)


def _tile(
    frame: Frame, column: int, shown: NDArray[np.int64], hidden: NDArray[np.bool_]
) -> dict[str, Any]:
    value, is_hidden = _city(frame, f"last_{MINUTES}", column)
    return {
        "value": count(value, is_hidden, frame.k),
        "change": _change(frame, MINUTES, column),
        "series": counts(shown[-SPARKLINE:, column], hidden[-SPARKLINE:, column], frame.k),
    }


def _raw_tile(frame: Frame, name: str) -> dict[str, Any]:
    """Give a tile of a counter that only the whole city shows."""
    column = COLUMNS.index(f"n_{name}")
    minutes = frame.by_minute[:, column]
    recent = minutes[-SPARKLINE:]
    hidden = withheld_beside_sum(recent, frame.k, since=len(recent) - MINUTES)
    now, ago = (int(minutes[-end - MINUTES : -end].sum()) for end in (1, 61))
    return {
        "value": count(int(recent[-MINUTES:].sum()), bool(hidden[-1]), frame.k),
        "change": change(
            now,
            ago,
            hidden=is_small(now, frame.k) or is_small(ago, frame.k),
            known=frame.knows_hour_ago(MINUTES),
        ),
        "series": counts(recent, hidden[:-1], frame.k),
    }


def _window(frame: Frame, minutes: int) -> dict[str, Any]:
    value, hidden = _city(frame, f"last_{minutes}", PASSAGES)
    return {
        "value": count(value, hidden, frame.k),
        "change": _change(frame, minutes, PASSAGES),
    }


def _active(frame: Frame) -> dict[str, Any]:
    def active(shown: Shown) -> int:
        return int((shown.values[frame.geography.nodes(9), PASSAGES] > 0).sum())

    now, ago = active(frame.cells(whole(MINUTES))), active(frame.cells(f"ago_{MINUTES}"))
    value = active(frame.cells(f"last_{MINUTES}"))
    return {
        "value": value,
        "change": change(now, ago, hidden=False, known=frame.knows_hour_ago(MINUTES)),
        "series": [*frame.active[-SPARKLINE:-1], value],
    }


def class_counts(frame: Frame, res: int = 9) -> dict[str, Any]:
    """Count the cells by class of passages in the last 15 minutes, lowest class first."""
    shown, nodes = frame.cells(f"last_{MINUTES}"), frame.geography.nodes(res)
    values, hidden = shown.values[nodes, PASSAGES], shown.hidden[nodes, PASSAGES]
    seen = values[(values > 0) & ~hidden]
    classed = np.searchsorted(frame.scale.counts[res][MINUTES], seen, side="right")
    return {
        "name": frame.scale.name,
        "res": res,
        "cells": np.bincount(classed, minlength=7).tolist(),
        "withheld": int(hidden.sum()),
    }


def _hour(frame: Frame, shown: NDArray[np.int64], hidden: NDArray[np.bool_]) -> dict[str, Any]:
    first = frame.minute - HOUR + 1
    series = {
        name: counts(shown[:, column], hidden[:, column], frame.k)
        for name, column in (("passages", PASSAGES), ("in", IN), ("out", OUT))
    }
    return {"minute_ms": [m * MINUTE_MS for m in range(first, frame.minute + 1)], **series}
