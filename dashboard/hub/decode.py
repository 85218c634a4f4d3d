"""Decode: batches of messages of the result topics become columns, or are counted as bad."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dashboard.hub.ring import COLUMNS
from schemas.codec import decoder
from schemas.records import PlaceMinute
from schemas.records.slices import is_possible
from schemas.times import MINUTE_MS

R = TypeVar("R", bound=msgspec.Struct)

_MANY: Final = msgspec.json.Decoder(list[PlaceMinute])
_NUMBERS: Final = attrgetter("minute_ms", "arrival_ms", *COLUMNS)


@dataclass(frozen=True, slots=True)
class SliceColumns:
    """A batch of slices as columns, in the order of the messages; `n_bad` could not be read."""

    records: list[PlaceMinute]
    minutes: NDArray[np.int64]
    arrival_ms: NDArray[np.int64]
    counts: NDArray[np.int32]
    n_bad: int


def decode_slices(payloads: list[bytes | None]) -> SliceColumns:
    """Read place-minutes in one pass; only a batch with a bad message is read one by one."""
    records, n_bad = _read(payloads)
    sound = [record for record in records if is_possible(record)]
    table = np.array(list(map(_NUMBERS, sound)), dtype=np.int64).reshape(-1, 2 + len(COLUMNS))
    return SliceColumns(
        records=sound,
        minutes=table[:, 0] // MINUTE_MS,
        arrival_ms=table[:, 1],
        counts=table[:, 2:].astype(np.int32),
        n_bad=n_bad + len(records) - len(sound),
    )


def _read(payloads: list[bytes | None]) -> tuple[list[PlaceMinute], int]:
    try:
        return _MANY.decode(b"[" + b",".join(payloads) + b"]"), 0  # type: ignore[arg-type]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError):
        return decode_each(payloads, PlaceMinute)


def decode_each(payloads: list[bytes | None], record: type[R]) -> tuple[list[R], int]:
    """Read messages one by one; give the sound ones and how many were not."""
    read = decoder(record).decode
    found: list[R] = []
    for payload in payloads:
        try:
            found.append(read(payload or b""))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return found, len(payloads) - len(found)
