"""The one decoder: a message becomes a record, or a reason why it cannot be one.

Reading good records costs one strict msgspec pass. Only a message that fails it is looked
at a second time, field by field, so that the reason names the field, its value and what was
expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from schemas.pseudonyms import (
    all_plainly_hashes,
    is_plainly_a_hash,
    looks_like_person,
    mask_numbers,
    number_in_text,
)
from schemas.records import CaseReport, CheckIn

R = TypeVar("R", bound=msgspec.Struct)

# Well above the longest record the fields allow. A batch of ten thousand such messages crosses
# into Python at once, so this also bounds what a flood of large ones costs in memory.
MAX_PAYLOAD_BYTES = 16 * 1024
MASK = "***"
_PERSONAL = ("person", "household")
_FREE_TEXT = ("reason",)
_LONGEST_VALUE = 60
_AS_IS: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_NOT_A_RECORD = (msgspec.MsgspecError, UnicodeError, RecursionError)
# A reader may see no more of a large message than shows that it is too large.
TOO_LARGE = f"payload: more than {MAX_PAYLOAD_BYTES} bytes: expected at most {MAX_PAYLOAD_BYTES}"
_UNUSABLE = "payload: not usable: expected the record's fields"
_LONGEST_HIDDEN = 200
NAMED = {
    rf'(?s)"{name}"\s*+:\s*+"(?:[^"\\]|\\.){{0,{_LONGEST_HIDDEN}}}+"?': f'"{name}":"{MASK}"'
    for name in (*_PERSONAL, *_FREE_TEXT)
}
"""What is put in the place of what in a message that is not read, for Python and Java alike."""
_NAMED = [re.compile(pattern) for pattern in NAMED]
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
    (outcome,) = decode_column((payload,), record)
    return outcome


def decode_column(payloads: Sequence[bytes | None], record: type[R]) -> list[R | Refusal]:
    """Read many messages, each as `decode` reads it; the hot path, and so in columns."""
    outcomes = _decoded(payloads, record)
    rows = [row for row, outcome in enumerate(outcomes) if type(outcome) is record]
    records = cast(list[R], [outcomes[row] for row in rows])
    for at in _doubtful(records, record):
        reason = personal_data(records[at]) or misplaced(records[at])
        if reason is not None:
            outcomes[rows[at]] = Refusal(reason, masked(payloads[rows[at]] or b""))
    return outcomes


def _decoded(payloads: Sequence[bytes | None], record: type[R]) -> list[R | Refusal]:
    """Decode at the decoder's own speed for as long as it refuses nothing."""
    if not all(map(_may_be_read, payloads)) or not _is_utf8(b"".join(cast(list[bytes], payloads))):
        return [_decoded_alone(payload, record) for payload in payloads]
    outcomes: list[R | Refusal] = []
    # Extending a list keeps what came before an error, and the iterator goes on behind it.
    decoded = map(decoder(record).decode, cast(Sequence[bytes], payloads))
    while len(outcomes) < len(payloads):
        try:
            outcomes.extend(decoded)
        except _NOT_A_RECORD:
            outcomes.append(_refused(cast(bytes, payloads[len(outcomes)]), record))
    return outcomes


def _may_be_read(payload: bytes | None) -> bool:
    return payload is not None and 0 < len(payload) <= MAX_PAYLOAD_BYTES


def _is_utf8(text: bytes) -> bool:
    """Say whether bytes are text; the decoder looks only at fields that it knows.

    Messages may be asked about together: JSON neither begins nor ends within a character.
    """
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded_alone(payload: bytes | None, record: type[R]) -> R | Refusal:
    if not payload:
        return Refusal("payload: empty: expected a JSON object", b"")
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Refusal(TOO_LARGE, masked_unread(payload))
    if not _is_utf8(payload):
        return _refused(payload, record)
    try:
        return cast(R, decoder(record).decode(payload))
    except _NOT_A_RECORD:
        return _refused(payload, record)


