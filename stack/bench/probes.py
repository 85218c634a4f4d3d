"""Probes: single check-ins at places that nothing else passes, followed through the bus."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

import h3
import msgspec
import numpy as np
from confluent_kafka import OFFSET_END, Consumer, KafkaError, Message, Producer, TopicPartition

from geo.gazetteer import Gazetteer
from schemas.broker import Broker
from schemas.codec import encode
from schemas.records.check_in import CheckIn
from schemas.topics import CHECKINS, PLACE_MINUTES
from stack.errors import StackError

RINGS = 6
LOOK_S = 0.02
AT_ONCE = 2_000
FLUSH_S = 10.0


def now_ms() -> int:
    """Read the machine's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A place for probes, and its cell of resolution 9."""

    place_id: str
    cell: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Where probing happens: the page's middle, the targets, and what is left to them alone.

    `quiet` are cells of resolution 8. Within one, no neighbour that has just begun to count can
    make the war room withhold a target's count.
    """

    centre: str
    quiet: tuple[int, ...]
    targets: tuple[Target, ...]


def ground_of(gazetteer: Gazetteer, n: int) -> Ground:
    """Take every second cell of resolution 8 around where places lie densest, and its cells.

    Raises
    ------
    StackError
        There are fewer than `n` cells of resolution 9 for it.
    """
    coarse, fine = gazetteer.cells[:, -2], gazetteer.cells[:, -1]
    centre, near = densest(set(fine.tolist()))
    quiet = np.unique(coarse[np.isin(fine, np.array(sorted(near), dtype=np.uint64))])[::2]
    is_quiet = np.isin(coarse, quiet)
    shared = set(fine[~is_quiet].tolist())
    place_of: dict[int, str] = {}
    for row in np.flatnonzero(is_quiet).tolist():
        cell = int(fine[row])
        if cell in near and cell not in shared:
            place_of.setdefault(cell, gazetteer.place_id[row])
    if len(place_of) < n:
        raise StackError(f"cells={n}: expected at most {len(place_of)}, as many as the page shows")
    targets = [Target(place_of[cell], cell) for cell in sorted(place_of)[:n]]
    return Ground(centre, tuple(quiet.tolist()), tuple(targets))


def densest(occupied: set[int]) -> tuple[str, set[int]]:
    """Give the cell with the most occupied cells around it, and those."""
    around = {cell: occupied.intersection(_disk(cell)) for cell in sorted(occupied)}
    centre = max(around, key=lambda cell: len(around[cell]))
    return h3.int_to_str(centre), around[centre]


def _disk(cell: int) -> map[int]:
    return map(h3.str_to_int, h3.grid_disk(h3.int_to_str(cell), RINGS))


@dataclass(slots=True)
class Probe:
    """When one probe was where, in ms of the machine's clock; 0 where it was not seen."""

    target: Target
    sent_ms: int
    acknowledged_ms: int = 0
    readable_ms: int = 0
    framed_ms: int = 0
    painted_ms: int = 0


@dataclass
class Prober:
    """Sends check-ins at targets, and notes when the broker has them."""

    broker: Broker
    sent: int = 0
    failed: list[KafkaError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._producer = Producer({**self.broker.client(), "linger.ms": 0, "log_level": 2})

    def send(self, target: Target, times: int) -> None:
        """Send check-ins that only raise a count."""
        for _ in range(times):
            self._produce(target, now_ms(), Probe(target, 0))
        self._flush()

    def probe(self, target: Target, slices: Slices) -> Probe:
        """Send one check-in that is followed."""
        sent_ms = now_ms()
        probe = Probe(target, sent_ms)
        slices.follow(probe)
        self._produce(target, sent_ms, probe)
        self._flush()
        return probe

    def _produce(self, target: Target, at_ms: int, probe: Probe) -> None:
        def on_delivery(error: KafkaError | None, _: Message) -> None:
            probe.acknowledged_ms = now_ms()
            if error is not None:
                self.failed.append(error)

        self.sent += 1
        payload = encode(check_in(target.place_id, self.sent, at_ms))
        self._producer.produce(
            CHECKINS.name, payload, target.place_id, timestamp=at_ms, on_delivery=on_delivery
        )

    def _flush(self) -> None:
        if self._producer.flush(FLUSH_S) or self.failed:
            raise StackError(f"the broker did not take a probe: {self.failed or 'no answer'}")


def check_in(place_id: str, number: int, at_ms: int) -> CheckIn:
    """Give a check-in that happens now; all in one direction, so that none of it is withheld."""
    return CheckIn(
        v=1, event_id=f"probe{number:08d}", event_ms=at_ms, person=f"p{number:013x}",
        direction="in", channel="qr", purpose="entry_exit", source="probes", place_id=place_id,
    )  # fmt: skip


class _Slice(msgspec.Struct):
    """What of a slice tells a probe's own."""

    arrival_ms: int


class Slices:
    """Reads slices as they appear, in a thread, and notes when those of probes can be read.

    A slice carries the newest arrival in it: at a place of its own, that of the probe.
    """

    def __init__(self, broker: Broker) -> None:
        self._consumer = Consumer(
            {**broker.client(), "group.id": "bench-slices", "enable.auto.commit": False,
             "fetch.wait.max.ms": 20, "isolation.level": "read_uncommitted", "log_level": 2}
        )  # fmt: skip
        self._followed: dict[str, Probe] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Slices:
        """Start at the end of the log."""
        partitions = range(PLACE_MINUTES.partitions)
        self._consumer.assign(
            [TopicPartition(PLACE_MINUTES.name, p, OFFSET_END) for p in partitions]
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Let go of the log."""
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def follow(self, probe: Probe) -> None:
        """Wait for the slice of a probe, the newest one of its place."""
        self._followed[probe.target.place_id] = probe

    def _read(self) -> None:
        while not self._ended.is_set():
            messages = self._consumer.consume(AT_ONCE, LOOK_S)
            note(self._followed, messages, now_ms())


def note(followed: dict[str, Probe], messages: Sequence[Message], seen_ms: int) -> None:
    """Note of which probes the slices have come."""
    for message in messages:
        key, value = message.key(), message.value()
        if message.error() is not None or not key or not value:
            continue
        probe = followed.get(key.decode().partition("|")[0])
        if probe is None:
            continue
        if msgspec.json.decode(value, type=_Slice).arrival_ms >= probe.sent_ms:
            probe.readable_ms = probe.readable_ms or seen_ms
