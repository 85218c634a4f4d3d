"""Whether a message is a check-in, the slow and obvious way: from what docs/topics.md says.

Shares no code with the schemas or the jobs: the standard library reads the JSON, and one rule
follows the other. What looks like a person is a second writing of its own (`pseudonyms`).
"""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any

from tests.oracles import pseudonyms

SKEW_MS = 300_000
LATEST_MS = 4_102_444_800_000
LARGEST = 16_384
MARGIN = 0.1
WORDS = {
    "direction": ["in", "out", "pass", "denied"],
    "channel": ["qr", "face", "door", "phone", "manual"],
    "purpose": ["entry_exit", "disinfection", "key_person", "volunteer", "other"],
}
TEXTS = {  # shortest, longest, whether it must be there
    "event_id": (1, 128, True),
    "person": (1, 64, True),
    "source": (1, 128, True),
    "place_id": (1, 128, False),
    "household": (1, 64, False),
    "reason": (0, 200, False),
    "device_id": (1, 128, False),
}
NUMBERS = {"lat": (-90, 90), "lng": (-180, 180), "temperature_c": (25, 45)}


def record_of(payload: bytes | None) -> dict[str, Any] | None:
    """Read a message as a JSON object; None where it is none."""
    if not payload or len(payload) > LARGEST:
        return None
    try:
        record = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
        json.dumps(record, ensure_ascii=False).encode("utf-8")  # no half of a surrogate pair
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _refuse(word: str) -> None:
    raise ValueError(word)


def sound(
    payload: bytes | None, arrival_ms: int, places: Container[str], box: tuple[float, ...]
) -> dict[str, Any] | None:
    """Give the check-in of a message; None where a city of these places in this box rejects it."""
    record = record_of(payload)
    is_sound = record is not None and (
        _well_formed(record)
        and _without_personal_data(record)
        and _with_a_place(record, places, box)
        and record["event_ms"] <= arrival_ms + SKEW_MS
    )
    return record if is_sound else None


def _well_formed(record: dict[str, Any]) -> bool:
    version, event_ms = record.get("v"), record.get("event_ms")
    return (
        type(version) is int
        and version == 1
        and type(event_ms) is int
        and 0 <= event_ms < LATEST_MS
        and all(record.get(name) in words for name, words in WORDS.items())
        and all(_is_text(record.get(name), *bounds) for name, bounds in TEXTS.items())
        and all(_is_number(record.get(name), *bounds) for name, bounds in NUMBERS.items())
    )


def _is_text(value: Any, shortest: int, longest: int, needed: bool) -> bool:
    if value is None:
        return not needed
    return isinstance(value, str) and shortest <= len(value) <= longest


def _is_number(value: Any, low: float, high: float) -> bool:
    return value is None or (type(value) in (int, float) and low <= value <= high)


def _without_personal_data(record: dict[str, Any]) -> bool:
    for name in ("person", "household"):
        value = record.get(name)
        if value is not None and pseudonyms.looks_like_person(value):
            return False
    reason = record.get("reason") or ""
    return pseudonyms.mask_numbers(reason) == reason


def _with_a_place(record: dict[str, Any], places: Container[str], box: tuple[float, ...]) -> bool:
    lat, lng, place = (record.get(name) for name in ("lat", "lng", "place_id"))
    if (lat is None) != (lng is None):
        return False
    if place is not None:
        return place in places
    if lat is None:
        return False
    west, south, east, north = box
    return south - MARGIN <= lat <= north + MARGIN and west - MARGIN <= lng <= east + MARGIN
