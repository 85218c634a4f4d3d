"""Messages that are broken on purpose: malformed in many ways, or with a wrong datum."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.datum import wgs84_to_gcj02
from simulators.city.done import Done
from simulators.messages import Messages
from simulators.numbers import scrambled_one

Fields = dict[str, Any]
_PHONE_LIKE = "1" + "3" * 10


def _with(**changed: Any) -> Callable[[Fields], bytes]:
    return lambda fields: json.dumps(fields | changed, ensure_ascii=False).encode()


def _without(*names: str) -> Callable[[Fields], bytes]:
    return lambda fields: json.dumps({k: v for k, v in fields.items() if k not in names}).encode()


WAYS: Mapping[str, Callable[[Fields], bytes]] = {
    "not JSON": lambda fields: json.dumps(fields).encode()[:-7],
    "empty": lambda _fields: b"",
    "not UTF-8": lambda fields: json.dumps(fields).encode() + b"\xff",
    "nested": lambda _fields: b"[" * 1000 + b"]" * 1000,
    "no place": _without("place_id"),
    "unknown place": _with(place_id="nowhere-0000"),
    "latitude 95": _with(lat=95.0, lng=114.3),
    "text for a number": _with(event_ms="noon"),
    "direction up": _with(direction="up"),
    "temperature 370": _with(temperature_c=370.0),
    "unknown version": _with(v=9),
    "a phone number": _with(person=_PHONE_LIKE),
    "no direction": _without("direction"),
}
"""Each is refused by a reader, with the reason the name says."""


def broken(
    messages: Messages, done: NDArray[np.uint16], lat: NDArray[np.float64], lng: NDArray[np.float64]
) -> Messages:
    """Break the messages that are marked so; the way is chosen by the message's own id.

    Parameters
    ----------
    done : (n,) uint16
        Bits of `Done`, one a message.
    lat, lng : (n,) float64
        Where each message's place is; a wrong datum gives it in GCJ-02, without the place.
    """
    rows = np.flatnonzero(done & (Done.MALFORMED | Done.WRONG_DATUM))
    if not len(rows):
        return messages
    values = list(messages.values)
    east_lat, east_lng = wgs84_to_gcj02(lat[rows], lng[rows])
    ways = list(WAYS.values())
    for number, row in enumerate(rows.tolist()):
        fields = json.loads(values[row])
        if done[row] & Done.MALFORMED:
            values[row] = ways[way_of(messages.ids[row])](fields)
        else:
            moved = {
                "lat": round(float(east_lat[number]), 6),
                "lng": round(float(east_lng[number]), 6),
            }
            values[row] = _without("place_id")(fields | moved)
    return replace(messages, values=values)


def way_of(event_id: str) -> int:
    """Give the row of `WAYS` in which a message of this id is broken."""
    return scrambled_one(int(event_id[1:], 16), 99) % len(WAYS)
