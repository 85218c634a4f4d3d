"""The binary frames of the war room, version 1; docs/wire.md describes them for a reader.

All little-endian. Pure: arrays in, bytes out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

VERSION = 1
HEADER = struct.Struct("<BBHIddII")  # 32 bytes, so that typed arrays behind it are aligned
NO_DATA = 65535
WITHHELD = 65534
LARGEST = 65533
NO_CHANGE = 32768
LEAST_PERCENT, MOST_PERCENT = -100, 9999

CORRECTED = 1
SIMULATED = 2
STALE = 4

HAS_CORRECTED = 1

Values = NDArray[np.uint16]
Marks = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which layer a frame is about, its number in the sequence, and up to when it holds."""

    layer: int
    seq: int
    arrival_ms: float
    end_ms: float


class Kind(IntEnum):
    """First byte of a frame."""

    SNAPSHOT = 0
    DELTA = 1
    HEARTBEAT = 2
    TABLE = 16


def counts_to_values(
    counts: NDArray[np.int64], withheld: NDArray[np.bool_], known: NDArray[np.bool_]
) -> Values:
    """Write counts as the u16 of the wire: no data, withheld, or the count clipped to 65533."""
    values = np.minimum(counts, LARGEST).astype(np.uint16)
    values[withheld] = WITHHELD
    values[~known] = NO_DATA
    return values


def changes_to_values(
    now: NDArray[np.int64],
    before: NDArray[np.int64],
    withheld: NDArray[np.bool_],
    known: NDArray[np.bool_],
) -> Values:
    """Write the change of `now` against `before` as 32768 + whole percent, cut to -100..9999.

    Nothing before and something now has no percentage: no data. Nothing at both: no change.
    """
    percent = np.rint(100.0 * (now - before) / np.maximum(before, 1))
    percent = np.clip(percent, LEAST_PERCENT, MOST_PERCENT)
    values: Values = (percent + NO_CHANGE).astype(np.uint16)
    values[~known | ((before == 0) & (now > 0))] = NO_DATA
    values[withheld] = WITHHELD
    values[~known] = NO_DATA
    return values


def _header(kind: Kind, stamp: Stamp, n: int = 0, flags: int = 0) -> bytes:
    seq = stamp.seq & 0xFFFFFFFF
    return HEADER.pack(kind, VERSION, stamp.layer, seq, stamp.arrival_ms, stamp.end_ms, n, flags)


def _flags(marks: Marks) -> int:
    return HAS_CORRECTED if bool((marks & CORRECTED).any()) else 0


def snapshot(stamp: Stamp, values: Values, marks: Marks) -> bytes:
    """Encode every cell's value and mark."""
    head = _header(Kind.SNAPSHOT, stamp, len(values), _flags(marks))
    return b"".join((head, values.astype("<u2").tobytes(), marks.tobytes()))


def delta(stamp: Stamp, index: NDArray[np.int64], values: Values, marks: Marks) -> bytes:
    """Encode the cells at `index`; `values` and `marks` are theirs."""
    head = _header(Kind.DELTA, stamp, len(index), _flags(marks))
    columns = (index.astype("<u4"), values.astype("<u2"), marks)
    return b"".join((head, *(column.tobytes() for column in columns)))


def heartbeat(stamp: Stamp) -> bytes:
    """Encode "nothing changed, and I am here"; `seq` is that of the last change."""
    return _header(Kind.HEARTBEAT, stamp)


def is_delta_smaller(n_changed: int, n_cells: int) -> bool:
    """Say whether seven bytes a changed cell are fewer than three bytes every cell."""
    return 7 * n_changed < 3 * n_cells


def table(
    res: int,
    digest: bytes,
    cells: NDArray[np.uint64],
    area_km2: NDArray[np.float32],
    corners: NDArray[np.float32],
) -> bytes:
    """Encode a cell table: 32-byte header, u64 cells, f32 areas, f32 (lng, lat) x 6 corners."""
    head = struct.pack("<BBHI8s16x", Kind.TABLE, VERSION, res, len(cells), digest)
    return b"".join(
        (
            head,
            cells.astype("<u8").tobytes(),
            area_km2.astype("<f4").tobytes(),
            corners.astype("<f4").tobytes(),
        )
    )
