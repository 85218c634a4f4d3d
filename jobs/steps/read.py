"""Read: messages become passages, rejects and late records, in columns.

    message --> decode --> place known? --> from the future? --> late? --> passage
                  |            |                 |                 |
                  `------------+-----------------+--> rejected     `--> late

Every message gets exactly one of the three verdicts, so read = accepted + rejected + late.
All of it is a function of the message and its arrival alone: neither the order in which
messages come nor how they are cut into batches changes a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geo.gazetteer import MARGIN_DEG, Gazetteer, LocatedCells
from jobs.steps.hashes import hashes_of_texts
from jobs.steps.messages import Longs, Messages
from jobs.steps.passages import Passages, counters_of, none_of
from jobs.steps.places import Places, rows_of_places
from schemas.codec import Refusal, decode_column, encode, masked
from schemas.pseudonyms import mask_numbers
from schemas.records import CheckIn, Late
from schemas.times import CHECKIN_LIMITS, MINUTE_MS, Limits
from schemas.topics import CHECKINS

ACCEPTED, REJECTED, LATE = 0, 1, 2
EVERY_SOURCE = ("",)
"""As `no_dedupe_sources`: no event is remembered, for every source begins with it."""


@dataclass(frozen=True, eq=False)
class Rules:
    """What reading depends on besides the message: the city, and the limits of time.

    Sources that begin with one of `no_dedupe_sources` never send an event twice; theirs are
    counted without being remembered.
    """

    city: str
    gazetteer: Gazetteer
    limits: Limits = CHECKIN_LIMITS
    no_dedupe_sources: tuple[str, ...] = ()
    places: Places = field(init=False)
    # What was located before; it makes reading faster and changes no answer.
    memory: LocatedCells = field(default_factory=LocatedCells)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", Places.of(self.gazetteer))


@dataclass(frozen=True, eq=False, slots=True)
class Readings:
    """What reading made of some messages.

    Attributes
    ----------
    verdict : (n,) int8
        ACCEPTED, REJECTED or LATE, one a message.
    reason : mapping of row to str
        Why, for the rejected.
    kept : mapping of row to bytes
        For rejected messages whose payload must not be kept as it came: what is kept.
    late : mapping of row to bytes
        The whole record of the late topic, for the late.
    passages : Passages
        The accepted, as columns of their own.
    """

    verdict: NDArray[np.int8]
    reason: dict[int, str]
    kept: dict[int, bytes]
    late: dict[int, bytes]
    passages: Passages


def read(messages: Messages, rules: Rules) -> Readings:
    """Decode, validate and locate some messages."""
    outcomes = decode_column(messages.payloads, CheckIn)
    readings = _nothing_read(messages, rules)
    rows = [row for row, outcome in enumerate(outcomes) if isinstance(outcome, CheckIn)]
    records = [outcome for outcome in outcomes if isinstance(outcome, CheckIn)]
    for row, outcome in enumerate(outcomes if len(rows) < len(outcomes) else ()):
        if isinstance(outcome, Refusal):
            _refuse(readings, messages, row, outcome)
    return _judged(messages, rules, np.array(rows, dtype=np.int64), records, readings)


def _nothing_read(messages: Messages, rules: Rules) -> Readings:
    return Readings(np.zeros(len(messages), dtype=np.int8), {}, {}, {}, none_of(rules.places))


def _refuse(readings: Readings, messages: Messages, row: int, refusal: Refusal) -> None:
    readings.verdict[row] = REJECTED
    readings.reason[row] = refusal.reason
    if refusal.payload != (messages.payloads[row] or b""):
        readings.kept[row] = refusal.payload


def _judged(
    messages: Messages, rules: Rules, rows: Longs, records: Sequence[CheckIn], readings: Readings
) -> Readings:
    """Judge the records that decoded; `rows` says which messages they were."""
    if not records:
        return readings
    event_ms = np.array([record.event_ms for record in records], dtype=np.int64)
    arrival_ms = messages.arrival_ms[rows]
    places, place, misplaced = _placed(rules, records)
    wrong = (place < 0) | (event_ms - arrival_ms > rules.limits.skew_ms)
    late = ~wrong & (arrival_ms - event_ms > rules.limits.lateness_ms)
    for at in np.flatnonzero(wrong).tolist():
        reason = misplaced.get(at) or _from_future(int(event_ms[at]), int(arrival_ms[at]), rules)
        kept = masked(messages.payloads[rows[at]] or b"")
        _refuse(readings, messages, int(rows[at]), Refusal(mask_numbers(reason), kept))
    for at in np.flatnonzero(late).tolist():
        readings.late[int(rows[at])] = _late(messages, int(rows[at]), records[at])
    readings.verdict[rows[late]] = LATE
    simulated, remembered = _by_source(records, rules.no_dedupe_sources)
    passages = Passages(
        row=rows,
        places=places,
        place=place,
        minute_ms=event_ms - event_ms % MINUTE_MS,
        counters=counters_of(records, simulated),
        event=_events(records, remembered),
        remembered=remembered,
        arrival_ms=arrival_ms,
    )
    good = ~wrong & ~late
    return replace(readings, passages=passages if good.all() else passages.only(good))


def _placed(
    rules: Rules, records: Sequence[CheckIn]
) -> tuple[Places, NDArray[np.int32], dict[int, str]]:
    """Give each record's row in a table of places; -1, with a reason, where it has none."""
    place = rows_of_places(rules.gazetteer.place_index, [record.place_id for record in records])
    nowhere = np.flatnonzero(place < 0).tolist()
    pointed = [at for at in nowhere if records[at].place_id is None]
    reasons = {
        at: f'place_id: "{records[at].place_id}": not a place of {rules.city}'
        for at in nowhere
        if records[at].place_id is not None
    }
    if not pointed:
        return rules.places, place, reasons
    lat = np.array([records[at].lat for at in pointed], dtype=np.float64)
    lng = np.array([records[at].lng for at in pointed], dtype=np.float64)
    located = rules.gazetteer.locate(lat, lng, rules.memory)
    inside = np.arange(len(rules.places), len(rules.places) + len(pointed), dtype=np.int32)
    place[pointed] = np.where(located.in_city, inside, -1)
    for at in np.flatnonzero(~located.in_city).tolist():
        reasons[pointed[at]] = _out_of_city(rules, float(lat[at]), float(lng[at]))
    return rules.places.with_located(located), place, reasons


