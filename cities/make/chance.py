"""Chance by name: each source of chance has its own generator."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, name: str) -> np.random.Generator:
    """Give the generator of one named source of chance.

    Two names never share draws, so adding a source leaves every other one as it was.
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "big")])
