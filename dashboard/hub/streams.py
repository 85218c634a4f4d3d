"""Streams: one layer as a sequence of frames, the same bytes for every viewer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dashboard.hub import wire
from dashboard.hub.layers import Layer
from dashboard.hub.statistics.catalog import StatisticLayer

MODULUS = 1 << 32
TICK_MS = 200
AnyLayer = Layer | StatisticLayer


@dataclass(frozen=True)
class Shown:
    """What a layer shows at one tick, and up to when it holds."""

    arrival_ms: int
    end_ms: int
    values: wire.Values
    marks: wire.Marks


def nothing(n: int) -> Shown:
    """Show that nothing is known of `n` cells, and as of no time."""
    no_data = np.full(n, wire.NO_DATA, dtype=np.uint16)
    return Shown(0, 0, no_data, np.zeros(n, dtype=np.uint8))


@dataclass(frozen=True)
class Update:
    """One layer after one tick; `change` leads from `seq - 1` to `seq`, None if it did not."""

    layer: AnyLayer
    seq: int
    shown: Shown
    change: bytes | None = None

    @cached_property
    def stamp(self) -> wire.Stamp:
        """Give the head of this update's frames."""
        return wire.Stamp(self.layer.number, self.seq, self.shown.arrival_ms, self.shown.end_ms)

    @cached_property
    def snapshot(self) -> bytes:
        """Encode the whole layer as of `seq`; made once, for whoever needs it."""
        return wire.snapshot(self.stamp, self.shown.values, self.shown.marks)

    @cached_property
    def heartbeat(self) -> bytes:
        """Encode that nothing changed since `seq`."""
        return wire.heartbeat(self.stamp)


def first_update(layer: AnyLayer, shown: Shown) -> Update:
    """Start a layer that nobody looked at before.

    Its number comes from the data's clock, so that a viewer who comes back to another
    process is not taken for up to date.
    """
    return Update(layer, shown.arrival_ms // TICK_MS % MODULUS, shown)


def next_update(before: Update, shown: Shown) -> Update:
    """Follow a layer from one tick to the next."""
    was, now = before.shown, shown
    seq = (before.seq + 1) % MODULUS
    if len(now.values) == len(was.values):
        changed = np.flatnonzero((now.values != was.values) | (now.marks != was.marks))
        if len(changed) == 0:
            return Update(before.layer, before.seq, shown)
        if wire.is_delta_smaller(len(changed), len(now.values)):
            stamp = wire.Stamp(before.layer.number, seq, now.arrival_ms, now.end_ms)
            change = wire.delta(stamp, changed, now.values[changed], now.marks[changed])
            return Update(before.layer, seq, shown, change)
    whole = Update(before.layer, seq, shown)
    return Update(before.layer, seq, shown, whole.snapshot)
