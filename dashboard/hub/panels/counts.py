"""Counts as the page reads them: a number, `"<k"` where withheld, None where unknown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Count = int | str | None
MOST_PERCENT = 9999


def count(value: int, hidden: bool, k: int) -> Count:
    """Give one count, or `"<k"` in its place."""
    return f"<{k}" if hidden else int(value)


def counts(values: NDArray[np.int64], hidden: NDArray[np.bool_], k: int) -> list[Count]:
    """Give many counts."""
    return [count(v, h, k) for v, h in zip(values.tolist(), hidden.tolist(), strict=True)]


def change(now: int, before: int, *, hidden: bool, known: bool) -> int | None:
    """Give the change in percent; None where a side is withheld or unknown, or was nothing."""
    if not known:
        return None
    if hidden or before == 0:
        return 0 if not hidden and now == 0 else None
    return min(MOST_PERCENT, round(100 * (now - before) / before))


def is_small(amount: float | None, k: float) -> bool:
    """Say whether a count is one of 1..k-1, or a part of one; an unknown one is not."""
    return amount is not None and 0 < amount < k


def small(values: Iterable[float], k: int) -> list[Count]:
    """Give counts of which none is part of another: what is below k is withheld, but 0.

    A part of one, as of a case that counts less than one, is withheld as well: it is not none.
    """
    return [count(round(v), is_small(v, k), k) for v in values]
