"""The hub, slowly and obviously: one dictionary of slices, every sum from the start.

Also an independent reader of the binary frames, field by field with `struct`.
"""

from __future__ import annotations

import struct
from collections import defaultdict

import h3

MINUTE_MS = 60_000
WINDOWS = {
    "last_1": range(1, 2),
    "last_15": range(15),
    "last_60": range(60),
    "whole_15": range(1, 16),
    "whole_60": range(1, 61),
    "ago_1": range(61, 62),
    "ago_15": range(61, 76),
    "ago_60": range(61, 121),
}


class SlowHub:
    """Keeps the last value of every place and minute that the hub accepts."""

    def __init__(self, gazetteer) -> None:
        self.gazetteer = gazetteer
        self.slices: dict[tuple[str, int], dict] = {}
        self.clock = None
        self.arrival_ms = 0

    def take(self, records: list[dict]) -> None:
        """Fold one batch of records given as dictionaries."""
        sound = [
            r for r in records if r["minute_ms"] // MINUTE_MS <= r["arrival_ms"] // MINUTE_MS + 5
        ]
        if not sound:
            return
        self.arrival_ms = max([self.arrival_ms, *(r["arrival_ms"] for r in sound)])
        newest = max(r["minute_ms"] // MINUTE_MS for r in sound)
        self.clock = max(self.clock or 0, min(newest, self.arrival_ms // MINUTE_MS))
        for record in sound:
            minute = record["minute_ms"] // MINUTE_MS
            if self.clock - 130 <= minute <= self.clock + 5:
                self.slices[record["place_id"], minute] = record

    def window(self, name: str, place_ids: set[str]) -> list[int]:
        """Add up in, out, pass, passages, fever of some places in a window."""
        total = [0] * 5
        for (place_id, minute), r in self.slices.items():
            if place_id in place_ids and self.clock - minute in WINDOWS[name]:
                three = [r["n_in"], r["n_out"], r["n_pass"]]
                for column, n in enumerate([*three, sum(three), r["n_fever"]]):
                    total[column] += n
        return total

    def places_by_cell(self, res: int) -> dict[int, set[str]]:
        """Name the places of each cell, from their coordinates."""
        g = self.gazetteer
        found = defaultdict(set)
        for place_id, lat, lng in zip(g.place_id, g.lat, g.lng, strict=True):
            found[h3.str_to_int(h3.latlng_to_cell(lat, lng, res))].add(place_id)
        return found

    def places_by_area(self) -> dict[str, set[str]]:
        """Name the places of each area, walking up the tree from each place's grid."""
        g = self.gazetteer
        found = {area_id: set() for area_id in g.area_id}
        for place_id, grid in zip(g.place_id, g.grid, strict=True):
            row = grid
            while row >= 0:
                found[g.area_id[row]].add(place_id)
                row = g.parent[row]
        return found


def read_frame(frame: bytes) -> dict:
    """Read a frame as docs/wire.md describes it."""
    kind, version, layer, seq = struct.unpack("<BBHI", frame[:8])
    arrival_ms, end_ms = struct.unpack("<dd", frame[8:24])
    n, flags = struct.unpack("<II", frame[24:32])
    body, index = frame[32:], None
    if kind == 1:
        index, body = list(struct.unpack(f"<{n}I", body[: 4 * n])), body[4 * n :]
    if kind == 2:
        assert (n, body) == (0, b"")
    values, marks = list(struct.unpack(f"<{n}H", body[: 2 * n])), list(body[2 * n :])
    assert len(marks) == n
    return {
        "kind": kind,
        "version": version,
        "res": layer >> 8,
        "metric": layer >> 4 & 15,
        "window": layer & 15,
        "seq": seq,
        "arrival_ms": arrival_ms,
        "end_ms": end_ms,
        "flags": flags,
        "index": index,
        "values": values,
        "marks": marks,
    }


def read_table(table: bytes) -> dict:
    """Read a cell table as docs/wire.md describes it."""
    kind, version, res, n = struct.unpack("<BBHI", table[:8])
    at = 32 + 8 * n
    cells = struct.unpack(f"<{n}Q", table[32:at])
    areas = struct.unpack(f"<{n}f", table[at : at + 4 * n])
    corners = struct.unpack(f"<{12 * n}f", table[at + 4 * n :])
    return {
        "kind": kind,
        "version": version,
        "res": res,
        "hash": table[8:16].hex(),
        "cells": cells,
        "areas": areas,
        "corners": [corners[12 * i : 12 * i + 12] for i in range(n)],
    }
