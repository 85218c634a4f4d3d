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
    return np.random.default_rng([seed, _number(name)])


def key_of(seed: int, name: str) -> int:
    """Give the key of one named source of chance, for numbers drawn by hashing."""
    return (seed * 0x9E3779B97F4A7C15 + _number(name)) % 2**64


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
