"""Comparing what the topics hold with an independent recount of the raw topic."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from cities.pack import CityPack
from schemas.broker import Broker
from schemas.topics import (
    AREA_MINUTES,
    CELL_MINUTES,
    CHECKINS,
    CHECKINS_LATE,
    CHECKINS_PROGRESS,
    CHECKINS_REJECTED,
    PLACE_MINUTES,
)
from tests.oracles.check_ins import record_of
from tests.oracles.counts import City, recount
from tests.stream import bus

SLICES = (PLACE_MINUTES, CELL_MINUTES, AREA_MINUTES)
NOON = 1_586_966_400_000  # 2020-04-15T16:00:00Z, noon in New York
DAY = 86_400_000


def accounts(broker: Broker) -> dict[str, dict[str, int]]:
    """Give the last accounts of each partition."""
    found = bus.last_values(broker, CHECKINS_PROGRESS)
    return {key: json.loads(value) for key, value in found.items()}


def read_total(broker: Broker) -> int:
    """Give how many check-ins were read, over all partitions."""
    return sum(each["read"] for each in accounts(broker).values())


def sent_total(broker: Broker) -> int:
    """Give how many check-ins are on the bus, over all partitions."""
    return sum(high for _, high in bus.extents(broker, CHECKINS).values())


def events_of(broker: Broker, source: str) -> set[str]:
    """Give the events on the bus whose source begins so."""
    records = (record_of(payload) for payload, *_ in bus.rows(broker))
    return {
        record["event_id"]
        for record in records
        if record is not None and str(record.get("source")).startswith(source)
    }


def wait_until(what: str, so: Callable[[], bool], wait_s: float) -> float:
    """Wait until something is so; give the seconds that took."""
    began = time.monotonic()
    while not so():
        assert time.monotonic() - began < wait_s, f"not {what} within {wait_s} s"
        time.sleep(0.2)
    return time.monotonic() - began


def wait_until_counted(broker: Broker, wait_s: float = 240) -> None:
    """Wait until everything on the bus was read, and the roll-ups have followed."""
    wait_until("everything read", lambda: read_total(broker) == sent_total(broker), wait_s)
    wait_until("roll-ups complete", lambda: _rolled_up(broker), wait_s)


def _rolled_up(broker: Broker) -> bool:
    """Say whether cells and areas sum to the places."""
    totals = [_passages(bus.last_values(broker, topic)) for topic in SLICES]
    places, cells, areas = totals
    levels = len({json.loads(v)["level"] for v in bus.last_values(broker, AREA_MINUTES).values()})
    return cells == 3 * places and areas == levels * places


def _passages(values: dict[str, bytes]) -> int:
    names = ("n_in", "n_out", "n_pass", "n_denied")
    return sum(sum(record[name] for name in names) for record in map(json.loads, values.values()))


def wrong_keys(broker: Broker, pack: CityPack) -> dict[str, list[Any]]:
    """Give, by topic, the keys whose last value is not what a recount says; empty where none is."""
    wanted = recount(bus.rows(broker), City(pack.gazetteer), pack.no_dedupe_sources)
    wrong: dict[str, list[Any]] = {}
    for topic in SLICES:
        found = {key: json.loads(v) for key, v in bus.last_values(broker, topic).items()}
        keys = found.keys() | wanted[topic.name].keys()
        bad = [(key, found.get(key), wanted[topic.name].get(key)) for key in sorted(keys)
               if found.get(key) != wanted[topic.name].get(key)]  # fmt: skip
        if bad:
            wrong[topic.name] = [len(bad), *bad[:2]]
        if gone := [each.key() for each in bus.messages(broker, topic) if each.value() is None]:
            wrong[f"{topic.name}, deleted on the way"] = gone[:3]
    for topic, kind in ((CHECKINS_LATE, "late"), (CHECKINS_REJECTED, "rejected")):
        if differing := bus.last_values(broker, topic).keys() ^ wanted[kind].keys():
            wrong[topic.name] = sorted(differing)[:3]
    return wrong


def drawn(pack: CityPack, seed: int, n: int, minutes: int = 30) -> list[tuple[bytes, bytes, int]]:
    """Draw check-ins as (key, payload, arrival_ms): out of order, some twice, some late or bad."""
    chance = np.random.default_rng(seed)
    place_ids = pack.gazetteer.place_id
    west, south, east, north = pack.gazetteer.bbox
    sent: list[tuple[bytes, bytes, int]] = []
    for at in range(n):
        happened = NOON + int(chance.integers(0, minutes * 60_000))
        arrival = happened + int(chance.exponential(20_000))
        fields: dict[str, Any] = {
            "v": 1, "event_id": f"s{seed}-{at}", "event_ms": happened,
            "person": f"p{seed}x{at:012x}", "direction": str(chance.choice(["in", "out", "pass"])),
            "channel": "door", "purpose": "entry_exit", "source": "sim:tests",
            "place_id": str(chance.choice(place_ids)),
            "temperature_c": round(36.4 + float(chance.exponential(0.4)), 1),
        }  # fmt: skip
        kind = chance.random()
        if kind < 0.2:
            del fields["place_id"]
            fields |= {"lat": float(chance.uniform(south, north)),
                       "lng": float(chance.uniform(west, east))}  # fmt: skip
        elif kind < 0.24:
            arrival += DAY
        elif kind < 0.28:
            fields["direction"] = "up"
        key = str(fields.get("place_id", "sim:tests")).encode()
        sent.append((key, json.dumps(fields).encode(), arrival))
        if kind > 0.9:
            again = int(chance.integers(0, len(sent)))
            sent.append((sent[again][0], sent[again][1], sent[again][2] + 30_000))
    order = chance.permutation(len(sent))
    return [sent[at] for at in order]
