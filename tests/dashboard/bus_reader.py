"""Reads a source of the bus in memory, look by look."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dashboard.hub.kafka import KafkaSource
from dashboard.hub.source import Batch
from schemas.broker import Broker

LOOKS = 5_000


class BusReader:
    """Reads a source and keeps what it gave."""

    def __init__(self) -> None:
        self.source = KafkaSource(Broker("nowhere:1"))
        self.batches: Iterator[Batch] = self.source.batches()
        self.slices: list[bytes | None] = []
        self.progress: list[bytes | None] = []
        self.picture: list[bytes | None] = []
        self.rejected: list[bytes | None] = []
        self.cases: list[tuple[int, int, bytes | None]] = []
        self.ends: dict[int, int] = {}
        self.fresh_starts = 0

    def read(self, until: Callable[[Batch], bool]) -> Batch:
        """Look until something holds; a bus that stays silent is found out."""
        for _ in range(LOOKS):
            batch = next(self.batches)
            if batch.anew:  # as the hub does: nothing of before holds
                self.fresh_starts += 1
                for kept in (self.slices, self.progress, self.picture, self.rejected, self.cases):
                    kept.clear()
                self.ends.clear()
            self.slices += batch.slices
            self.progress += batch.progress
            self.cases += [(case.partition, case.offset, case.payload) for case in batch.cases]
            self.picture += [one for some in batch.picture.values() for one in some]
            self.rejected += batch.rejected
            self.ends |= batch.ends
            if until(batch):
                return batch
        raise AssertionError(f"not so after {LOOKS} looks")


def is_idle(batch: Batch) -> bool:
    """Say whether all is read and nothing came."""
    news = batch.slices or batch.progress or batch.cases or batch.trouble
    return batch.caught_up and not news
