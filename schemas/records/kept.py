"""What is kept of records that do not count: the bad ones and the late ones."""

from __future__ import annotations

import msgspec

from schemas.records.check_in import CheckIn
from schemas.records.fields import Count, Identifier, Instant, Version1


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One message that could not be used: its place on the bus, why, and the whole payload.

    `reason` names the field, its value and what was expected. `payload` is base64 on the
    wire; what looks like a name, phone or identity number in it is masked.
    """

    v: Version1 = 1
    topic: Identifier
    partition: Count
    offset: Count
    arrival_ms: Instant
    reason: str
    payload: bytes


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """One sound check-in that arrived more than the lateness after it happened."""

    v: Version1 = 1
    topic: Identifier
    partition: Count
    offset: Count
    arrival_ms: Instant
    delay_ms: Count
    record: CheckIn
