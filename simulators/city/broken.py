"""Messages that are broken on purpose: malformed in many ways, odd, or with a wrong datum."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.datum import wgs84_to_gcj02
from schemas.times import DAY_MS, HOUR_MS
from simulators.city.done import Done
from simulators.messages import Messages
from simulators.numbers import scrambled_one

Fields = dict[str, Any]
_PHONE_LIKE = "1" + "3" * 10
_IDENTITY_LIKE = "420100" + "19000101" + "0000"
_MONTH_MS = 30 * DAY_MS + HOUR_MS


def _with(**changed: Any) -> Callable[[Fields], bytes]:
    return lambda fields: json.dumps(fields | changed, ensure_ascii=False).encode()


def _without(*names: str) -> Callable[[Fields], bytes]:
    return lambda fields: json.dumps({k: v for k, v in fields.items() if k not in names}).encode()


def _later(by_ms: int) -> Callable[[Fields], bytes]:
    return lambda fields: json.dumps(fields | {"event_ms": fields["event_ms"] + by_ms}).encode()


HUGE = "two megabytes"
WAYS: Mapping[str, Callable[[Fields], bytes]] = {
    "not JSON": lambda fields: json.dumps(fields).encode()[:-7],
    "empty": lambda _fields: b"",
    "not UTF-8": lambda fields: json.dumps(fields).encode() + b"\xff",
    "nested": lambda _fields: b"[" * 1000 + b"]" * 1000,
    "no place": _without("place_id"),
    "unknown place": _with(place_id="nowhere-0000"),
    "latitude 95": _with(lat=95.0, lng=114.3),
    "latitude NaN": _with(lat=float("nan"), lng=114.3),
    "infinite temperature": _with(temperature_c=float("inf")),
    "text for a number": _with(event_ms="noon"),
    "direction up": _with(direction="up"),
    "temperature 370": _with(temperature_c=370.0),
    "unknown version": _with(v=9),
    "a phone number": _with(person=_PHONE_LIKE),
    "an identity number": _with(person=_IDENTITY_LIKE),
    "a name": _with(person="\u5f20\u4e09"),
    "no direction": _without("direction"),
    "from the future": _later(_MONTH_MS),
    HUGE: _with(note="x" * 2_000_000),
}
"""Each is refused by a reader, with the reason the name says."""
ODD_WAYS: Mapping[str, Callable[[Fields], bytes]] = {
    "no key": _with(),
    "unknown field": _with(battery=0.4),
    "a month late": _later(-_MONTH_MS),
}
"""What is odd and no reason to refuse a record; what is a month late is kept and not counted."""
_USUAL = tuple(name for name in WAYS if name != HUGE)
_ODD = tuple(ODD_WAYS)
_ONE_HUGE_IN = 1024


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
    rows = np.flatnonzero(done & (Done.MALFORMED | Done.WRONG_DATUM | Done.ODD))
    if not len(rows):
        return messages
    keys, values = list(messages.keys), list(messages.values)
    east_lat, east_lng = wgs84_to_gcj02(lat[rows], lng[rows])
    for number, row in enumerate(rows.tolist()):
        fields, name = json.loads(values[row]), messages.ids[row]
        if done[row] & Done.MALFORMED:
            values[row] = WAYS[way_of(name)](fields)
        elif done[row] & Done.ODD:
            way = odd_way_of(name)
            values[row] = ODD_WAYS[way](fields)
            keys[row] = None if way == "no key" else keys[row]
        else:
            moved = {
                "lat": round(float(east_lat[number]), 6),
                "lng": round(float(east_lng[number]), 6),
            }
            values[row] = _without("place_id")(fields | moved)
    return replace(messages, keys=keys, values=values)


def way_of(event_id: str) -> str:
    """Say in which of `WAYS` a message of this id is broken; huge ones are few."""
    drawn = scrambled_one(int(event_id[1:], 16), 99)
    rare, usual = drawn % _ONE_HUGE_IN, drawn // _ONE_HUGE_IN
    return HUGE if rare == 0 else _USUAL[usual % len(_USUAL)]


def odd_way_of(event_id: str) -> str:
    """Say in which of `ODD_WAYS` a message of this id is odd."""
    return _ODD[scrambled_one(int(event_id[1:], 16), 98) % len(_ODD)]
