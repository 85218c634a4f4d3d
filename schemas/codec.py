"""The one decoder: a message becomes a record, or a reason why it cannot be one.

Reading good records costs one strict msgspec pass. Only a message that fails it is looked
at a second time, field by field, so that the reason names the field, its value and what was
expected.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from schemas.pseudonyms import looks_like_person, mask_numbers, number_in_text

R = TypeVar("R", bound=msgspec.Struct)

MAX_PAYLOAD_BYTES = 64 * 1024
MASK = "***"
_PERSONAL = ("person", "household")
_FREE_TEXT = ("reason",)
_LONGEST_VALUE = 60
_PLAIN = {bool: "true or false", int: "a whole number", str: "text", bytes: "base64"}


class Refusal(msgspec.Struct, frozen=True):
    """Why a message is not a record; `payload` is what may be kept of it."""

    reason: str
    payload: bytes


@cache
def decoder(record: type[R]) -> msgspec.json.Decoder[R]:
    """Give the strict decoder of a record type; made once a type."""
    return msgspec.json.Decoder(record)


def encode(record: msgspec.Struct) -> bytes:
    """Write a record as JSON."""
    return msgspec.json.encode(record)


def decode(payload: bytes | None, record: type[R]) -> R | Refusal:
    """Read one message; a bad one is a value, for bad data is expected and counted.

    Checks form, ranges, and that no personal data hides in a pseudonym. What depends on the
    city (is the place known?) or on arrival (is it late?) is its reader's business.
    """
    if payload is None or len(payload) == 0:
        return Refusal("payload: empty: expected a JSON object", b"")
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Refusal(
            f"payload: {len(payload)} bytes: expected at most {MAX_PAYLOAD_BYTES}", payload
        )
    try:
        value = decoder(record).decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal(explain(payload, record), masked(payload))
    reason = personal_data(value)
    return value if reason is None else Refusal(reason, masked(payload))


def personal_data(value: msgspec.Struct) -> str | None:
    """Say which field of a record looks like personal data; None where none does."""
    for field in _PERSONAL:
        kind = looks_like_person(held) if (held := getattr(value, field, None)) else None
        if kind:
            return f"{field}: {MASK}: looks like {kind}: expected a pseudonym (keyed hash)"
    for field in _FREE_TEXT:
        if (held := getattr(value, field, None)) and number_in_text(held):
            return f"{field}: {MASK}: carries a phone or identity number: expected none"
    return None


def explain(payload: bytes, record: type[msgspec.Struct]) -> str:
    """Name the first field, in the record's order, that keeps a message from being a record."""
    try:
        # The lenient reader takes NaN, so that the field can be named.
        fields = json.loads(payload.decode())
    except UnicodeDecodeError as error:
        return f"payload: byte {error.start} is not UTF-8: expected JSON in UTF-8"
    except RecursionError:
        return "payload: nested too deeply: expected a flat JSON object"
    except ValueError as error:
        return f"payload: not JSON ({error}): expected a JSON object"
    if not isinstance(fields, dict):
        return f"payload: a JSON {_kind(fields)}: expected a JSON object"
    return _first_bad_field(fields, record) or "payload: not usable: expected the record's fields"


def _first_bad_field(fields: dict[str, Any], record: type[msgspec.Struct]) -> str | None:
    for name, expected in _expectations(record).items():
        required, kind, words = expected
        if name not in fields:
            if required:
                return f"{name}: missing: expected {words}"
            continue
        value = fields[name]
        if isinstance(value, float) and not abs(value) < float("inf"):
            return f"{name}: {value}: expected {words}"
        try:
            msgspec.convert(value, kind)
        except (msgspec.MsgspecError, RecursionError):
            return f"{name}: {_shown(name, value)}: expected {words}"
    return None


@cache
def _expectations(record: type[msgspec.Struct]) -> dict[str, tuple[bool, Any, str]]:
    hints = get_type_hints(record, include_extras=True)
    return {
        field.encode_name: (field.required, hints[field.name], expectation(hints[field.name]))
        for field in msgspec.structs.fields(record)
    }


def expectation(hint: Any) -> str:
    """Say in words what a field's type expects, from the description beside it."""
    if get_origin(hint) is Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, msgspec.Meta) and extra.description:
                return extra.description
    for part in get_args(hint):
        if part is not type(None) and (words := expectation(part)):
            return words
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return f"a {hint.__name__} as a JSON object"
    return _PLAIN.get(hint, "")


def _shown(name: str, value: Any) -> str:
    if name in _PERSONAL or name in _FREE_TEXT:
        return MASK
    if isinstance(value, dict | list):
        return f"a JSON {_kind(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return mask_numbers(text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…")


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")


def masked(payload: bytes) -> bytes:
    """Give a payload without the personal data that can be recognised in it.

    A payload with nothing to mask comes back byte for byte.
    """
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return _mask_bytes(payload)
    if not isinstance(fields, dict):
        return _mask_bytes(payload)
    hidden = {
        name: MASK
        for name in (*_PERSONAL, *_FREE_TEXT)
        if name in fields and _must_hide(name, fields[name])
    }
    return _mask_bytes(msgspec.json.encode(fields | hidden) if hidden else payload)


def _must_hide(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return value is not None
    return number_in_text(value) if name in _FREE_TEXT else looks_like_person(value) is not None


def _mask_bytes(payload: bytes) -> bytes:
    text = payload.decode("latin-1")  # every byte is a character, so nothing else changes
    hidden = mask_numbers(text)
    return payload if hidden == text else hidden.encode("latin-1")
