"""Messages: what a job gets from the bus, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.records.fields import LARGEST_MS

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Messages:
    """Some messages of one topic, in the order in which they were read.

    `arrival_ms` is the Kafka record timestamp, held inside 1970..2100: a timestamp beyond is
    a broken clock's, and as arrival it may only make its own record early or late.
    """

    payloads: Sequence[bytes | None]
    partition: NDArray[np.int32]
    offset: Longs
    arrival_ms: Longs

    @classmethod
    def of(
        cls, payloads: Sequence[bytes | None], partition: Longs, offset: Longs, arrival_ms: Longs
    ) -> Messages:
        """Give the columns their types and the arrivals their range."""
        return cls(
            payloads,
            partition.astype(np.int32),
            offset.astype(np.int64),
            np.clip(arrival_ms.astype(np.int64), 0, LARGEST_MS - 1),
        )

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[bytes | None, int, int, int]]) -> Messages:
        """Turn rows of (payload, partition, offset, arrival_ms) into columns."""
        kept = list(rows)
        numbers = np.array([row[1:] for row in kept], dtype=np.int64).reshape(-1, 3)
        return cls.of([row[0] for row in kept], numbers[:, 0], numbers[:, 1], numbers[:, 2])

    def __len__(self) -> int:
        return len(self.payloads)
