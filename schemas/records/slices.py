"""Slices: one place, cell or area and one minute, with the slice's full counts.

A slice record replaces the earlier ones of its key; it is never a difference. Whatever the
order, replay, lateness or restart, the last value of a key is the batch answer.
"""

from __future__ import annotations

import msgspec

from schemas.records.fields import Cell, Count, Identifier, Instant, Version1

COUNTERS = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever")
"""The counters of every slice, in the order in which columns hold them."""


class PlaceMinute(msgspec.Struct, frozen=True, kw_only=True):
    """Passages of one place in `[minute_ms, minute_ms + 60 s)`, by event time.

    `n_screened` of the passages were measured, `n_fever` of those at or above 37.3 °C.
    `n_simulated` passages come from a simulator (`source` begins with `sim:`).
    `arrival_ms` is the newest arrival among them. The cells hold the place's own
    coordinates, each indexed directly; `grid` is its smallest area, `outside` beyond all.
    """

    v: Version1 = 1
    place_id: Identifier
    minute_ms: Instant
    n_in: Count
    n_out: Count
    n_pass: Count
    n_denied: Count
    n_screened: Count
    n_fever: Count
    n_simulated: Count = 0
    arrival_ms: Instant
    cell7: Cell
    cell8: Cell
    cell9: Cell
    grid: Identifier


class CellMinute(msgspec.Struct, frozen=True, kw_only=True):
    """Passages of all places of one H3 cell in one minute; `res` is 7, 8 or 9."""

    v: Version1 = 1
    cell: Cell
    res: int
    minute_ms: Instant
    n_in: Count
    n_out: Count
    n_pass: Count
    n_denied: Count
    n_screened: Count
    n_fever: Count
    n_simulated: Count = 0
    arrival_ms: Instant


class AreaMinute(msgspec.Struct, frozen=True, kw_only=True):
    """Passages of all places of one area in one minute; `level` is one of the city's."""

    v: Version1 = 1
    area_id: Identifier
    level: Identifier
    minute_ms: Instant
    n_in: Count
    n_out: Count
    n_pass: Count
    n_denied: Count
    n_screened: Count
    n_fever: Count
    n_simulated: Count = 0
    arrival_ms: Instant
