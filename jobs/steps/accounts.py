"""Accounts: how many messages of each partition were read, accepted, rejected and late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.steps.messages import Longs, Messages
from jobs.steps.read import ACCEPTED, LATE, REJECTED


@dataclass(frozen=True, eq=False, slots=True)
class Accounts:
    """Accounts of the partitions met in one batch, one row each; merged by sum, min and max.

    `row` is the first message of the partition in the batch. `first_offset` and `offset` are
    the least and greatest read, `arrival_ms` the newest.
    """

    row: Longs
    partition: NDArray[np.int32]
    first_offset: Longs
    offset: Longs
    read: Longs
    accepted: Longs
    rejected: Longs
    late: Longs
    arrival_ms: Longs


def accounts_of(messages: Messages, verdict: NDArray[np.int8]) -> Accounts:
    """Count the verdicts of one batch by partition."""
    order = np.argsort(messages.partition, kind="stable")
    partition = messages.partition[order]
    starts = np.flatnonzero(np.concatenate([[True], partition[1:] != partition[:-1]]))
    if not len(order):
        starts = starts[:0]

    def counted(which: NDArray[np.bool_]) -> Longs:
        return np.add.reduceat(which[order].astype(np.int64), starts) if len(starts) else starts

    def ends(column: Longs, ufunc: np.ufunc) -> Longs:
        return ufunc.reduceat(column[order], starts) if len(starts) else starts

    return Accounts(
        row=order[starts],
        partition=partition[starts],
        first_offset=ends(messages.offset, np.minimum),
        offset=ends(messages.offset, np.maximum),
        read=counted(verdict >= 0),
        accepted=counted(verdict == ACCEPTED),
        rejected=counted(verdict == REJECTED),
        late=counted(verdict == LATE),
        arrival_ms=ends(messages.arrival_ms, np.maximum),
    )
