"""What Hexline has published of the picture, read from its topics into frames."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import msgspec
import polars as pl

from schemas.broker import Broker
from schemas.records import Aberration, AreaRt, CellRisk, Cluster, Hotspot
from schemas.times import DAY_MS
from schemas.topics import ABERRATIONS, AREA_RT, CELL_RISK, CLUSTERS, HOTSPOTS, Topic
from simulators.present import Present
from simulators.score.picture import Alarm

R = TypeVar("R", Aberration, AreaRt, CellRisk, Cluster, Hotspot)
_MIDDAY_MS = 43_200_000


@dataclass(frozen=True, slots=True)
class Picture:
    """Frames and alarms of a run's days; None where nothing of it was published."""

    risk: pl.DataFrame | None
    rt: pl.DataFrame | None
    hotspots: list[Alarm] | None
    clusters: list[Alarm] | None
    unusual: list[Alarm] | None = None


def day_number(day: str, begin_ms: int) -> int:
    """Count a local day from the run's first; its midnight's midday has the same date in UTC."""
    first = datetime.fromtimestamp((begin_ms + _MIDDAY_MS) / 1000, UTC).date()
    return (date.fromisoformat(day) - first).days


def read_picture(broker: Broker, begin_ms: int) -> Picture:
    """Read all that was published; of several statements of one key and day the last stands."""
    with Present(broker) as topics:
        risk = _last(topics, CELL_RISK, CellRisk, lambda r: (r.cell, r.day))
        rt = _last(topics, AREA_RT, AreaRt, lambda r: (r.area_id, r.day))
        hot = _last(topics, HOTSPOTS, Hotspot, lambda r: (r.cell, r.day))
        found = _last(topics, CLUSTERS, Cluster, lambda r: (r.rank, r.as_of_ms))
        unusual = _last(topics, ABERRATIONS, Aberration, lambda r: (r.area_id, r.series, r.day))
    return Picture(
        risk=_frame(risk, ("cell", "rr", "p_above_1"), begin_ms),
        rt=_frame(rt, ("area_id", "rt", "rt_lo", "rt_hi"), begin_ms),
        hotspots=[
            Alarm(frozenset([one.cell]), day_number(one.day, begin_ms))
            for one in hot
            if one.level > 0 and (one.z or 0.0) > 0
        ]
        if hot
        else None,
        clusters=[
            Alarm(frozenset(one.cells), (one.as_of_ms - begin_ms) // DAY_MS)
            for one in found
            if one.found and one.is_alarm
        ]
        if found
        else None,
        unusual=[
            Alarm(frozenset([one.area_id]), (one.as_of_ms - begin_ms) // DAY_MS)
            for one in unusual
            if one.series == "cases" and one.level_found > 0
        ]
        if unusual
        else None,
    )


def _last(topics: Present, topic: Topic, record: type[R], key: Callable[[R], Hashable]) -> list[R]:
    decoder = msgspec.json.Decoder(record)
    last: dict[Hashable, R] = {}
    for message in topics.messages(topic, 0):
        if (value := message.value()) is None:
            continue
        one = decoder.decode(value)
        before = last.get(key(one))
        if before is None or before.revision <= one.revision:
            last[key(one)] = one
    return list(last.values())


def _frame(records: list[Any], names: tuple[str, ...], begin_ms: int) -> pl.DataFrame | None:
    if not records:
        return None
    rows = [
        {"day": day_number(one.day, begin_ms)} | {name: getattr(one, name) for name in names}
        for one in records
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
