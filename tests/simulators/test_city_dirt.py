"""Dirt: off, nothing happens; on, what was done is found again from its record, and no more."""

import json
from collections import Counter

import msgspec
import numpy as np
import pytest

from schemas.codec import Refusal, decode
from schemas.records import CheckIn
from schemas.times import CHECKIN_LIMITS, Verdict, verdict
from schemas.topics import CHECKINS
from simulators.check_ins import IN, OUT
from simulators.city.broken import HUGE, ODD_WAYS, WAYS, odd_way_of, way_of
from simulators.city.done import Done
from simulators.scenario import Dirt, Scenario
from tests.simulators.towns import CITY, days, stream

ALL = {
    "clock_skew": 0.2,
    "clock_drift": 0.2,
    "thermometer": 0.3,
    "weather": 1.0,
    "offline": 0.3,
    "duplicates": 0.05,
    "missed": 0.05,
    "swapped": 0.05,
    "malformed": 0.05,
    "silent": 0.2,
    "new_keys": 0.2,
    "wrong_datum": 0.05,
    "odd": 0.05,
}
BITS = {
    "clock_skew": Done.SKEW,
    "clock_drift": Done.DRIFT,
    "thermometer": Done.THERMOMETER,
    "weather": Done.WEATHER,
    "offline": Done.OFFLINE,
    "duplicates": Done.DUPLICATE,
    "missed": Done.MISSED,
    "swapped": Done.SWAPPED,
    "malformed": Done.MALFORMED,
    "silent": Done.SILENT,
    "new_keys": Done.NEW_KEY,
    "wrong_datum": Done.WRONG_DATUM,
    "odd": Done.ODD,
}


def scenario(**kinds: float) -> Scenario:
    return Scenario(name="dirty", days=2, dirt=Dirt(**kinds))


def second_day(**kinds: float):
    return days(scenario(**kinds))[1]


def test_without_dirt_the_bus_carries_every_passage_once_as_it_was():
    day = second_day()
    sent, true = day.sent, day.passages
    assert not sent.done.any()
    assert not len(day.lost.passage)
    assert sorted(sent.passage.tolist()) == list(range(len(true)))
    seen = true.take(sent.passage)
    assert (sent.check_ins.event_ms == day.begin_ms + seen.at.astype(np.int64)).all()
    for name in ("place", "direction", "channel", "temperature", "reason"):
        assert (getattr(sent.check_ins, name) == getattr(seen, name)).all()
    assert len(np.unique(sent.check_ins.event_id)) == len(true)


@pytest.mark.parametrize("kind", BITS)
def test_one_kind_of_dirt_leaves_its_own_mark_and_no_other(kind: str):
    day = second_day(**{kind: ALL[kind]})
    marks = np.unique(np.concatenate([day.sent.done, day.lost.done])).tolist()
    assert marks == [0, int(BITS[kind])] or marks == [int(BITS[kind])]


@pytest.mark.parametrize("kind", BITS)
def test_one_more_kind_of_dirt_changes_only_what_it_marks(kind: str):
    every = second_day(**ALL)
    others = second_day(**{name: share for name, share in ALL.items() if name != kind})
    bit = int(BITS[kind])

    def rows(day, *, marked: bool) -> dict[tuple[int, bool], tuple]:
        sent = day.sent
        keep = [bool(done & bit) == marked for done in sent.done.tolist()]
        lost = set(every.lost.passage[(every.lost.done & bit) > 0].tolist())
        return {
            (passage, bool(done & Done.DUPLICATE)): tuple(
                getattr(sent.check_ins, field)[row].item()
                for field in ("event_ms", "arrival_ms", "person", "direction", "temperature")
            )
            for row, (passage, done) in enumerate(
                zip(sent.passage.tolist(), sent.done.tolist(), strict=True)
            )
            if keep[row] and passage not in lost
        }

    untouched, before = rows(every, marked=False), rows(others, marked=False)
    assert len(untouched) > 0 or kind == "weather"
    assert all(before[key] == row for key, row in untouched.items())


def test_shares_of_dirt_are_as_asked():
    day = second_day(**ALL)
    n = len(day.passages)
    for kind in ("missed", "swapped", "malformed", "wrong_datum", "odd"):
        marked = int(
            ((day.sent.done & BITS[kind]) > 0).sum() + ((day.lost.done & BITS[kind]) > 0).sum()
        )
        # lost, doubled and blocked ones move the share by less than a third
        assert 0.5 * ALL[kind] < marked / n < 1.2 * ALL[kind]


def test_skewed_clocks_are_off_by_the_same_all_day_and_arrivals_stay_true():
    day = second_day(clock_skew=0.3)
    sent = day.sent
    true_ms = day.begin_ms + day.passages.at[sent.passage].astype(np.int64)
    off = sent.check_ins.event_ms - true_ms
    for place in np.unique(sent.check_ins.place):
        assert len(np.unique(off[sent.check_ins.place == place])) == 1
    assert (off[(sent.done & Done.SKEW) == 0] == 0).all()
    assert (sent.check_ins.arrival_ms > true_ms).all()