def _out_of_city(rules: Rules, lat: float, lng: float) -> str:
    west, south, east, north = rules.gazetteer.bbox
    low, high = south - MARGIN_DEG, north + MARGIN_DEG
    if low <= lat <= high:
        low, high = west - MARGIN_DEG, east + MARGIN_DEG
        return f"lng: {lng}: expected within {low:.4f}..{high:.4f} of {rules.city}"
    return f"lat: {lat}: expected within {low:.4f}..{high:.4f} of {rules.city}"


def _from_future(event_ms: int, arrival_ms: int, rules: Rules) -> str:
    minutes = rules.limits.skew_ms // MINUTE_MS
    return f"event_ms: {event_ms}: expected at most {minutes} min after its arrival {arrival_ms}"


def _events(records: Sequence[CheckIn], remembered: NDArray[np.bool_]) -> Longs:
    """Give the hash of each event that must be remembered, and 0 for the others."""
    events = np.zeros(len(records), dtype=np.int64)
    rows = np.flatnonzero(remembered)
    if len(rows):
        events[rows] = hashes_of_texts([records[row].event_id for row in rows.tolist()])
    return events


def _by_source(
    records: Sequence[CheckIn], no_dedupe: tuple[str, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which records are simulated, and which must be remembered to count once."""
    sources = [record.source for record in records]
    simulated = {source: source.startswith("sim:") for source in set(sources)}
    remembered = {source: not source.startswith(no_dedupe) for source in simulated}
    return (
        np.array([simulated[source] for source in sources], dtype=np.bool_),
        np.array([remembered[source] for source in sources], dtype=np.bool_),
    )


def _late(messages: Messages, row: int, record: CheckIn) -> bytes:
    arrival_ms = int(messages.arrival_ms[row])
    return encode(
        Late(
            topic=CHECKINS.name,
            partition=int(messages.partition[row]),
            offset=int(messages.offset[row]),
            arrival_ms=arrival_ms,
            delay_ms=arrival_ms - record.event_ms,
            record=record,
        )
    )
