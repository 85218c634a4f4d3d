"""Outings as passages: every gate, door, station and checkpoint that somebody goes through.

door out, gate out | station pass, checkpoint pass | place in ... place out | gate in, door in

Somebody at work may go out for a while halfway; who drives is out between two checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from schemas.records.check_in import FEVER_C
from simulators.check_ins import CHANNELS, DENIED, IN, NOT_MEASURED, OUT, PASS, PURPOSES
from simulators.city.ground import Ground
from simulators.city.outings import (
    DRIVE,
    FRIEND,
    RETURN,
    ROUND,
    SCHOOL,
    SHOPPING,
    STRANGER,
    TREATMENT,
    WORK,
    Outings,
)
from simulators.city.people import DISINFECTOR, KEY_PERSON
from simulators.city.town import CHECKPOINT, CLINIC, DOOR, GATE, STATION, Rows, Town
from simulators.sorting import order_of

ONE_MINUTE_MS = 60_000
_LONG_MS = 5 * 60 * ONE_MINUTE_MS
_TAKES_A_BREAK = 0.75
_READY_MS = 8 * ONE_MINUTE_MS
_MOST_CHECKPOINTS = 30
_BETWEEN_CHECKPOINTS_MS = 30 * ONE_MINUTE_MS
_RIDE_KM = 2.5
_SEEN_AT_CHECKPOINT = 0.5
# Shares of qr, face, door, phone, manual at each part of the town.
_CHANNEL_SHARES = {
    GATE: (0.48, 0.30, 0.0, 0.06, 0.16),
    DOOR: (0.0, 0.0, 1.0, 0.0, 0.0),
    CLINIC: (0.55, 0.15, 0.0, 0.0, 0.30),
    CHECKPOINT: (0.40, 0.10, 0.0, 0.20, 0.30),
    STATION: (0.45, 0.40, 0.0, 0.15, 0.0),
}
_ELSEWHERE = (0.80, 0.05, 0.0, 0.12, 0.03)
_MEASURED = np.array([0.45, 0.85, 0.0, 0.0, 0.92], dtype=np.float32)
_REASONED = {
    WORK: 1,
    SCHOOL: 2,
    SHOPPING: 3,
    TREATMENT: 4,
    FRIEND: 5,
    STRANGER: 6,
    DRIVE: 1,
    RETURN: 7,
}
_REASON = np.zeros(10, dtype=np.uint8)
_REASON[list(_REASONED)] = list(_REASONED.values())
_TELLS_REASON = 0.3


@dataclass(frozen=True, slots=True)
class Passages:
    """Columns of true passages; `at` is milliseconds since the day's local midnight.

    `number` names a passage among those of its day: it stays the same whatever else happens.
    `temperature` is in tenths of a degree, as a perfect thermometer shows it; 0 is not measured.
    """

    number: NDArray[np.int64]
    person: Rows
    place: Rows
    at: Rows
    direction: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    purpose: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    temperature: NDArray[np.int16]

    def __len__(self) -> int:
        """Count the passages."""
        return len(self.person)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Passages:
        """Give some rows, in the order asked for."""
        return Passages(*(getattr(self, field.name)[rows] for field in fields(self)))


def joined(parts: list[Passages]) -> Passages:
    """Put passages behind one another."""
    names = [field.name for field in fields(Passages)]
    return Passages(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def in_order_of_time(found: Passages) -> Passages:
    """Sort by time; what happens in the same millisecond keeps its order."""
    return found.take(order_of(found.at))


def passages_of(
    ground: Ground,
    outings: Outings,
    febrile: NDArray[np.bool_],
    chance: np.random.Generator,
    happens: NDArray[np.bool_] | None = None,
    *,
    extra: bool = False,
) -> Passages:
    """Give every passage of some outings, in no particular order.

    Parameters
    ----------
    outings : Outings
        Sorted by person.
    febrile : (n,) bool
        Who of all people has a fever today.
    happens : (m,) bool
        Which of the outings happen; chance is drawn for all of them, so that one that does not
        happen leaves the others as they were. All of them, where it is None.
    extra : bool
        Of outings that come on top of the usual ones of the same people.
    """
    rows, place, at, direction, step = _moves(ground, outings, chance)
    person = outings.person[rows]
    channel = _channels(ground.town.part[place], chance.random(len(rows), dtype=np.float32))
    told = chance.random(len(rows), dtype=np.float32) < _TELLS_REASON
    told |= outings.kind[rows] == RETURN
    found = Passages(
        number=_numbers(outings.person, extra=extra)[rows] + step,
        person=person,
        place=place,
        at=at,
        direction=direction,
        channel=channel,
        purpose=_purposes(ground.people.role[person], outings.kind[rows]),
        reason=np.where(told, _REASON[outings.kind[rows]], 0).astype(np.uint8),
        temperature=_temperatures(channel, febrile[person], chance),
    )
    return found if happens is None or happens.all() else found.take(happens[rows])


NUMBER_BITS = 41
"""Bits of `number`: 24 of the person, 7 of the outing, 1 whether extra, 8 of the step, 1 below."""
OF_THE_DAY_BEFORE = 1 << 40
_STEP_BITS, _OUTING_BITS = 8, 7


def _numbers(person: Rows, *, extra: bool) -> NDArray[np.int64]:
    """Give each outing a number: its person's, its order among theirs, and bits for its steps."""
    nth = np.arange(len(person)) - np.searchsorted(person, person)
    number = person.astype(np.int64) << (_OUTING_BITS + 1) | (nth << 1) | int(extra)
    return np.asarray(number << _STEP_BITS)


