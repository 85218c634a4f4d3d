"""Columns: the arrays every function of geo takes and gives, and their checks.

Two kinds of bad input are never treated alike:

- a bad *row* (NaN, infinite, negative count, nobody at risk) is data: it is left out of every
  sum and its own result is NaN, so one broken feed never stops a stream nor moves a neighbour;
- a bad *column* or *parameter* (wrong length, kernel width 0) is a bug of the caller and raises.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import ColumnError, ParameterError, ShapeError

Reals: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = NDArray[np.intp]
# scipy.sparse has no types; a (n, n) or (zones, n) csr_array whose row i holds the weights of i.
Weights: TypeAlias = Any


def reals(name: str, values: ArrayLike, ndim: int = 1) -> Reals:
    """Read values as a float64 array of `ndim` dimensions; ColumnError if it has others."""
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != ndim:
        raise ColumnError.shaped(name, column.shape, f"{ndim} dimension(s)")
    return column


def same_length(**columns: NDArray[Any]) -> int:
    """Give the common length of the columns; ShapeError names them if they differ."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ShapeError.of(**lengths)
    return next(iter(lengths.values()))


def positive(name: str, value: float) -> float:
    """Give back a parameter that must be finite and above 0; else ParameterError."""
    if not (np.isfinite(value) and value > 0):
        raise ParameterError.of(name, value, "a finite number above 0")
    return float(value)


def fraction(name: str, value: float) -> float:
    """Give back a parameter that must lie strictly between 0 and 1; else ParameterError."""
    if not 0 < value < 1:
        raise ParameterError.of(name, value, "a number between 0 and 1, both left out")
    return float(value)


def is_count(values: Reals) -> Flags:
    """Mark finite entries that are not negative."""
    return np.asarray(np.isfinite(values) & (values >= 0), dtype=np.bool_)


def is_at_risk(cases: Reals, people: Reals) -> Flags:
    """Mark rows with a usable number of cases and somebody at risk."""
    return np.asarray(is_count(cases) & np.isfinite(people) & (people > 0), dtype=np.bool_)


def ratio(above: Reals, below: Reals) -> Reals:
    """Divide; NaN, without a warning, where the lower term is not above 0."""
    out = np.full(np.broadcast(above, below).shape, np.nan)
    return np.divide(above, below, out=out, where=np.asarray(below) > 0)
