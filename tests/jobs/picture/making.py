"""A small city with people, and slices and cases of it, for the tests of the picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from cities.statistics import Statistics
from jobs.steps.picture.ground import Ground
from jobs.steps.picture.picture import Picture, last_values
from jobs.steps.picture.pieces import Message, Piece
from jobs.steps.picture.settings import PictureSettings
from schemas.records import PlaceMinute
from schemas.topics import CASES, PLACE_MINUTES
from tests.jobs.small_city import small_city

NOON = 1_585_742_400_000  # 2020-04-01T12:00:00Z
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
STAMP = ("as_of_ms", "complete_to_ms", "completeness", "revision", "window_end_ms")
STATISTICS = Statistics(replicates=37, most_clusters=2, accrual_days=1, cluster_p=0.5)
SETTINGS = PictureSettings.with_statistics("Asia/Shanghai", 5, STATISTICS)
CITY = small_city()
PEOPLED = replace(CITY, residents=CITY.residents * 40)


@cache
def ground(people: int = 40) -> Ground:
    """Give the small city with so many times its residents."""
    return Ground.of(replace(CITY, residents=CITY.residents * people), STATISTICS.scan_rings)


def slice_of(
    place: int, minute_ms: int, n: int, arrival_ms: int | None = None, **more: int
) -> Message:
    """Give a slice of a registered gate as counts would write it."""
    arrival = minute_ms + 61_000 if arrival_ms is None else arrival_ms
    counts = {
        "n_in": n,
        "n_out": 0,
        "n_pass": 0,
        "n_denied": 0,
        "n_screened": n,
        "n_fever": 0,
    } | more
    cells = {f"cell{res}": f"{CITY.cells[place, at]:x}" for at, res in enumerate((7, 8, 9))}
    record = PlaceMinute(
        place_id=CITY.place_id[place], minute_ms=minute_ms, arrival_ms=arrival,
        grid=CITY.area_id[CITY.grid[place]], **counts, **cells,
    )  # fmt: skip
    return Message(arrival, msgspec.json.encode(record))


def case_of(case: str = "c1", revision: int = 1, days_ago: float = 0.0, **fields: Any) -> Message:
    """Give a case report; `onset_days` before its report, and any other fields."""
    report_ms = NOON - int(days_ago * DAY)
    record: dict[str, Any] = {
        "v": 1, "case_id": case, "revision": revision, "category": "confirmed", "status": "open",
        "report_ms": report_ms, "source": "hospital",
    }  # fmt: skip
    onset = fields.pop("onset_days", None)
    if onset is not None:
        day = datetime.fromtimestamp(report_ms / 1000, UTC) - timedelta(days=onset)
        record["onset_date"] = day.date().isoformat()
    record |= fields or {"place_id": "gate-00003"}
    if not {"place_id", "lat", "area_id"} & record.keys():
        record["place_id"] = "gate-00003"
    return Message(record["report_ms"] + 1_000, json.dumps(record).encode())


def slices(*messages: Message, partition: int = 0) -> Piece:
    """Pack slices of one partition."""
    return Piece.of(PLACE_MINUTES.name, partition, messages)


def cases(*messages: Message) -> Piece:
    """Pack cases."""
    return Piece.of(CASES.name, 0, messages)


def statements(values: Mapping[str, Mapping[str, bytes]]) -> dict[str, dict[str, Any]]:
    """Read what topics hold, without the stamps that say when it was said."""
    return {
        topic: {key: _unstamped(value) for key, value in keys.items()}
        for topic, keys in values.items()
    }


def _unstamped(value: bytes) -> dict[str, Any]:
    return {name: part for name, part in json.loads(value).items() if name not in STAMP}


def everything_of(*pieces: Piece) -> dict[str, dict[str, Any]]:
    """Give all that a picture says of some pieces, by topic and key."""
    picture = Picture.of(ground(), SETTINGS)
    for piece in pieces:
        picture.fold(piece)
    return {
        topic: {key: json.loads(value) for key, value in keys.items()}
        for topic, keys in last_values(picture.everything()).items()
    }


def said_of(values: Mapping[str, Mapping[str, bytes]], topic: str) -> Iterable[dict[str, Any]]:
    """Read the records of one topic."""
    return [json.loads(value) for value in values.get(topic, {}).values()]