Move = tuple[NDArray[np.int64], Rows, Rows, int]
Moves = tuple[NDArray[np.int64], Rows, Rows, NDArray[np.uint8], NDArray[np.int64]]


def _moves(ground: Ground, outings: Outings, chance: np.random.Generator) -> Moves:
    town = ground.town
    n = len(outings)
    everyone = np.arange(n)
    came = outings.kind == RETURN
    leaves, returns = np.flatnonzero(~came), np.flatnonzero(came)
    inside = np.flatnonzero(~outings.denied & ~came)
    home = ground.people.home[outings.person]
    out_by, in_by = (_gate_taken(town, home, chance) for _ in range(2))
    door = town.door[home]
    behind, behind_out = np.flatnonzero(door >= 0), np.flatnonzero((door >= 0) & ~came)
    wait = chance.integers(20_000, 150_000, (2, n), dtype=np.int32)
    parts = [
        (behind_out, door[behind_out], (outings.leave - wait[0])[behind_out], OUT),
        (leaves, out_by, outings.leave, OUT),
        (returns, outings.place, outings.arrive, PASS),
        *_on_the_way(town, outings, home, chance),
        (np.flatnonzero(outings.denied), outings.place, outings.arrive, DENIED),
        (inside, outings.place, outings.arrive, IN),
        *_breaks(outings, chance),
        (inside, outings.place, outings.depart, OUT),
        (everyone, in_by, outings.back, IN),
        (behind, door[behind], (outings.back + wait[1])[behind], IN),
        *_drives(town, outings, chance),  # the last, for there are more or fewer of them
    ]
    return _stacked(parts)


def _breaks(outings: Outings, chance: np.random.Generator) -> list[Move]:
    """Let some of those at work go out for a while halfway, and come back."""
    draw = chance.random((2, len(outings)), dtype=np.float32)
    stay = outings.depart - outings.arrive
    goes = (outings.kind == WORK) & (stay > _LONG_MS) & (draw[0] < _TAKES_A_BREAK)
    goes = np.flatnonzero(goes & ~outings.denied)
    out = outings.arrive[goes] + (stay[goes] * (0.25 + 0.4 * draw[1, goes])).astype(np.int32)
    back = out + (ONE_MINUTE_MS * (12 + 40 * (draw[0, goes] / _TAKES_A_BREAK))).astype(np.int32)
    place = outings.place[goes]
    return [(goes, place, out, OUT), (goes, place, back, IN)]


def _drives(town: Town, outings: Outings, chance: np.random.Generator) -> list[Move]:
    """Let drivers leave with their vehicle, pass checkpoints all the time, and bring it back."""
    goes = np.flatnonzero((outings.kind == DRIVE) & (town.checkpoint_near[outings.place] >= 0))
    place, out = outings.place[goes], outings.arrive[goes] + _READY_MS
    back = np.maximum(outings.depart[goes] - _READY_MS, out + 1)
    passes = (back - out) // _BETWEEN_CHECKPOINTS_MS
    found: list[Move] = [(goes, place, out, OUT), (goes, place, back, IN)]
    for nth in range(_MOST_CHECKPOINTS):
        when, around = chance.random(len(goes)), chance.integers(0, 8, len(goes))
        row = np.flatnonzero(passes > nth)
        at = out[row] + ((back - out)[row] * when[row]).astype(np.int32)
        found.append((goes[row], town.checkpoints_around[place[row], around[row]], at, PASS))
    return found


