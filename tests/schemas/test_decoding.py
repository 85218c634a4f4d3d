"""A message becomes a record, or a reason that names field, value and expectation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import MAX_PAYLOAD_BYTES, Refusal, decode, decode_column
from schemas.records import CaseReport, CheckIn

GOOD: dict[str, Any] = {
    "v": 1,
    "event_id": "e-1",
    "event_ms": 1_585_728_000_000,
    "person": "a1b2c3d4e5f60718",
    "direction": "in",
    "channel": "qr",
    "purpose": "entry_exit",
    "source": "gate-network-3",
    "place_id": "gate-1",
}


def payload(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes, ensure_ascii=False).encode()


def reason(message: bytes | None) -> str:
    outcome = decode(message, CheckIn)
    assert isinstance(outcome, Refusal)
    return outcome.reason


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"lat": 95, "lng": 1.0}, ("lat:", "95", "-90..90")),
        ({"lat": float("nan"), "lng": 1.0}, ("lat:", "nan", "degrees")),
        ({"lat": 1.0, "lng": float("-inf")}, ("lng:", "-inf", "degrees")),
        ({"event_ms": "1585728000000"}, ("event_ms:", '"1585728000000"', "integer")),
        ({"direction": "up"}, ("direction:", '"up"', "in, out, pass, denied")),
        ({"temperature_c": 370}, ("temperature_c:", "370", "25..45")),
        ({"v": 7}, ("v:", "7", "version 1")),
        ({"event_id": ""}, ("event_id:", '""', "1 to 128")),
        ({"event_id": None}, ("event_id:", "null", "1 to 128")),
        ({"event_ms": {"deep": [1]}}, ("event_ms:", "object", "integer")),
    ],
)
def test_a_bad_field_is_named_with_its_value_and_what_was_expected(changes, parts) -> None:
    said = reason(payload(**changes))
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'"text"', "string"),
        (b"[1]", "array"),
        (b'{"v":' * 1_000 + b"1" + b"}" * 1_000, "nested"),
        (b"x" * (MAX_PAYLOAD_BYTES + 1), f"at most {MAX_PAYLOAD_BYTES}"),
    ],
)
def test_what_is_not_a_record_at_all_says_so(message, part) -> None:
    assert part in reason(message)


@pytest.mark.parametrize("field", sorted(set(GOOD) - {"place_id"}))
def test_a_missing_field_is_named(field: str) -> None:
    fields = {name: value for name, value in GOOD.items() if name != field}
    assert reason(json.dumps(fields).encode()).startswith(f"{field}: missing: expected ")


def test_unknown_fields_are_ignored() -> None:
    assert decode(payload(battery=0.5, nested={"a": [1]}), CheckIn) == decode(payload(), CheckIn)


@pytest.mark.parametrize("person", ["13800000000", "+86 138-0000-0000", "11010119900101001X"])
def test_a_number_in_place_of_a_pseudonym_is_refused_and_masked_in_what_is_kept(person) -> None:
    outcome = decode(payload(person=person), CheckIn)
    assert isinstance(outcome, Refusal)
    assert "pseudonym" in outcome.reason
    assert person.encode() not in outcome.payload
    assert person not in outcome.reason


@pytest.mark.parametrize("person", ["某人", "Jane Doe", "jane.doe", "JaneDoe"])
def test_a_name_in_place_of_a_pseudonym_is_refused_and_masked_in_what_is_kept(person) -> None:
    outcome = decode(payload(person=person), CheckIn)
    assert isinstance(outcome, Refusal)
    assert json.loads(outcome.payload)["person"] == "***"


def test_a_number_inside_a_message_that_is_not_json_is_masked_too() -> None:
    outcome = decode(b'{"person": "13800000000", "v":', CheckIn)
    assert isinstance(outcome, Refusal)
    assert b"13800000000" not in outcome.payload


@pytest.mark.parametrize("written", ['"Jane Doe"', '"\\u5f20\\u4f1f"', '"a\\"Jane"', '"Jane Doe'])
def test_a_name_in_a_message_that_is_not_json_is_masked_too(written: str) -> None:
    outcome = decode(b'{"v":1, "person" : ' + written.encode(), CheckIn)
    assert isinstance(outcome, Refusal)
    assert outcome.payload == b'{"v":1, "person":"***"'


def test_a_pseudonym_in_a_message_that_is_not_json_is_kept() -> None:
    message = b'{"person" : "a4f09c1e77d2b35a", "reason":"to work", "v":'
    outcome = decode(message, CheckIn)
    assert isinstance(outcome, Refusal)
    assert outcome.payload == message


@given(st.binary(max_size=300))
def test_any_bytes_at_all_give_a_reason_or_a_record(message: bytes) -> None:
    outcome = decode(message, CheckIn)
    assert isinstance(outcome, CheckIn) or ":" in outcome.reason


@given(st.binary(min_size=1, max_size=300).filter(lambda b: not any(48 <= c < 58 for c in b)))
def test_a_refused_message_without_personal_data_is_kept_byte_for_byte(message: bytes) -> None:
    outcome = decode(message, CheckIn)
    if isinstance(outcome, Refusal):
        assert outcome.payload == message


SOURCE_ONLY = {name: value for name, value in GOOD.items() if name != "place_id"}
CASE: dict[str, Any] = {
    "v": 1, "case_id": "c-1", "revision": 1, "category": "confirmed", "status": "open",
    "report_ms": 1_585_728_000_000, "source": "cdc",
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({}, "place_id"),
        ({"lat": 30.5}, "lng"),
        ({"lng": 114.3}, "lat"),
        ({"place_id": "gate-1", "lat": 30.5}, "lng"),
        ({"place_id": None, "lat": None, "lng": None}, "place_id"),
    ],
)
@pytest.mark.parametrize(("fields", "record"), [(SOURCE_ONLY, CheckIn), (CASE, CaseReport)])
def test_a_record_needs_a_place_or_both_coordinates(place, field, fields, record) -> None:
    outcome = decode(json.dumps(fields | place).encode(), record)
    assert isinstance(outcome, Refusal)
    assert outcome.reason.startswith(f"{field}: missing: expected ")


@pytest.mark.parametrize(
    "place", [{"place_id": "gate-1"}, {"lat": 30.5, "lng": 114.3}, {"area_id": "jianghan"}]
)
def test_a_case_may_be_reported_by_place_by_coordinates_or_by_area_alone(place) -> None:
    assert isinstance(decode(json.dumps(CASE | place).encode(), CaseReport), CaseReport)


numbers = st.one_of(st.integers(), st.just(10**400), st.floats())
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text("aé1 ", max_size=8), st.just("\ud800"),
              st.just("13800000000")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=3), inner),
    max_leaves=4,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*GOOD, "lat", "reason", "household", "x"]), anything))
def test_whatever_a_field_holds_the_reason_and_the_kept_payload_can_be_written(changes) -> None:
    outcome = decode(json.dumps(GOOD | changes).encode(), CheckIn)
    if isinstance(outcome, Refusal):
        outcome.reason.encode()
        assert b"13800000000" not in outcome.payload or "person" not in changes


messages = st.one_of(
    st.none(),
    st.just(b""),
    st.just(b"{"),
    st.just(b" " * (MAX_PAYLOAD_BYTES + 1)),
    st.builds(
        payload,
        person=st.sampled_from(["a1b2c3d4", "13800000000", "Jane", "p-1", "\u67d0"]),
        household=st.sampled_from([None, "h1a2b3", "0" * 11]),
        place_id=st.sampled_from([None, "gate-1"]),
        lat=st.sampled_from([None, 30.5, 95.0]),
        lng=st.sampled_from([None, 114.3]),
        reason=st.sampled_from([None, "", "fever", "call 13800000000"]),
    ),
)


@given(st.lists(messages, max_size=12))
def test_a_column_of_messages_is_read_as_each_of_them_is(column) -> None:
    assert decode_column(column, CheckIn) == [decode(message, CheckIn) for message in column]


@pytest.mark.parametrize("person", ["Jane Doe", "13812345678", "420106199003070017"])
def test_who_is_named_in_a_payload_too_large_to_be_read_is_hidden(person: str) -> None:
    payload = json.dumps({"person": person, "x": "y" * MAX_PAYLOAD_BYTES}).encode()
    refused = decode(payload, CheckIn)
    assert isinstance(refused, Refusal)
    assert f"at most {MAX_PAYLOAD_BYTES}" in refused.reason
    assert person.encode() not in refused.payload
    assert b"y" * MAX_PAYLOAD_BYTES in refused.payload


def test_who_is_named_is_hidden_wherever_a_payload_too_large_was_cut() -> None:
    whole = b'{"person": "Jane Doe", "x": "' + b"y" * 2 * MAX_PAYLOAD_BYTES
    for payload in (whole, whole[: MAX_PAYLOAD_BYTES + 1]):
        refused = decode(payload, CheckIn)
        assert isinstance(refused, Refusal)
        assert refused.payload == payload.replace(b' "Jane Doe"', b'"***"')


def test_a_payload_too_large_with_nobody_in_it_is_kept_byte_for_byte() -> None:
    payload = b'{"x":  "' + b"y" * MAX_PAYLOAD_BYTES + b'"}'
    refused = decode(payload, CheckIn)
    assert isinstance(refused, Refusal)
    assert refused.payload == payload
