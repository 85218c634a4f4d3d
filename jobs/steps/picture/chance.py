"""Chance of the picture: named, so that the same data always draws the same."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(name: str, *numbers: int) -> np.random.Generator:
    """Give the generator of one named source of chance; two names never share draws."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.random.default_rng([int.from_bytes(digest, "big"), *numbers])