def _stacked(parts: list[Move]) -> Moves:
    def cut(column: Rows, rows: NDArray[np.int64]) -> Rows:
        return column if len(column) == len(rows) else column[rows]

    rows = np.concatenate([part[0] for part in parts])
    place = np.concatenate([cut(part[1], part[0]) for part in parts]).astype(np.int32)
    at = np.concatenate([cut(part[2], part[0]) for part in parts]).astype(np.int32)
    sizes = [len(part[0]) for part in parts]
    direction = np.repeat([part[3] for part in parts], sizes)
    step = np.repeat(np.arange(len(parts)), sizes)
    return rows, place, np.maximum(at, 0), direction.astype(np.uint8), step


def _gate_taken(town: Town, home: Rows, chance: np.random.Generator) -> Rows:
    draw = chance.random(len(home), dtype=np.float32)
    other = town.near[home, (draw > 0.92).astype(np.int8)]
    return np.where(draw < 0.84, home, other)


def _on_the_way(
    town: Town, outings: Outings, home: Rows, chance: np.random.Generator
) -> list[Move]:
    far = np.hypot(
        town.x_km[home] - town.x_km[outings.place], town.y_km[home] - town.y_km[outings.place]
    )
    draw = chance.random((2, len(outings)), dtype=np.float32)
    far = np.where(outings.kind == RETURN, 0.0, far)  # from the station on they are seen at home
    rides = np.flatnonzero((far > _RIDE_KM) & (draw[0] < 0.45) & (town.station_near[home] >= 0))
    crosses = (town.district[home] != town.district[outings.place]) & (far > 0)
    crosses &= (town.checkpoint_near[home] >= 0) & (draw[1] < _SEEN_AT_CHECKPOINT)
    crosses = np.flatnonzero(crosses)
    there = outings.leave + (outings.arrive - outings.leave) // 4
    late = outings.arrive - (outings.arrive - outings.leave) // 5
    return [
        (rides, town.station_near[home], there, PASS),
        (rides, town.station_near[outings.place], late, PASS),
        (crosses, town.checkpoint_near[outings.place], late, PASS),
    ]


# One row a channel but the last, one column a part of the town.
_ENDS = (
    np.cumsum(
        [_CHANNEL_SHARES.get(part, _ELSEWHERE) for part in range(8)], axis=1, dtype=np.float32
    )
    .T[: len(CHANNELS) - 1]
    .copy()
)


def _channels(part: NDArray[np.int8], draw: NDArray[np.float32]) -> NDArray[np.uint8]:
    channel = np.zeros(len(part), dtype=np.uint8)
    row = part.astype(np.intp)
    for ends in _ENDS:
        channel += draw >= ends[row]
    return channel


_BY_ROLE = np.zeros(5, dtype=np.uint8)
_BY_ROLE[DISINFECTOR] = PURPOSES.index("disinfection")
_BY_ROLE[KEY_PERSON] = PURPOSES.index("key_person")


def _purposes(role: NDArray[np.uint8], kind: NDArray[np.uint8]) -> NDArray[np.uint8]:
    purpose = _BY_ROLE[role]
    purpose = np.where(kind == ROUND, PURPOSES.index("volunteer"), purpose)
    return np.where(kind == STRANGER, PURPOSES.index("other"), purpose).astype(np.uint8)


def _temperatures(
    channel: NDArray[np.uint8], febrile: NDArray[np.bool_], chance: np.random.Generator
) -> NDArray[np.int16]:
    """Measure: 36.4 +- 0.25 and never a fever in the healthy, from 37.3 on in the febrile."""
    n = len(channel)
    highest = FEVER_C * 10 - 1
    usual = np.minimum(364 + 2.5 * chance.standard_normal(n, dtype=np.float32), highest)
    measured = chance.random(n, dtype=np.float32) < _MEASURED[channel]
    # The last draws: one more who is ill leaves what everybody else shows as it was.
    hot = np.flatnonzero(febrile)
    usual[hot] = np.minimum(FEVER_C * 10 + chance.exponential(6.0, len(hot)), 415)
    return np.where(measured, np.rint(usual), NOT_MEASURED).astype(np.int16)
