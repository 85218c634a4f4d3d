"""Dirt for a live stream, on request: resent, days late and malformed check-ins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulators.chance import generator
from simulators.check_ins import CheckIns, joined
from simulators.live.minute import MINUTE_MS
from simulators.messages import Messages

_LATE_MS = 30 * 3_600_000
_BROKEN = (
    b"",
    b"{",
    b"\xff\xfe{}",
    b'{"v":1}',
    b'{"v":9,"event_id":"x"}',
    b'["not","a","check-in"]',
)


def resent_and_late(rows: CheckIns, share: float, seed: int, minute_ms: int) -> CheckIns:
    """Send a share of a minute's check-ins again, and make another share thirty hours late.

    A check-in that is sent again keeps its event id and arrives later in the same minute.
    """
    if share == 0:
        return rows
    chance = generator(seed, f"live/dirt/{minute_ms // MINUTE_MS}")
    again = rows.take(np.flatnonzero(chance.random(len(rows)) < share))
    room_ms = minute_ms + MINUTE_MS - again.arrival_ms
    wait_ms = (chance.random(len(again)) * room_ms).astype(np.int64)
    again = replace(again, arrival_ms=again.arrival_ms + wait_ms)
    late = np.where(chance.random(len(rows)) < share, _LATE_MS, 0)
    return joined([replace(rows, event_ms=rows.event_ms - late), again]).by_arrival()


def with_malformed(messages: Messages, share: float, seed: int, minute_ms: int) -> Messages:
    """Break a share of a minute's messages, each in one of six ways."""
    if share == 0:
        return messages
    chance = generator(seed, f"live/malformed/{minute_ms // MINUTE_MS}")
    values = list(messages.values)
    for row in np.flatnonzero(chance.random(len(values)) < share):
        values[row] = _BROKEN[int(chance.integers(len(_BROKEN)))]
    return replace(messages, values=values)
