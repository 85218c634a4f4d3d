"""Slices of the made-up city for tests, as records and as messages."""

from __future__ import annotations

import json

import h3

from dashboard.hub.source import Batch

NOON = 29_000_000  # a minute since 1970, in 2025
MINUTE_MS = 60_000


def record_of(gazetteer, place: int, minute: int, counts, arrival_ms: int | None = None) -> dict:
    """Give one slice of the place in row `place`; counts in the order of the record."""
    names = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever", "n_simulated")
    counts = [*counts, *[0] * (len(names) - len(counts))]
    lat, lng = gazetteer.lat[place], gazetteer.lng[place]
    return {
        "v": 1,
        "place_id": gazetteer.place_id[place],
        "minute_ms": minute * MINUTE_MS,
        **dict(zip(names, counts, strict=True)),
        "arrival_ms": minute * MINUTE_MS + 30_000 if arrival_ms is None else arrival_ms,
        **{f"cell{res}": h3.latlng_to_cell(lat, lng, res) for res in (7, 8, 9)},
        "grid": gazetteer.area_id[gazetteer.grid[place]],
    }


def point_record(cell12: str, minute: int, counts, grid: str = "outside") -> dict:
    """Give one slice of a place known by coordinates only."""
    lat, lng = h3.cell_to_latlng(cell12)
    names = ("n_in", "n_out", "n_pass", "n_denied", "n_screened", "n_fever", "n_simulated")
    counts = [*counts, *[0] * (len(names) - len(counts))]
    return {
        "v": 1,
        "place_id": cell12,
        "minute_ms": minute * MINUTE_MS,
        **dict(zip(names, counts, strict=True)),
        "arrival_ms": minute * MINUTE_MS + 30_000,
        **{f"cell{res}": h3.latlng_to_cell(lat, lng, res) for res in (7, 8, 9)},
        "grid": grid,
    }


def batch(records: list[dict], **more) -> Batch:
    """Put records on the bus."""
    return Batch(slices=[json.dumps(r).encode() for r in records], **more)
