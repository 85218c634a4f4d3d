"""Each bad message gets a reason that names field, value and expectation; good ones are located."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import local
from jobs.steps.messages import Messages
from jobs.steps.read import ACCEPTED, LATE, REJECTED, read
from schemas.codec import MAX_PAYLOAD_BYTES
from tests.jobs.making import CITY, GOOD, NOON, RULES, logs, odd_messages, payload
from tests.oracles.check_ins import sound

DAY = 86_400_000


def one(message: bytes | None, arrival_ms: int = NOON) -> local.Results:
    return local.run([(message, 0, 7, arrival_ms)], RULES)


def reason(message: bytes | None, arrival_ms: int = NOON) -> str:
    (rejected,) = one(message, arrival_ms).rejected.values()
    return rejected.reason


# The table of bad input, each with the field, the value and the expectation it must name.
BAD = [
    (b"not json", ("payload", "not JSON", "JSON object")),
    (b"", ("payload", "empty", "JSON object")),
    (None, ("payload", "empty", "JSON object")),
    (payload()[:-3] + b'\xff"}', ("payload", "byte", "UTF-8")),
    (b'{"v": "' + b"x" * 2_000_000, ("payload", "more than", str(MAX_PAYLOAD_BYTES))),
    (b'{"v":' * 1_000 + b"1" + b"}" * 1_000, ("payload", "nested", "flat")),
    (payload(place_id=None), ("place_id", "missing", "lat and lng")),
    (payload(place_id=None, lat=30.5), ("lng", "missing", "both coordinates")),
    (payload(place_id="gate-99999"), ("place_id", "gate-99999", "a place of small")),
    (payload(place_id=None, lat=95, lng=114.2), ("lat", "95", "-90..90")),
    (payload(lat=float("nan"), lng=114.2), ("lat", "nan", "-90..90")),
    (payload(lat=30.5, lng=float("inf")), ("lng", "inf", "-180..180")),
    (payload(place_id=None, lat=48.85, lng=114.2), ("lat", "48.85", "30.4", "small")),
    (payload(place_id=None, lat=30.51, lng=2.35), ("lng", "2.35", "114.1", "small")),
    (payload(event_ms=str(NOON)), ("event_ms", f'"{NOON}"', "integer")),
    (payload(lat="30.5", lng=114.2), ("lat", '"30.5"', "-90..90")),
    (payload(direction="up"), ("direction", '"up"', "in, out, pass, denied")),
    (payload(temperature_c=370), ("temperature_c", "370", "25..45")),
    (payload(event_ms=NOON + 300_001), ("event_ms", str(NOON + 300_001), "5 min")),
    (payload(v=2), ("v", "2", "version 1")),
    (payload(person="13800000000"), ("person", "a phone number", "pseudonym")),
    (payload(person="11010119900101001X"), ("person", "an identity number", "pseudonym")),
    (payload(person="Jane Doe"), ("person", "a name", "pseudonym")),
]


@pytest.mark.parametrize(("message", "parts"), BAD, ids=["-".join(parts[:2]) for _, parts in BAD])
def test_bad_input_is_rejected_with_field_value_and_expectation(message, parts):
    said = reason(message)
    assert said.startswith(f"{parts[0]}:")
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(("message", "parts"), BAD, ids=["-".join(parts[:2]) for _, parts in BAD])
def test_bad_input_is_accounted_for(message, parts):
    (account,) = one(message).progress.values()
    assert (account.read, account.accepted, account.rejected, account.late) == (1, 0, 1, 0)


@pytest.mark.parametrize("message", [message for message, _ in BAD])
def test_bad_input_is_refused_by_the_rules_as_written_down(message):
    assert sound(message, NOON, set(CITY.place_id), CITY.bbox) is None


@given(st.lists(odd_messages(), min_size=1, max_size=20))
def test_what_is_refused_is_what_the_rules_as_written_down_refuse(messages):
    rows = [(message, 0, at, NOON) for at, message in enumerate(messages)]
    refused = {each.offset for each in local.run(rows, RULES).rejected.values()}
    places = set(CITY.place_id)
    assert refused == {
        at for at, each in enumerate(messages) if sound(each, NOON, places, CITY.bbox) is None
    }


def test_reject_keeps_place_on_the_bus_and_whole_payload():
    message = payload(direction="up", note="中文")
    rejected = one(message, NOON + 5).rejected["checkins-0-7"]
    assert (rejected.partition, rejected.offset, rejected.arrival_ms) == (0, 7, NOON + 5)
    assert rejected.payload == message


@pytest.mark.parametrize("changes", [{"place_id": "gate-99999"}, {"event_ms": NOON + DAY}, {}])
def test_personal_data_is_masked_whatever_a_record_is_refused_for(changes):
    message = payload(**changes, person="Jane Doe")
    (rejected,) = one(message).rejected.values()
    assert b"Jane" not in rejected.payload


def test_number_of_a_phone_in_the_place_of_a_place_is_masked_in_payload_and_reason():
    (rejected,) = one(payload(place_id="13812345678")).rejected.values()
    assert b"13812345678" not in rejected.payload
    assert "13812345678" not in rejected.reason
    assert rejected.reason.startswith('place_id: "***"')


def test_unknown_fields_are_accepted():
    assert len(one(payload(battery=0.5, nested={"a": [1]})).place_minutes) == 1


def test_event_exactly_five_minutes_ahead_and_exactly_a_day_old_still_count():
    #  event -------- 24 h -------> arrival -- 5 min --> event
    for event_ms in (NOON + 300_000, NOON - DAY):
        assert len(one(payload(event_ms=event_ms)).place_minutes) == 1


def test_event_more_than_a_day_old_is_late_with_its_record_and_delay():
    results = one(payload(event_ms=NOON - DAY - 1))
    late = results.late["checkins-0-7"]
    assert late.delay_ms == DAY + 1
    assert late.record.event_id == GOOD["event_id"]
    assert not results.place_minutes


def test_thirty_days_late_record_of_an_unknown_place_is_rejected_not_late():
    results = one(payload(event_ms=NOON - 30 * DAY, place_id="gate-99999"))
    assert results.rejected
    assert not results.late


def test_registered_place_goes_before_coordinates():
    (found,) = one(payload(lat=30.539, lng=114.26)).place_minutes.values()
    row = CITY.place_index["gate-00000"]
    assert found.cell9 == f"{CITY.cells[row, 2]:x}"


def test_two_coordinates_in_one_small_cell_are_one_place():
    points = [payload(place_id=None, lat=30.5010, lng=114.2010, event_id="a"),
              payload(place_id=None, lat=30.50100001, lng=114.2010, event_id="b")]  # fmt: skip
    results = local.run([(each, 0, at, NOON) for at, each in enumerate(points)], RULES)
    (found,) = results.place_minutes.values()
    assert found.n_in == 2
    assert len(found.place_id) == 15


@pytest.mark.parametrize("broken", [-1, -(2**60), 2**62])
def test_broken_broker_clock_gives_a_verdict_and_no_error(broken):
    messages = Messages.of_rows([(payload(), 0, 0, broken)])
    assert read(messages, RULES).verdict[0] in (REJECTED, LATE)


@given(logs())
def test_read_is_accepted_and_rejected_and_late(rows):
    for account in local.run(rows, RULES).progress.values():
        assert account.read == account.accepted + account.rejected + account.late


@given(logs(), st.integers(1, 7))
def test_however_messages_are_cut_into_batches_the_verdicts_are_the_same(rows, size):
    whole = read(Messages.of_rows(rows), RULES)
    parts = [read(Messages.of_rows(rows[at : at + size]), RULES)
             for at in range(0, len(rows), size)]  # fmt: skip
    verdicts = [part.verdict for part in parts]
    assert np.array_equal(whole.verdict, np.concatenate([np.zeros(0, np.int8), *verdicts]))
    assert (whole.verdict == ACCEPTED).sum() == len(whole.passages)
    assert sum(len(part.passages) for part in parts) == len(whole.passages)


@given(logs())
def test_columns_read_as_one_row_each(rows):
    whole = read(Messages.of_rows(rows), RULES)
    for at, row in enumerate(rows):
        alone = read(Messages.of_rows([row]), RULES)
        assert alone.verdict[0] == whole.verdict[at]
        assert alone.reason.get(0) == whole.reason.get(at)
        assert alone.late.get(0) == whole.late.get(at)
        if alone.verdict[0] == ACCEPTED:
            same = int(np.flatnonzero(whole.passages.row == at)[0])
            assert alone.passages.counters[0].tolist() == whole.passages.counters[same].tolist()
            assert alone.passages.event[0] == whole.passages.event[same]


def test_event_hashes_never_change():
    # A restart must know the events of before; made with jobs.steps.hashes at first writing.
    passages = read(Messages.of_rows([(payload(), 0, 0, NOON)]), RULES).passages
    assert passages.event.tolist() == [-5957059687592189642]
