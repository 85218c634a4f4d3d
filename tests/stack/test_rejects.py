"""Rejects: found by key and reason, and judged before they are sent again."""

import msgspec
import pytest

from schemas.codec import encode
from schemas.records import CheckIn, Rejected
from stack import rejects
from stack.errors import SettingsError

SOUND = CheckIn(
    v=1, event_id="e1", event_ms=1_700_000_000_000, person="p" * 16, direction="in",
    channel="qr", purpose="entry_exit", source="gate-1", place_id="gate-7",
)  # fmt: skip


def rejected(offset, reason):
    return Rejected(
        topic="checkins", partition=2, offset=offset, arrival_ms=0, reason=reason, payload=b"x"
    )


def test_key_is_the_place_on_the_input():
    assert rejects.key_of(rejected(7, "")) == "checkins-2-7"


def test_reasons_are_found_in_any_case():
    all_of_them = [rejected(1, "lat: 95"), rejected(2, "payload: not JSON")]
    assert list(rejects.matching(all_of_them, "json")) == [all_of_them[1]]
    assert list(rejects.matching(all_of_them, None)) == all_of_them


@pytest.mark.parametrize("key", ["", "checkins", "checkins-1", "checkins-1-x"])
def test_key_of_another_form_is_refused(key):
    with pytest.raises(SettingsError, match="expected topic-partition-offset"):
        rejects.one(None, key)


def test_repaired_payload_is_judged_by_the_readers_own_decoder():
    assert rejects.verdict(encode(SOUND)) == "sound in form"
    assert rejects.verdict(b"{}").startswith("still bad: v: missing")


def test_message_key_is_the_place_else_the_source():
    nowhere = msgspec.structs.replace(SOUND, place_id=None, lat=30.5, lng=114.3)
    assert rejects.message_key(encode(SOUND)) == b"gate-7"
    assert rejects.message_key(encode(nowhere)) == b"gate-1"
    assert rejects.message_key(b"{}") is None