def _doubtful(records: Sequence[msgspec.Struct], record: type[msgspec.Struct]) -> list[int]:
    """Give the rows that `personal_data` or `misplaced` may refuse, told from whole columns.

    Some of the rows it gives are sound; all of those it leaves out are.
    """
    rows: set[int] = set()
    for name in set(record.__struct_fields__).intersection(_PERSONAL):
        values = _column(records, name)
        if not all_plainly_hashes([value for value in values if value]):
            rows.update(at for at, v in enumerate(values) if v and not is_plainly_a_hash(v))
    for name in set(record.__struct_fields__).intersection(_FREE_TEXT):
        rows.update(at for at, value in enumerate(_column(records, name)) if value)
    if issubclass(record, CheckIn | CaseReport):
        places, lats, lngs = (_column(records, name) for name in ("place_id", "lat", "lng"))
        if None in places or lats.count(None) < len(lats) or lngs.count(None) < len(lngs):
            where = zip(places, lats, lngs, strict=True)
            rows.update(
                at
                for at, (place, lat, lng) in enumerate(where)
                if place is None or (lat is None) != (lng is None)
            )
    return sorted(rows)


def _column(records: Sequence[msgspec.Struct], name: str) -> list[Any]:
    return list(map(attrgetter(name), records))


def personal_data(value: msgspec.Struct) -> str | None:
    """Say which field of a record looks like personal data; None where none does."""
    person, household, text = _personal(type(value))(value)
    if person and (kind := looks_like_person(person)):
        return _looks_like("person", kind)
    if household and (kind := looks_like_person(household)):
        return _looks_like("household", kind)
    if text and number_in_text(text):
        return f"reason: {MASK}: carries a phone or identity number: expected none"
    return None


def _looks_like(field: str, kind: str) -> str:
    return f"{field}: {MASK}: looks like {kind}: expected a pseudonym (keyed hash)"


@cache
def _personal(record: type[msgspec.Struct]) -> Callable[[Any], tuple[str | None, ...]]:
    """Give the reader of a record's personal and free-text fields; None for those it lacks."""
    names = (*_PERSONAL, *_FREE_TEXT)
    if set(names) <= set(record.__struct_fields__):
        return cast(Callable[[Any], tuple[str | None, ...]], attrgetter(*names))
    return lambda value: tuple(getattr(value, name, None) for name in names)


def misplaced(value: msgspec.Struct) -> str | None:
    """Say what keeps a record from having a place; None where it has one, or needs none.

    A check-in needs `place_id` or both coordinates; a case `place_id`, both coordinates or
    `area_id`. One coordinate alone is never right.
    """
    if not isinstance(value, CheckIn | CaseReport):
        return None
    if (value.lat is None) != (value.lng is None):
        absent = "lat" if value.lat is None else "lng"
        return f"{absent}: missing: expected both coordinates or neither"
    if value.place_id is not None or value.lat is not None:
        return None
    if isinstance(value, CheckIn):
        return "place_id: missing: expected place_id, or lat and lng"
    if value.area_id is not None:
        return None
    return "place_id: missing: expected place_id, or lat and lng, or area_id"


def explain(payload: bytes, record: type[msgspec.Struct]) -> str:
    """Name the first field, in the record's order, that keeps a message from being a record."""
    return _refused(payload, record).reason


def _refused(payload: bytes, record: type[msgspec.Struct]) -> Refusal:
    fields = _fields(payload)
    if isinstance(fields, str):
        return Refusal(fields, _mask_bytes(payload))
    if not isinstance(fields, dict):
        reason = f"payload: a JSON {_kind(fields[0])}: expected a JSON object"
        return Refusal(reason, _mask_bytes(payload))
    reason = _first_bad_field(fields, record) or _UNUSABLE
    return Refusal(reason, _masked_object(payload, fields))


