"""A load at a rate by the clock, from a process of its own: it must not slow down what measures.

`python -m stack.bench.paced BROKER CITY RATE SECONDS CELL...` sends the check-ins of
`stack.bench.load` as they are due, to all places of a city but those in the cells named.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import numpy as np
from confluent_kafka import Producer

from cities.pack import load
from geo.gazetteer import Gazetteer
from schemas.broker import Broker
from schemas.topics import CHECKINS
from stack.bench.load import Batch, Load, batches

TICK_S = 0.02
FULL_S = 0.1
STOP_S = 10.0


@contextmanager
def flowing(
    broker: Broker, city: str, rate: int, seconds: int, without: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Let a load flow while the block runs, for so many seconds at most."""
    words = (broker.bootstrap, city, str(rate), str(seconds), *map(str, without))
    process = subprocess.Popen([sys.executable, "-m", "stack.bench.paced", *words])
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        process.kill()


def places_without(gazetteer: Gazetteer, cells: Sequence[int]) -> list[str]:
    """Give the places of a city that are in none of these cells of resolution 8."""
    outside = ~np.isin(gazetteer.cells[:, -2], np.array(cells, dtype=np.uint64))
    places: list[str] = gazetteer.place_id[outside].tolist()
    return places


def send(broker: Broker, of: Load) -> None:
    """Send a load as it is due; a machine that cannot keep up sends as fast as it can."""
    producer = Producer(
        {**broker.client(), "linger.ms": 5, "compression.type": "lz4", "log_level": 2}
    )
    for batch in batches(of):
        send_batch(producer, batch)
    producer.flush()


def send_batch(producer: Producer, batch: Batch) -> None:
    """Send a batch, each record when its arrival has come; the timestamp is the clock's."""
    for start, stop in due_together(batch.arrival_ms, round(TICK_S * 1000)):
        time.sleep(max(0.0, batch.arrival_ms[stop - 1] / 1000 - time.time()))
        now_ms = time.time_ns() // 1_000_000
        for key, payload in zip(batch.keys[start:stop], batch.payloads[start:stop], strict=True):
            while True:
                with suppress(BufferError):
                    producer.produce(CHECKINS.name, payload, key, timestamp=now_ms)
                    break
                producer.poll(FULL_S)
        producer.poll(0)


def due_together(arrival_ms: Sequence[int], tick_ms: int) -> Iterator[tuple[int, int]]:
    """Cut arrivals, which ascend, into parts of the same tick."""
    ticks = np.asarray(arrival_ms) // tick_ms
    cuts = [0, *(np.flatnonzero(np.diff(ticks)) + 1).tolist(), len(ticks)]
    return itertools.pairwise(cuts)


def main(bootstrap: str, city: str, rate: str, seconds: str, *cells: str) -> None:
    """Send the load that the command line asks for."""
    places = places_without(load(city).gazetteer, [int(cell) for cell in cells])
    per_second = int(rate)
    now_ms = time.time_ns() // 1_000_000
    of = Load(places, per_second * int(seconds), per_second, start_ms=now_ms)
    send(Broker(bootstrap), of)


if __name__ == "__main__":
    main(*sys.argv[1:])
