"""Slices: one place, cell or area and one minute, with the slice's full counts.

A slice record replaces the earlier ones of its key; it is never a difference. Whatever the
order, replay, lateness or restart, the last value of a key is the batch answer.
"""

from __future__ import annotations

import msgspec

from schemas.records.fields import Cell, Count, Identifier, Instant, Version1
from schemas.times import MINUTE_MS

COUNTERS = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever")
"""The counters of every slice, in the order in which columns hold them."""
LARGEST_COUNT = 10_000_000
"""More passages than this at one place in one minute are a broken record."""


class Slice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Passages in `[minute_ms, minute_ms + 60 s)`, by event time.

    `n_screened` of them were measured, `n_fever` of those at or above 37.3 °C; `n_simulated`
    come from a simulator (`source` begins with `sim:`). `arrival_ms` is the newest arrival.
    """

    v: Version1 = 1
    minute_ms: Instant
    n_in: Count
    n_out: Count
    n_pass: Count
    n_denied: Count
    n_screened: Count
    n_fever: Count
    n_simulated: Count = 0
    arrival_ms: Instant


def is_possible(record: Slice) -> bool:
    """Say whether a record is of a whole minute, and its counts are not those of a broken one."""
    # the sum first: one comparison settles nearly every record
    return (
        record.n_in + record.n_out + record.n_pass + record.n_denied <= LARGEST_COUNT
        and record.n_screened <= LARGEST_COUNT
        and record.n_fever <= LARGEST_COUNT
        and record.n_simulated <= LARGEST_COUNT
        and record.minute_ms % MINUTE_MS == 0
    )


class PlaceMinute(Slice, frozen=True, kw_only=True, gc=False):
    """Passages of one place in one minute.

    The cells hold the place's own coordinates, each indexed directly; `grid` is its smallest
    area, `outside` beyond all. Counters as in the other slices: `n_screened` were measured,
    `n_fever` of those at or above 37.3 °C, `n_simulated` come from a simulator.
    """

    place_id: Identifier
    cell7: Cell
    cell8: Cell
    cell9: Cell
    grid: Identifier


class CellMinute(Slice, frozen=True, kw_only=True, gc=False):
    """Passages of all places of one H3 cell in one minute; `res` is 7, 8 or 9."""

    cell: Cell
    res: int


class AreaMinute(Slice, frozen=True, kw_only=True, gc=False):
    """Passages of all places of one area in one minute; `level` is one of the city's."""

    area_id: Identifier
    level: Identifier
