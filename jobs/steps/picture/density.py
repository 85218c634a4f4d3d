"""Density of the picture: passages of a rolling window, smoothed, beside yesterday's, and present.

Occupancy is a recursion over closed nights: at 03:30 local half of who was left and half of who
lives there are present, then ins less outs add up. It is worked out from the nights' sums alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.cells import cell_areas_km2, cells_to_strings
from geo.columns import Reals
from geo.density import poisson_interval, smoothed_ratio
from geo.occupancy import balance, nightly_reset, shown_occupancy
from jobs.steps.picture.ground import FINE, Ground
from jobs.steps.picture.minutes import Minutes
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Fields, Said, numbers, table, whole
from schemas.times import DAY_MS, HOUR_MS, MINUTE_MS, minute_of

FORMULA = "density/2"
BEHIND_MS = MINUTE_MS
GAPS = 5
"""A partition is silent by chance for five of its mean gaps once in 150 times."""
WEEK_OF_NIGHTS = 7
SIMULATED = 5


@dataclass(frozen=True)
class Window:
    """A rolling window `[end - minutes, end)`; it ends with the minute of the newest arrival."""

    end_ms: int
    minutes: int

    @classmethod
    def at(cls, clock_ms: int, minutes: int) -> Window:
        """Give the window whose last minute holds an instant of the arrival clock."""
        return cls(minute_of(clock_ms) + MINUTE_MS, minutes)


def density(minutes: Minutes, settings: PictureSettings) -> Said:
    """Say how crowded every cell is that was ever met."""
    ground, statistics = minutes.ground, settings.statistics
    window = Window.at(minutes.newest_arrival_ms(), statistics.window_min)
    counts = minutes.window(window.end_ms, window.minutes)
    passages = counts[:, :3].sum(axis=1).astype(np.float64)
    met = np.flatnonzero(_met(minutes, len(passages)))
    cells = np.concatenate([ground.fine, np.array(list(minutes.places.extra), dtype=np.uint64)])[
        met
    ]
    smoothed = np.full(len(passages), np.nan)
    inside = len(ground.fine)
    smoothed[:inside] = smoothed_ratio(passages[:inside], ground.fine_km2, ground.fine_kernel)
    names = cells_to_strings(cells).tolist()
    columns: dict[str, list[Any]] = _columns(passages[met], cells, settings.smallest_count)
    columns |= _expected(minutes, window, passages, met)
    columns |= {
        "cell": names,
        "smoothed_per_km2": numbers(smoothed[met], 4),
        "occupancy": numbers(occupancy(minutes)[met], 5),
        "simulated": [bool(n) for n in counts[met, SIMULATED].tolist()],
    }
    shared: Fields = {
        "formula": FORMULA,
        "res": FINE,
        "window_min": window.minutes,
        "persons": None,
    }
    return table((f"{name}|{window.minutes}" for name in names), columns, shared)


def completeness(minutes: Minutes) -> float:
    """Give the share of the partitions met that are not behind the newest.

    A minute is behind in a busy city; a quiet one's partitions are often silent for longer, and
    miss nothing: there it is five times as long as a partition usually waits for its next slice.
    """
    newest = list(minutes.newest_ms.values())
    if not newest:
        return 0.0
    end = minute_of(max(newest)) + MINUTE_MS
    slices = sum(len(minutes.block(m).place) for m in range(end - HOUR_MS, end, MINUTE_MS))
    silence_ms = min(GAPS * HOUR_MS * len(newest) / max(slices, 1), HOUR_MS)
    behind_ms = max(silence_ms, BEHIND_MS)
    return sum(max(newest) - each <= behind_ms for each in newest) / len(newest)


def _columns(passages: Reals, cells: NDArray[np.uint64], smallest: int) -> dict[str, list[Any]]:
    area = cell_areas_km2(cells)
    lower, upper = poisson_interval(passages)
    return {
        "passages": whole(passages),
        "sample_size": passages.tolist(),
        "below_k": ((passages > 0) & (passages < smallest)).tolist(),
        "per_km2": numbers(passages / area),
        "per_km2_lo": numbers(lower / area),
        "per_km2_hi": numbers(upper / area),
    }


def _expected(
    minutes: Minutes, window: Window, passages: Reals, met: NDArray[np.intp]
) -> dict[str, list[float | None]]:
    """Give the same window's passages a day earlier; nothing where the log began since."""
    nothing: list[float | None] = [None] * len(met)
    end = window.end_ms - DAY_MS
    if minutes.first_ms is None or minutes.first_ms > end - window.minutes * MINUTE_MS:
        return {"expected": nothing, "ratio": nothing}
    before = minutes.window(end, window.minutes)[:, :3].sum(axis=1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(before > 0, passages / before, np.nan)
    return {"expected": numbers(before[met]), "ratio": numbers(ratio[met], 4)}


def _met(minutes: Minutes, cells: int) -> NDArray[np.bool_]:
    """Mark the cells where somebody passed on any day."""
    met = np.zeros(cells, dtype=np.bool_)
    for sums in minutes.days.values():
        met[: len(sums.met)] |= sums.met
    return met


def occupancy(minutes: Minutes) -> Reals:
    """Give who is present in each fine cell; NaN where nobody was seen going in or out.

    Nor where gates see one direction only: where ins and outs of the last closed nights differ by
    more than chance and a fifth. The night in which the log begins is left out, and what gates
    had kept of those before it: only a part of them is known.
    """
    cells = len(minutes.ground.fine) + len(minutes.places.extra)
    lives = _padded(minutes.ground, cells)
    present, moved = lives, np.zeros(cells, dtype=np.bool_)
    clock = minutes.calendar.night_of(minutes.newest_arrival_ms())
    nights = sorted(night for night in minutes.days if night <= clock)
    for night in range(nights[0], clock + 1) if nights else ():
        present = nightly_reset(present, lives)
        if night in minutes.days:
            sums = minutes.days[night].night
            present[: len(sums)] += sums[:, 0]
            moved[: len(sums)] |= sums[:, 1] > 0
        present = np.maximum(present, 0.0)
    begun = -1 if minutes.first_ms is None else minutes.calendar.night_of(minutes.first_ms)
    whole = [n for n in nights[1:] if max(begun + 1, clock - WEEK_OF_NIGHTS) <= n < clock]
    ins, outs = _in_and_out(minutes, whole)
    return np.where(moved, shown_occupancy(present, balance(ins, outs)), np.nan)


def _in_and_out(minutes: Minutes, nights: list[int]) -> tuple[Reals, Reals]:
    """Add up ins and outs of some nights by fine cell."""
    cells = len(minutes.ground.fine) + len(minutes.places.extra)
    total = np.zeros((2, cells))
    for night in nights:
        net, both = minutes.days[night].night[:, :2].T
        total[:, : len(net)] += (both + net) / 2, (both - net) / 2
    return total[0], total[1]


def _padded(ground: Ground, cells: int) -> Reals:
    lives = np.zeros(cells)
    lives[: len(ground.fine)] = ground.fine_people
    return lives
