"""How far a job has read: the clock and the accounts of every result."""

from __future__ import annotations

import msgspec

from schemas.records.fields import Count, Identifier, Instant, Version1


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts of one input partition since `first_offset`; full values, keyed by partition.

    `read = accepted + rejected + late` holds in every record. A duplicate is accepted and
    counts nothing. `arrival_ms` is the newest arrival read, `offset` the last one.
    """

    v: Version1 = 1
    topic: Identifier
    partition: Count
    first_offset: Count
    offset: Count
    read: Count
    accepted: Count
    rejected: Count
    late: Count
    arrival_ms: Instant

    @property
    def skipped(self) -> int:
        """Give how many offsets between the first and the last held no message.

        The broker had deleted it before it was read, or the offset marks a transaction.
        """
        return max(0, self.offset - self.first_offset + 1 - self.read)
