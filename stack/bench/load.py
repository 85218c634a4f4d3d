"""A load of check-ins for the benches: same seed, same bytes; a known share of it bad or late.

It is neither a simulation of a city nor pretends to be one: the places are real, who passes
them when is drawn evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from schemas.times import CHECKIN_LIMITS

BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """What to produce.

    `per_second` is the city's rate, which sets how many passages share a place and minute;
    shares are of all records. Duplicates repeat a record of the same batch.
    """

    places: Sequence[str]
    records: int
    per_second: int = 5_000
    start_ms: int = 1_585_728_000_000
    bad_share: float = 0.001
    late_share: float = 0.001
    duplicate_share: float = 0.01
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records: keys, payloads and arrivals."""

    keys: list[str]
    payloads: list[bytes]
    arrival_ms: list[int]


def batches(load: Load) -> Iterator[Batch]:
    """Give the load in order of arrival."""
    chance = np.random.default_rng(load.seed)
    for start in range(0, load.records, BATCH):
        yield _batch(load, start, min(BATCH, load.records - start), chance)


def _batch(load: Load, start: int, n: int, chance: np.random.Generator) -> Batch:
    arrival = load.start_ms + (np.arange(start, start + n) * 1_000) // load.per_second
    delay = chance.exponential(2_000, n).astype(np.int64)
    delay[chance.random(n) < load.late_share] += CHECKIN_LIMITS.lateness_ms
    place = (chance.random(n) ** 2 * len(load.places)).astype(np.int64)
    number = np.arange(start, start + n)
    again = np.flatnonzero(chance.random(n) < load.duplicate_share)
    of = (again * chance.random(len(again))).astype(np.int64)
    for column in (delay, place, number):
        column[again] = column[of]
    delay[again] += arrival[again] - arrival[of]  # sent again later, of the same moment
    direction = chance.integers(0, 4, n)
    celsius = np.round(36.5 + 0.4 * chance.standard_normal(n), 1)
    direction[again], celsius[again] = direction[of], celsius[of]
    payloads = [
        _payload(load.places[p], i, event, d, c)
        for p, i, event, d, c in zip(
            place.tolist(), number.tolist(), (arrival - delay).tolist(), direction.tolist(),
            celsius.tolist(), strict=True,
        )
    ]  # fmt: skip
    for row in np.flatnonzero(chance.random(n) < load.bad_share).tolist():
        payloads[row] = payloads[row].replace(b'"direction":"', b'"direction":"un')
    return Batch([load.places[p] for p in place.tolist()], payloads, arrival.tolist())


def _payload(place: str, number: int, event_ms: int, direction: int, celsius: float) -> bytes:
    person = (number * 2654435761) % (1 << 48)
    way = ("in", "out", "pass", "denied")[direction]
    return (
        f'{{"v":1,"event_id":"e{number:012d}","event_ms":{event_ms},"person":"p{person:013x}",'
        f'"direction":"{way}","channel":"qr","purpose":"entry_exit","source":"gates",'
        f'"place_id":"{place}","temperature_c":{celsius}}}'
    ).encode()
