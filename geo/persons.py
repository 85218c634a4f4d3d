"""Unique persons: exact where it is cheap, HyperLogLog above, and which of the two it was.

A person is the 64-bit hash of a pseudonym. A sketch is bytes: it can be kept as state and merged
in any order; merging a sketch with itself changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from datasketches import hll_sketch, hll_union, tgt_hll_type
from numpy.typing import ArrayLike, NDArray

from geo.columns import Counts, Flags, Reals, same_length
from geo.errors import ParameterError

EXACT_LIMIT = 20_000
LOG2_BUCKETS = 12


@dataclass(frozen=True, slots=True)
class UniquePersons:
    """Estimated persons of each row, an interval, and whether the count is exact."""

    persons: Reals
    lower: Reals
    upper: Reals
    exact: Flags


def exact_persons(row: ArrayLike, person: NDArray[np.uint64], rows: int) -> Counts:
    """Count different persons of each row; repeated readings of a person count once.

    Parameters
    ----------
    row : (n,) int
        Row (cell) of each reading, 0 .. rows - 1.
    person : (n,) uint64
        Hash of a pseudonym.
    rows : int
        Length of the result.
    """
    where = np.asarray(row, dtype=np.intp)
    same_length(row=where, person=person)
    order = np.lexsort((person, where))
    where, person = where[order], person[order]
    new = np.ones(len(where), dtype=bool)
    new[1:] = (where[1:] != where[:-1]) | (person[1:] != person[:-1])
    return np.bincount(where[new], minlength=rows).astype(np.int64)


def sketch_persons(person: NDArray[np.uint64], log2_buckets: int = LOG2_BUCKETS) -> bytes:
    """Sketch the persons of one row; about 2**log2_buckets bytes once it is full."""
    _check_size(log2_buckets)
    sketch = hll_sketch(log2_buckets, tgt_hll_type.HLL_8)
    for value in np.unique(person).view(np.int64).tolist():
        sketch.update(value)
    return bytes(sketch.serialize_updatable())


def merge_sketches(sketches: Iterable[bytes], log2_buckets: int = LOG2_BUCKETS) -> bytes:
    """Join sketches of the same persons or others; order and repetition do not matter."""
    _check_size(log2_buckets)
    union = hll_union(log2_buckets)
    for sketch in sketches:
        union.update(hll_sketch.deserialize(sketch))
    return bytes(union.get_result(tgt_hll_type.HLL_8).serialize_updatable())


def sketched_persons(sketches: Iterable[bytes], deviations: int = 2) -> UniquePersons:
    r"""Read estimates from sketches, with their bounds at 1, 2 or 3 standard deviations.

    Notes
    -----
    Relative standard error about :math:`1.04/\sqrt{2^k}`, 1.6 % at k = 12 (Flajolet et al.
    2007); the bounds are the library's own (Apache DataSketches), 95 % at two deviations.
    """
    if deviations not in {1, 2, 3}:
        raise ParameterError.of("deviations", deviations, "1, 2 or 3")
    read = [hll_sketch.deserialize(sketch) for sketch in sketches]
    return UniquePersons(
        np.array([s.get_estimate() for s in read], dtype=np.float64),
        np.array([s.get_lower_bound(deviations) for s in read], dtype=np.float64),
        np.array([s.get_upper_bound(deviations) for s in read], dtype=np.float64),
        np.zeros(len(read), dtype=bool),
    )


def unique_persons(
    row: ArrayLike, person: NDArray[np.uint64], rows: int, exact_limit: int = EXACT_LIMIT
) -> UniquePersons:
    """Count persons of each row exactly up to `exact_limit` readings, by sketch above it.

    Returns
    -------
    UniquePersons
        `rows` entries; `lower` and `upper` equal the count where it is exact.
    """
    where = np.asarray(row, dtype=np.intp)
    same_length(row=where, person=person)
    large = np.bincount(where, minlength=rows) > exact_limit
    small = ~large[where]
    persons = exact_persons(where[small], person[small], rows).astype(np.float64)
    lower, upper = persons.copy(), persons.copy()
    for big in np.flatnonzero(large):
        one = sketched_persons([sketch_persons(person[where == big])])
        persons[big], lower[big], upper[big] = one.persons[0], one.lower[0], one.upper[0]
    return UniquePersons(persons, lower, upper, ~large)


def _check_size(log2_buckets: int) -> None:
    if not 4 <= log2_buckets <= 21:
        raise ParameterError.of("log2_buckets", log2_buckets, "4..21")