def test_gates_off_line_deliver_in_one_burst_after_hours():
    day = second_day(offline=0.3)
    held = (day.sent.done & Done.OFFLINE) > 0
    delay = day.sent.check_ins.arrival_ms - day.sent.check_ins.event_ms
    assert held.sum() > 100
    assert delay[held].max() > 3_600_000
    assert delay[~held].max() < 60_000
    for place in np.unique(day.sent.check_ins.place[held]):
        at = day.sent.check_ins.arrival_ms[held & (day.sent.check_ins.place == place)]
        assert at.max() - at.min() <= 30_000


def test_a_duplicate_is_the_same_record_sent_again_later():
    day = second_day(duplicates=0.1)
    sent = day.sent
    copies = np.flatnonzero((sent.done & Done.DUPLICATE) > 0)
    first = {int(p): row for row, p in enumerate(sent.passage) if not sent.done[row]}
    for row in copies.tolist():
        original = first[int(sent.passage[row])]
        assert sent.check_ins.event_id[row] == sent.check_ins.event_id[original]
        assert sent.check_ins.arrival_ms[row] > sent.check_ins.arrival_ms[original]


def test_swapped_directions_turn_in_to_out_and_back():
    day = second_day(swapped=0.1)
    marked = (day.sent.done & Done.SWAPPED) > 0
    true = day.passages.direction[day.sent.passage]
    turned = np.where(true == IN, OUT, np.where(true == OUT, IN, true))
    assert (day.sent.check_ins.direction == np.where(marked, turned, true)).all()


def test_silent_gates_say_nothing_in_their_hours_and_are_recorded():
    day = second_day(silent=0.3)
    at = day.passages.at[day.lost.passage] / 3_600_000
    assert len(at) > 100
    assert (at.min() >= 8.0) & (at.max() < 14.0)
    assert set(day.lost.passage.tolist()).isdisjoint(day.sent.passage.tolist())


def messages_of(**kinds: float):
    made = stream(scenario(**kinds))
    end = made.begin_ms + 86_400_000
    return made, [part for part in made.between(made.begin_ms, end) if part.topic == CHECKINS.name]


def outcome(value: bytes, arrival_ms: int) -> str:
    """Read a message as its reader must: refused, late, or counted."""
    read = decode(value, CheckIn)
    if isinstance(read, Refusal) or (read.place_id and read.place_id not in CITY.place_index):
        return "refused"
    judged = verdict(read.event_ms, arrival_ms, CHECKIN_LIMITS)
    return {Verdict.FUTURE: "refused", Verdict.LATE: "late", Verdict.COUNTS: "counts"}[judged]


def test_malformed_records_are_refused_and_all_others_counted():
    _, parts = messages_of(malformed=0.05)
    day = days(scenario(malformed=0.05))[0]
    marked = {f"s{n:016x}" for n in day.sent.check_ins.event_id[day.sent.done > 0].tolist()}
    assert len(marked) > 500
    for part in parts:
        for name, value, at in zip(part.ids, part.values, part.arrival_ms.tolist(), strict=True):
            assert (outcome(value, at) == "refused") == (name in marked)


def test_malformed_records_are_broken_in_every_way_and_huge_ones_are_few():
    _, parts = messages_of(malformed=0.05)
    ways = Counter(way_of(name) for part in parts for name in part.ids)
    assert set(ways) == set(WAYS)
    assert ways[HUGE] < 0.1 * ways["not JSON"]
    sound = next(value for part in parts for value in part.values if value.startswith(b'{"v":1,'))
    for name, break_it in WAYS.items():
        broken = break_it(json.loads(sound))
        assert outcome(broken, json.loads(sound)["event_ms"]) == "refused", name
        assert (len(broken) > 2_000_000) == (name == HUGE)


def test_odd_records_are_read_all_the_same_but_for_those_a_month_late():
    _, parts = messages_of(odd=0.05)
    day = days(scenario(odd=0.05))[0]
    marked = {f"s{n:016x}" for n in day.sent.check_ins.event_id[day.sent.done > 0].tolist()}
    found: dict[str, int] = Counter()
    for part in parts:
        rows = zip(part.ids, part.keys, part.values, part.arrival_ms.tolist(), strict=True)
        for name, key, value, at in rows:
            way = odd_way_of(name) if name in marked else ""
            found[way] += 1
            assert outcome(value, at) == ("late" if way == "a month late" else "counts")
            assert (key is None) == (way == "no key")
            assert (b"battery" in value) == (way == "unknown field")
    assert set(found) == {"", *ODD_WAYS}


def test_wrong_datum_shifts_a_place_by_hundreds_of_metres_and_leaves_its_id_out():
    _, parts = messages_of(wrong_datum=0.05)
    shifted = [json.loads(value) for part in parts for value in part.values if b'"lat"' in value]
    assert len(shifted) > 100
    for record in shifted:
        row = CITY.place_index[record["device_id"].removeprefix("dev-")]
        off_km = 111.2 * np.hypot(
            record["lat"] - CITY.lat[row],
            (record["lng"] - CITY.lng[row]) * np.cos(np.radians(CITY.lat[row])),
        )
        assert 0.1 < off_km < 1.0
        assert "place_id" not in record
        assert isinstance(decode(msgspec.json.encode(record), CheckIn), CheckIn)
