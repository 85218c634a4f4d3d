"""Chance is named: one generator a source of chance, so that sources never share draws."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, name: str) -> np.random.Generator:
    """Give the generator of one named source of chance.

    Two names never share draws, so adding a source leaves every other stream as it was.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or more.
    name : str
        What the draws are for, with whatever they are drawn anew for: "visits/2020-04-01".
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(digest, "big")])
