"""Orders of columns of whole numbers, found several times faster than `argsort` finds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def order_of(numbers: NDArray[np.signedinteger[Any]]) -> NDArray[np.int64]:
    """Give the rows in order of their numbers; rows of equal numbers keep their order.

    Notes
    -----
    NumPy sorts plain numbers with vector instructions, but not rows by their numbers. So each
    number and its row become one number of 64 bits; where that is too few, `argsort` sorts.
    """
    n = len(numbers)
    bits = n.bit_length()
    lowest, highest = (int(numbers.min()), int(numbers.max())) if n else (0, 0)
    if (highest - lowest) >> (62 - bits):
        return np.argsort(numbers, kind="stable")
    keys = numbers.astype(np.int64)
    keys -= lowest
    keys <<= bits
    keys |= np.arange(n)
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def order_of_pairs(first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give the rows in order of one number and, where that is equal, of another.

    Fast where the column is made of a few parts that are in order already.
    """
    return np.argsort((first.astype(np.int64) << 32) + second, kind="stable")
