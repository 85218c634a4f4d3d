"""Classes: fixed, named, versioned breaks, so that today's red is yesterday's red.

A break is the least value of the next class up. A cell of resolution 8 holds about seven
of resolution 9; the breaks grow by less, because busy cells lie beside quiet ones.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

NAME: Final = "passages-v1"
VERSION: Final = 1

COUNTS: Final = MappingProxyType(
    {
        9: {
            1: (5, 10, 20, 40, 80, 160),
            15: (10, 25, 60, 150, 400, 900),
            60: (25, 75, 200, 500, 1200, 3000),
        },
        8: {
            1: (10, 25, 60, 120, 240, 480),
            15: (25, 75, 200, 500, 1200, 3000),
            60: (75, 250, 700, 1800, 4500, 10000),
        },
        7: {
            1: (25, 75, 200, 400, 800, 1600),
            15: (100, 300, 800, 2000, 5000, 12000),
            60: (300, 1000, 3000, 8000, 20000, 50000),
        },
    }
)
PER_KM2: Final = MappingProxyType(
    {
        1: (50, 100, 200, 400, 800, 1600),
        15: (100, 250, 600, 1500, 4000, 9000),
        60: (250, 750, 2000, 5000, 12000, 30000),
    }
)
CHANGE: Final = (-60, -30, -10, 10, 30, 60)


def breaks() -> dict[str, Any]:
    """Give all breaks as the page reads them."""
    return {
        "name": NAME,
        "version": VERSION,
        "counts": {
            str(res): {str(minutes): list(six) for minutes, six in windows.items()}
            for res, windows in sorted(COUNTS.items())
        },
        "per_km2": {str(minutes): list(six) for minutes, six in PER_KM2.items()},
        "change": list(CHANGE),
    }
