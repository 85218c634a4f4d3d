"""Days: the city's local days and nights, and the sums of slices that are kept for each.

A *day* is local, midnight to midnight, numbered as `date.toordinal` does. A *night* begins at
03:30 local: from then on ins less outs say who is present; it has the number of its day.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jobs.steps.picture.ground import Ground

QUARTER_MS = 900_000  # time zones differ by whole quarters of an hour
NIGHT = timedelta(hours=3, minutes=30)
BY_CELL = 3


@dataclass(frozen=True)
class Calendar:
    """Local days of one time zone."""

    timezone: str

    def day_of(self, instant_ms: int) -> int:
        """Give the number of the local day that holds an instant."""
        return _day(self.timezone, instant_ms // QUARTER_MS)

    def night_of(self, instant_ms: int) -> int:
        """Give the number of the night that holds an instant: that of the last 03:30 local."""
        return _night(self.timezone, instant_ms // QUARTER_MS)

    def elapsed(self, instant_ms: int) -> float:
        """Give the share of an instant's local day that is over, in whole quarters of an hour."""
        return _elapsed(self.timezone, instant_ms // QUARTER_MS)


def text_of(day: int) -> str:
    """Write a day as YYYY-MM-DD."""
    return date.fromordinal(day).isoformat()


@lru_cache(maxsize=100_000)
def _day(timezone: str, quarter: int) -> int:
    instant = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, _zone(timezone))
    return instant.date().toordinal()


@lru_cache(maxsize=100_000)
def _night(timezone: str, quarter: int) -> int:
    local = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, _zone(timezone))
    return (local.replace(tzinfo=None) - NIGHT).date().toordinal()


@lru_cache(maxsize=1_000)
def _elapsed(timezone: str, quarter: int) -> float:
    local = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, _zone(timezone))
    begin = local.replace(hour=0, minute=0)
    end = begin + timedelta(days=1)  # the next local midnight, be the day 23, 24 or 25 hours long
    return (quarter * QUARTER_MS / 1000 - begin.timestamp()) / (end.timestamp() - begin.timestamp())


@lru_cache(maxsize=16)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)


@dataclass
class DaySums:
    """Sums of one day: by coarse cell, by smallest area, and the night's by fine cell.

    `cells` (n, 3): passages, screened, feverish. `fever` (a,): feverish by smallest area.
    `night` (f, 3) of the night that begins on this day: ins less outs, ins and outs together,
    and 1 where there was a slice; grows with the fine cells.
    """

    cells: NDArray[np.int64]
    fever: NDArray[np.int64]
    night: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))

    @property
    def met(self) -> NDArray[np.bool_]:
        """Mark the fine cells that had a slice this night."""
        return np.asarray(self.night[:, 2] > 0)

    @classmethod
    def empty(cls, ground: Ground) -> DaySums:
        """Start with nothing."""
        n, areas = len(ground.cells), len(ground.gazetteer.area_id)
        return cls(np.zeros((n, BY_CELL), dtype=np.int64), np.zeros(areas, dtype=np.int64))

    def add(self, columns: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
        """Add what slices of this day grew by; `columns` are their places', see `Places`."""
        moved = counts[:, :3].sum(axis=1)
        inside = columns[:, 1] >= 0
        parts = np.stack([moved, counts[:, 3], counts[:, 4]], axis=1)[inside]
        np.add.at(self.cells, columns[inside, 1], parts)
        np.add.at(self.fever, columns[:, 2], counts[:, 4])

    def add_night(self, fine: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
        """Add what slices of this night grew by."""
        cells = max(len(self.night), int(fine.max(initial=-1)) + 1)
        grown = np.zeros((cells, 3), dtype=np.int64)
        grown[: len(self.night)] = self.night
        np.add.at(grown[:, 0], fine, counts[:, 0] - counts[:, 1])
        np.add.at(grown[:, 1], fine, counts[:, 0] + counts[:, 1])
        grown[fine, 2] = 1
        self.night = grown

    def packed(self) -> bytes:
        """Write it down small."""
        parts = (self.cells, self.fever, self.night)
        head = np.array([len(part) for part in parts], dtype="<i8")
        flat = [part.astype("<i8").ravel() for part in parts]
        return zlib.compress(np.concatenate([head, *flat]).tobytes(), 1)

    @classmethod
    def unpacked(cls, packed: bytes) -> DaySums:
        """Read what `packed` wrote."""
        flat = np.frombuffer(zlib.decompress(packed), dtype="<i8").astype(np.int64)
        n, areas, _ = flat[:3].tolist()
        ends = 3 + BY_CELL * n, 3 + BY_CELL * n + areas
        return cls(
            flat[3 : ends[0]].reshape(n, BY_CELL).copy(),
            flat[ends[0] : ends[1]].copy(),
            flat[ends[1] :].reshape(-1, 3).copy(),
        )
