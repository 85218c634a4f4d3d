"""The jobs without Flink: the same steps over a list, for tests, checks and small amounts.

messages --> read --> place-minutes --> cell-minutes, area-minutes
              |--> rejects
              |--> late
              `--> progress

pieces of slices and cases --> picture --> density, risk, hot spots, clusters, Rt, aberrations
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from geo.gazetteer import RESOLUTIONS, Gazetteer
from jobs.steps.accounts import accounts_of
from jobs.steps.messages import Messages
from jobs.steps.passages import COUNTERS, Passages
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.picture import Picture, last_values
from jobs.steps.picture.pieces import Piece
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.places import Places
from jobs.steps.read import Readings, Rules, read
from jobs.steps.rollup import Sums, rolled_up
from jobs.steps.slices import PlaceMinutes, place_minutes
from schemas.records import AreaMinute, CellMinute, Late, PlaceMinute, Progress, Rejected
from schemas.topics import CHECKINS

Row = tuple[bytes | None, int, int, int]
"""A message: payload, partition, offset, arrival_ms."""


@dataclass(frozen=True)
class Results:
    """What the topics hold in the end: the last value of every key, by key."""

    place_minutes: Mapping[str, PlaceMinute]
    cell_minutes: Mapping[str, CellMinute]
    area_minutes: Mapping[str, AreaMinute]
    rejected: Mapping[str, Rejected]
    late: Mapping[str, Late]
    progress: Mapping[str, Progress]


def run(rows: Iterable[Row], rules: Rules, publish_from_ms: int = 0) -> Results:
    """Count messages; slices of minutes before `publish_from_ms` are left out."""
    messages = Messages.of_rows(rows)
    readings = read(messages, rules)
    passages = readings.passages.only(readings.passages.minute_ms >= publish_from_ms)
    slices, places = _sliced(passages)
    return Results(
        place_minutes=_place_minutes(slices, places, rules.gazetteer),
        cell_minutes=_cell_minutes(slices, places),
        area_minutes=_area_minutes(slices, places, rules.gazetteer),
        rejected=_rejected(messages, readings),
        late={
            _place_on_the_bus(messages, row): msgspec.json.decode(value, type=Late)
            for row, value in readings.late.items()
        },
        progress=_progress(messages, readings),
    )


def picture(
    pieces: Iterable[Piece], ground: Ground, settings: PictureSettings
) -> Mapping[str, Mapping[str, bytes]]:
    """Give the picture of everything, by topic and key; nothing is ever dropped here."""
    whole = Picture.of(ground, settings, keeps_all=True)
    for piece in pieces:
        whole.fold(piece)
    return last_values(whole.everything())


def _sliced(passages: Passages) -> tuple[PlaceMinutes, Places]:
    """Count by place and minute; the rows of `Places` are those of the slices."""
    # Coordinates met twice have two rows in the batch's table of places, but one id.
    ids = passages.places.place_id[passages.place].astype(str)
    _, first, place = np.unique(ids, return_index=True, return_inverse=True)
    slices = place_minutes(place.reshape(-1).astype(np.int64), passages)
    row = passages.place[first][slices.place]
    table = passages.places
    return slices, Places(table.place_id[row], table.cells[row], table.grid[row])


def _place_minutes(
    slices: PlaceMinutes, places: Places, gazetteer: Gazetteer
) -> dict[str, PlaceMinute]:
    grids = gazetteer.area_id[places.grid]
    return {
        f"{place_id}|{minute_ms}": PlaceMinute(
            place_id=place_id,
            minute_ms=minute_ms,
            arrival_ms=arrival_ms,
            cell7=f"{cells[0]:x}",
            cell8=f"{cells[1]:x}",
            cell9=f"{cells[2]:x}",
            grid=grid,
            **_named(counts),
        )
        for place_id, minute_ms, counts, arrival_ms, cells, grid in zip(
            places.place_id, *_columns(slices), places.cells.tolist(), grids, strict=True
        )
    }


def _cell_minutes(slices: PlaceMinutes, places: Places) -> dict[str, CellMinute]:
    found = {}
    for at, res in enumerate(RESOLUTIONS):
        sums = rolled_up(places.cells[:, at].astype(np.int64), slices)
        for key, minute_ms, counts, arrival_ms in zip(
            sums.key.tolist(), *_columns(sums), strict=True
        ):
            found[f"{key:x}|{minute_ms}"] = CellMinute(
                cell=f"{key:x}", res=res, minute_ms=minute_ms, arrival_ms=arrival_ms,
                **_named(counts),
            )  # fmt: skip
    return found


def _area_minutes(
    slices: PlaceMinutes, places: Places, gazetteer: Gazetteer
) -> dict[str, AreaMinute]:
    found = {}
    for at, level in enumerate(gazetteer.levels):
        sums = rolled_up(gazetteer.lineage[places.grid, at].astype(np.int64), slices)
        for key, minute_ms, counts, arrival_ms in zip(
            sums.key.tolist(), *_columns(sums), strict=True
        ):
            area_id = gazetteer.area_id[key]
            found[f"{area_id}|{minute_ms}"] = AreaMinute(
                area_id=area_id, level=level, minute_ms=minute_ms, arrival_ms=arrival_ms,
                **_named(counts),
            )  # fmt: skip
    return found


def _columns(slices: PlaceMinutes | Sums) -> tuple[list[int], list[list[int]], list[int]]:
    return slices.minute_ms.tolist(), slices.counts.tolist(), slices.arrival_ms.tolist()


def _named(counts: list[int]) -> dict[str, Any]:
    return dict(zip(COUNTERS, counts, strict=True))


def _place_on_the_bus(messages: Messages, row: int) -> str:
    return f"{CHECKINS.name}-{messages.partition[row]}-{messages.offset[row]}"


def _rejected(messages: Messages, readings: Readings) -> dict[str, Rejected]:
    return {
        _place_on_the_bus(messages, row): Rejected(
            topic=CHECKINS.name,
            partition=int(messages.partition[row]),
            offset=int(messages.offset[row]),
            arrival_ms=int(messages.arrival_ms[row]),
            reason=reason,
            payload=readings.kept.get(row, messages.payloads[row] or b""),
        )
        for row, reason in readings.reason.items()
    }


def _progress(messages: Messages, readings: Readings) -> dict[str, Progress]:
    accounts = accounts_of(messages, readings.verdict)
    names = ("partition", "first_offset", "offset", "read", "accepted", "rejected", "late")
    rows = zip(*(getattr(accounts, name).tolist() for name in (*names, "arrival_ms")), strict=True)
    found = [
        Progress(topic=CHECKINS.name, **dict(zip((*names, "arrival_ms"), row, strict=True)))
        for row in rows
    ]
    return {f"{each.topic}-{each.partition}": each for each in found}
