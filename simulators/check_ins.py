"""Check-ins as columns, and their JSON, made in columns too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from schemas.records import check_in
from schemas.topics import CHECKINS
from simulators.messages import Messages

DIRECTIONS: tuple[str, ...] = get_args(get_args(check_in.Direction)[0])
CHANNELS: tuple[str, ...] = get_args(get_args(check_in.Channel)[0])
PURPOSES: tuple[str, ...] = get_args(get_args(check_in.Purpose)[0])
REASONS = (
    "",
    "work",
    "school",
    "shopping",
    "clinic",
    "visit",
    "unregistered",
    "returned",
)
IN, OUT, PASS, DENIED = range(len(DIRECTIONS))
NOT_MEASURED = 0
_COLDEST, _HOTTEST = 250, 450


@dataclass(frozen=True, slots=True)
class CheckIns:
    """Columns of check-ins, all of one length.

    Attributes
    ----------
    event_ms, arrival_ms : (n,) int64
        When they happened by the device's clock, and when they enter the bus.
    event_id, person, household : (n,) uint64
        Numbers that become ids and pseudonyms in hexadecimal; household 0 is none.
    place : (n,) int32
        Row of the place.
    direction, channel, purpose, reason : (n,) uint8
        Rows of the lists above; reason 0 is none.
    temperature : (n,) int16
        Tenths of a degree Celsius in 250..450; 0 is not measured.
    """

    event_ms: NDArray[np.int64]
    arrival_ms: NDArray[np.int64]
    event_id: NDArray[np.uint64]
    person: NDArray[np.uint64]
    household: NDArray[np.uint64]
    place: NDArray[np.int32]
    direction: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    purpose: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    temperature: NDArray[np.int16]

    def __len__(self) -> int:
        """Count the check-ins."""
        return len(self.event_ms)

    def take(self, rows: NDArray[np.int64] | slice) -> CheckIns:
        """Give some rows, in the order asked for."""
        return CheckIns(*(getattr(self, field.name)[rows] for field in fields(self)))

    def by_arrival(self) -> CheckIns:
        """Sort by arrival; equal arrivals keep their order."""
        return self.take(np.argsort(self.arrival_ms, kind="stable"))


def joined(parts: Sequence[CheckIns]) -> CheckIns:
    """Put columns behind one another."""
    names = [field.name for field in fields(CheckIns)]
    return CheckIns(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Encoder:
    """Writes check-ins of one city's places as JSON; 2-3 M records a second and core.

    Made once a city: what a place, a direction or a temperature adds to the text is written
    beforehand, so that a record is nine pieces put together.
    """

    def __init__(self, place_id: Sequence[str], source: Sequence[str]) -> None:
        self._keys = pl.Series(place_id, dtype=pl.String)
        self._place = pl.Series(
            [
                f'","place_id":"{name}","device_id":"dev-{name}","source":"{origin}"'
                for name, origin in zip(place_id, source, strict=True)
            ],
            dtype=pl.String,
        )
        self._codes = pl.Series(
            [
                f',"direction":"{d}","channel":"{c}","purpose":"{p}"'
                for d in DIRECTIONS
                for c in CHANNELS
                for p in PURPOSES
            ]
        )
        self._reason = pl.Series([f',"reason":"{text}"}}' if text else "}" for text in REASONS])
        measured = [f',"temperature_c":{t / 10}' for t in range(_COLDEST, _HOTTEST + 1)]
        self._temperature = pl.Series(["", *measured])

    def messages(self, rows: CheckIns) -> Messages:
        """Give check-ins as messages, in their order; they should be sorted by arrival."""
        ids = _named("s", rows.event_id)
        return Messages(
            topic=CHECKINS.name,
            ids=ids.to_list(),
            keys=self._keys.gather(rows.place).to_list(),
            values=self.values(rows, ids).cast(pl.Binary).to_list(),
            arrival_ms=rows.arrival_ms,
        )

    def values(self, rows: CheckIns, ids: pl.Series | None = None) -> pl.Series:
        """Give check-ins as texts."""
        code = rows.direction.astype(np.int64) * len(CHANNELS) + rows.channel
        heat = np.where(rows.temperature == NOT_MEASURED, 0, rows.temperature - _COLDEST + 1)
        pieces = pl.DataFrame(
            {
                "id": _named("s", rows.event_id) if ids is None else ids,
                "at": rows.event_ms,
                "person": _named("p", rows.person),
                "household": _named('","household":"h', rows.household, empty_for_zero=True),
                "place": self._place.gather(rows.place),
                "code": self._codes.gather(code * len(PURPOSES) + rows.purpose),
                "temperature": self._temperature.gather(heat),
                "reason": self._reason.gather(rows.reason),
            }
        )
        return pieces.select(
            pl.concat_str(
                pl.lit('{"v":1,"event_id":"'),
                "id",
                pl.lit('","event_ms":'),
                "at",
                pl.lit(',"person":"'),
                *("person", "household", "place", "code", "temperature", "reason"),
            )
        ).to_series()


_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype="u2")


def _named(prefix: str, numbers: NDArray[np.uint64], *, empty_for_zero: bool = False) -> pl.Series:
    """Write numbers as a prefix and 16 hexadecimal digits."""
    digits = _HEX[numbers.astype(">u8").view(np.uint8).reshape(-1, 8)].tobytes()
    ends = np.arange(0, 16 * len(numbers) + 1, 16, dtype=np.int64)
    text = pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(digits))
    named = pl.DataFrame({"t": pl.from_arrow(text)}).select(prefix + pl.col("t")).to_series()
    return named.zip_with(pl.Series(numbers != 0), pl.Series([""])) if empty_for_zero else named
