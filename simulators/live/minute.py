"""One minute of a live city: what arrives in it, a function of the seed and the minute alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.chance import generator
from simulators.check_ins import CHANNELS, DENIED, IN, NOT_MEASURED, OUT, PASS, PURPOSES, CheckIns
from simulators.live.popularity import Popularity
from simulators.live.rhythm import busyness, share_in
from simulators.numbers import scrambled

MINUTE_MS = 60_000
_SERIAL_BITS = 24
_CHANNEL_SHARES = (0.46, 0.21, 0.17, 0.12, 0.04)  # qr, face, door, phone, manual
_PURPOSE_SHARES = (0.93, 0.01, 0.02, 0.02, 0.02)
_SCREENED = np.array([0.5, 0.85, 0.0, 0.0, 0.9])  # share measured, by channel
_PASS_SHARE, _DENIED_SHARE = 0.05, 0.006
_FEVER_SHARE = 0.0015
_OFFLINE_SHARE = 0.002


@dataclass(frozen=True, slots=True)
class LiveCity:
    """What a minute is made from.

    `rate` is check-ins a second, the mean over a day. `is_home` says which places are gates and
    doors of where people live. `clock_ms` is local wall clock minus UTC, in milliseconds.
    """

    popularity: Popularity
    is_home: NDArray[np.bool_]
    residents_near: NDArray[np.int64]
    rate: float
    seed: int
    clock_ms: int

    def hour(self, minute_ms: int) -> float:
        """Give the local hour of a minute."""
        return (minute_ms + self.clock_ms) % 86_400_000 / 3_600_000


def minute_of_check_ins(city: LiveCity, minute_ms: int) -> CheckIns:
    """Give what arrives in `[minute_ms, minute_ms + 60 s)`, sorted by arrival."""
    chance = generator(city.seed, f"live/minute/{minute_ms // MINUTE_MS}")
    hour = city.hour(minute_ms)
    n = min(int(chance.poisson(city.rate * 60 * float(busyness(hour)))), 1 << _SERIAL_BITS)
    arrival_ms = minute_ms + np.sort(chance.integers(0, MINUTE_MS, n))
    place = _places(city.popularity.weights(minute_ms), chance, n)
    channel = chance.choice(len(CHANNELS), n, p=_CHANNEL_SHARES)
    person = _people(city, place, chance)
    number = (minute_ms // MINUTE_MS << _SERIAL_BITS) + np.arange(n)
    return CheckIns(
        event_ms=arrival_ms - _delays(chance, n),
        arrival_ms=arrival_ms,
        event_id=scrambled(number.astype(np.uint64), city.seed),
        person=scrambled(person, city.seed + 1),
        household=scrambled(person // np.uint64(3), city.seed + 2),
        place=place,
        direction=_directions(city.is_home[place], hour, chance),
        channel=channel.astype(np.uint8),
        purpose=chance.choice(len(PURPOSES), n, p=_PURPOSE_SHARES).astype(np.uint8),
        reason=np.zeros(n, dtype=np.uint8),
        temperature=_temperatures(channel, chance),
    )


def _places(weights: NDArray[np.float64], chance: np.random.Generator, n: int) -> NDArray[np.int32]:
    ends = np.cumsum(weights)
    drawn = np.searchsorted(ends, chance.uniform(0.0, ends[-1], n), side="right")
    return np.minimum(drawn, len(weights) - 1).astype(np.int32)


def _people(
    city: LiveCity, place: NDArray[np.int32], chance: np.random.Generator
) -> NDArray[np.uint64]:
    """Draw who passes: the regulars of a place, some of them much more often than others."""
    regulars = city.residents_near[place]
    rank = (regulars * chance.beta(0.7, 1.6, len(place))).astype(np.uint64)
    return place.astype(np.uint64) * np.uint64(1 << 20) + rank


def _directions(
    is_home: NDArray[np.bool_], hour: float, chance: np.random.Generator
) -> NDArray[np.uint8]:
    n = len(is_home)
    inward = np.where(is_home, float(share_in(hour, home=True)), float(share_in(hour, home=False)))
    direction = np.where(chance.random(n) < inward, IN, OUT)
    kind = chance.random(n)
    passing = ~is_home & (kind < _PASS_SHARE)
    direction = np.where(passing, PASS, direction)
    return np.where(kind > 1 - _DENIED_SHARE, DENIED, direction).astype(np.uint8)


def _temperatures(channel: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int16]:
    n = len(channel)
    measured = chance.random(n) < _SCREENED[channel]
    usual = np.clip(chance.normal(36.4, 0.27, n), 35.2, 37.2)
    fever = 37.3 + chance.exponential(0.55, n)
    degrees = np.where(chance.random(n) < _FEVER_SHARE, np.minimum(fever, 41.0), usual)
    return np.where(measured, np.rint(degrees * 10), NOT_MEASURED).astype(np.int16)


def _delays(chance: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Draw how long a check-in was under way: seconds, and hours where a gate was off line."""
    usual = chance.exponential(0.4, n)
    offline = chance.random(n) < _OFFLINE_SHARE
    held = chance.uniform(60.0, 3 * 3600.0, n)
    return (np.where(offline, held, usual) * 1000).astype(np.int64)
