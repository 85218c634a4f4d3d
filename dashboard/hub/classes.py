"""Classes: fixed, named, versioned breaks, so that today's red is yesterday's red.

A break is the least value of the next class up. A cell of resolution 8 holds about seven
of resolution 9; the breaks grow by less, because busy cells lie beside quiet ones.

Each break is two to four times the one before, from about twice the smallest count that is
shown: a busy city that sends 30 passages a second uses five classes, one that sends 500 all
seven. A city of a few passages a minute says that it is quiet, and has breaks of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cities.settings import Busyness

Six = tuple[int, int, int, int, int, int]

_BUSY: Final = MappingProxyType(
    {
        9: {
            1: (5, 10, 20, 40, 80, 160),
            15: (8, 15, 30, 60, 150, 500),
            60: (20, 40, 80, 200, 500, 2000),
        },
        8: {
            1: (10, 20, 40, 80, 160, 400),
            15: (10, 20, 40, 80, 200, 800),
            60: (20, 60, 150, 400, 1000, 4000),
        },
        7: {
            1: (10, 25, 60, 150, 400, 1200),
            15: (30, 80, 200, 500, 1500, 6000),
            60: (100, 250, 700, 2000, 6000, 20000),
        },
    }
)
_BUSY_PER_KM2: Final = MappingProxyType(
    {
        1: (10, 20, 50, 120, 300, 1000),
        15: (20, 50, 120, 300, 800, 3000),
        60: (50, 150, 400, 1000, 3000, 10000),
    }
)
CHANGE: Final = (-60, -30, -10, 10, 30, 60)
_QUIET: Final = {
    9: {1: (6, 8, 12, 20, 40, 80), 15: (8, 12, 20, 40, 80, 200), 60: (8, 15, 30, 60, 120, 300)},
    8: {1: (6, 8, 12, 20, 40, 80), 15: (8, 15, 30, 60, 120, 300), 60: (8, 15, 30, 60, 120, 300)},
    7: {1: (8, 12, 20, 40, 80, 200), 15: (8, 15, 30, 60, 120, 300), 60: (8, 15, 30, 60, 150, 500)},
}
_QUIET_PER_KM2: Final = {
    1: (1, 2, 5, 10, 20, 50),
    15: (1, 2, 5, 10, 20, 50),
    60: (1, 2, 5, 15, 50, 150),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Breaks of counts by resolution and window, and of counts a km2 by window."""

    name: str
    version: int
    counts: Mapping[int, Mapping[int, Six]]
    per_km2: Mapping[int, Six]

    def breaks(self) -> dict[str, Any]:
        """Give all breaks as the page reads them."""
        return {
            "name": self.name,
            "version": self.version,
            "counts": {
                str(res): {str(minutes): list(six) for minutes, six in windows.items()}
                for res, windows in sorted(self.counts.items())
            },
            "per_km2": {str(minutes): list(six) for minutes, six in self.per_km2.items()},
            "change": list(CHANGE),
        }


BUSY: Final = Scale("passages-v2", 2, _BUSY, _BUSY_PER_KM2)
SCALES: Final[Mapping[Busyness, Scale]] = MappingProxyType(
    {"busy": BUSY, "quiet": Scale("passages-quiet-v1", 1, _QUIET, _QUIET_PER_KM2)}
)