def _fields(payload: bytes) -> dict[str, Any] | tuple[Any] | str:
    """Give the fields of a JSON object, another JSON value in a tuple, or why it is no JSON."""
    try:
        value = _AS_IS.decode(payload)
    except _NOT_A_RECORD:
        # The lenient reader takes NaN, so that the field can be named; and it says more.
        try:
            value = json.loads(payload.decode())
        except UnicodeDecodeError as error:
            return f"payload: byte {error.start} is not UTF-8: expected JSON in UTF-8"
        except RecursionError:
            return "payload: nested too deeply: expected a flat JSON object"
        except ValueError as error:
            return f"payload: not JSON ({error}): expected a JSON object"
    return value if isinstance(value, dict) else (value,)


def _first_bad_field(fields: dict[str, Any], record: type[msgspec.Struct]) -> str | None:
    for name, required, probe, words in _expectations(record):
        if name not in fields:
            if required:
                return f"{name}: missing: expected {words}"
            continue
        value = fields[name]
        if isinstance(value, float) and not abs(value) < float("inf"):
            return f"{name}: {value}: expected {words}"
        try:
            msgspec.convert({"value": value}, probe)
        except _NOT_A_RECORD:
            return f"{name}: {_shown(name, value)}: expected {words}"
    return None


@cache
def _expectations(
    record: type[msgspec.Struct],
) -> tuple[tuple[str, bool, type[msgspec.Struct], str], ...]:
    """Give name, whether required, a one-field record to try a value with, and words."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(
        (
            field.encode_name,
            field.required,
            # Converting to a struct is ten times as fast as to an annotated type.
            msgspec.defstruct("Probe", [("value", hints[field.name])]),
            expectation(hints[field.name]),
        )
        for field in msgspec.structs.fields(record)
    )


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
    if not text.isprintable():
        text = json.dumps(value)  # half a surrogate pair would not pass as text
    return mask_numbers(text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…")


def _kind(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")


def masked(payload: bytes) -> bytes:
    """Give a payload without the personal data that can be recognised in it.

    A payload with nothing to mask comes back byte for byte.
    """
    fields = _fields(payload)
    return _masked_object(payload, fields) if isinstance(fields, dict) else _mask_bytes(payload)


def _masked_object(payload: bytes, fields: dict[str, Any]) -> bytes:
    hidden = {
        name: MASK
        for name in (*_PERSONAL, *_FREE_TEXT)
        if name in fields and _must_hide(name, fields[name])
    }
    return _mask_bytes(_written(fields | hidden) if hidden else payload)


def _written(fields: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(fields)
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError, RecursionError):
        # Half a surrogate pair, or a number of any length, which only this one writes.
        return json.dumps(fields).encode()


def _must_hide(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return value is not None
    return number_in_text(value) if name in _FREE_TEXT else looks_like_person(value) is not None


def masked_unread(payload: bytes) -> bytes:
    """Give a payload that is too large to be read without numbers, and without who it names.

    Whether those are pseudonyms is not looked at. Counts does the same with the whole message,
    of which its reader sees only the beginning.
    """
    text = payload.decode("latin-1")
    for pattern, mask in zip(_NAMED, NAMED.values(), strict=True):
        text = pattern.sub(mask, text)
    return mask_numbers(text).encode("latin-1")


def _mask_bytes(payload: bytes) -> bytes:
    """Mask a message that is no JSON object."""
    text = payload.decode("latin-1")  # every byte is a character, so nothing else changes
    hidden = text
    for pattern in _NAMED:
        hidden = pattern.sub(_mask_named, hidden)
    hidden = mask_numbers(hidden)
    return payload if hidden == text else hidden.encode("latin-1")


def _mask_named(found: re.Match[str]) -> str:
    field, _, value = found.group().partition(":")
    name, value = field.strip().strip('"'), value.strip().strip('"')
    return f'"{name}":"{MASK}"' if _must_hide(name, value) else found.group()
