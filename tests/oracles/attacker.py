"""Attacker: works out what is withheld from sums that are shown, by exact linear algebra.

Every sum is a row over unknowns, with whole numbers as coefficients. What is asked is worked
out where it is a combination of the rows shown; arithmetic is modulo a large prime, so nothing
is rounded, and a combination is missed or made up with a chance of about one in a billion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PRIME = 2_147_483_647
Rows = NDArray[np.int64]


def worked_out(shown: Rows, asked: Rows) -> NDArray[np.bool_]:
    """Say which of the rows (q, n) asked are combinations of the rows (m, n) shown."""
    left, pivots = _echelon(shown % PRIME)
    rest = asked % PRIME
    for row, pivot in zip(left, pivots, strict=True):
        rest = (rest - rest[:, [pivot]] * row) % PRIME
    return ~rest.any(axis=1)


def _echelon(rows: Rows) -> tuple[Rows, list[int]]:
    """Bring rows to echelon form: each has a 1 where the others have a 0."""
    rows, pivots, at = rows.copy(), [], 0
    for column in range(rows.shape[1]):
        below = np.flatnonzero(rows[at:, column])
        if not len(below):
            continue
        rows[[at, at + below[0]]] = rows[[at + below[0], at]]
        rows[at] = rows[at] * pow(int(rows[at, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != at]
        rows[others] = (rows[others] - rows[others][:, [column]] * rows[at]) % PRIME
        pivots.append(column)
        at += 1
    return rows[:at], pivots
