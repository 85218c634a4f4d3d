"""Numbers that look random and are a function of what they name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SPREAD = 0x9E3779B97F4A7C15
_ALL = 2**64 - 1


def scrambled(numbers: NDArray[np.uint64], key: int = 0) -> NDArray[np.uint64]:
    """Scramble 64-bit numbers one to one: different numbers stay different.

    Notes
    -----
    The output function of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA), with a key added
    that is spread first: neighbouring keys must not give each other's numbers.
    It hides nothing from an attacker: simulated people need no secret.
    """
    with np.errstate(over="ignore"):
        z = numbers + np.uint64((key + 1) * _SPREAD % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def uniform(numbers: NDArray[np.uint64], key: int) -> NDArray[np.float64]:
    """Give a number in [0, 1) for each, that looks drawn; the upper 53 bits of it scrambled."""
    return (scrambled(numbers, key) >> np.uint64(11)) * 2.0**-53


def scrambled_one(number: int, key: int = 0) -> int:
    """Scramble a single number as `scrambled` does a column; forty times faster for one."""
    z = (number + (key + 1) * _SPREAD) & _ALL
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _ALL
    return z ^ (z >> 31)
