"""Classes: fixed, named, versioned breaks, so that today's red is yesterday's red.

A break is the least value of the next class up. A cell of resolution 8 holds about seven
of resolution 9; the breaks grow by less, because busy cells lie beside quiet ones.

Each break is two to four times the one before, from about twice the smallest count that is
shown: a city that sends 30 passages a second uses five classes, one that sends 500 all seven.
Version 1 began higher, and showed the first of the two in two colours.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

NAME: Final = "passages-v2"
VERSION: Final = 2

COUNTS: Final = MappingProxyType(
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
PER_KM2: Final = MappingProxyType(
    {
        1: (10, 20, 50, 120, 300, 1000),
        15: (20, 50, 120, 300, 800, 3000),
        60: (50, 150, 400, 1000, 3000, 10000),
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
