"""What was rejected is told by field and place, and never by what it held."""

from __future__ import annotations

from dashboard.hub.reasons import MOST_FIELDS, CheckInRejects, Reasons
from schemas.codec import encode
from schemas.records import Rejected


def reject(offset: int, reason: str, *, partition: int = 1, arrival_ms: int | None = None) -> bytes:
    return encode(
        Rejected(
            topic="checkins",
            partition=partition,
            offset=offset,
            arrival_ms=1_000 * offset if arrival_ms is None else arrival_ms,
            reason=reason,
            payload=b'{"person": "secret"}',
        )
    )


def folded(*payloads: bytes | None) -> CheckInRejects:
    rejects = CheckInRejects(Reasons("checkins"))
    rejects.fold(list(payloads))
    return rejects


def test_the_field_most_often_at_fault_comes_first_with_the_place_of_its_newest():
    rejects = folded(
        reject(4, "lat: 95.0: expected degrees in ±90"),
        reject(9, "lat: 91.0: expected degrees in ±90"),
        reject(7, 'direction: "up": expected in, out, pass or denied'),
        reject(5, "lat: NaN: expected degrees in ±90"),
    )
    first, second = rejects.reasons.top()
    assert first == {
        "topic": "checkins",
        "reason": "lat",
        "expected": "expected degrees in ±90",
        "n": 3,
        "partition": 1,
        "offset": 9,
        "last_ms": 9_000,
    }
    assert (second["reason"], second["n"]) == ("direction", 1)


def test_neither_value_nor_payload_is_told():
    told = str(
        folded(reject(1, 'person: "Li Lei 13800138000": expected a pseudonym')).reasons.top()
    )
    assert "person" in told
    assert not any(text in told for text in ("Li Lei", "1380", "secret"))


def test_a_reject_that_is_said_again_after_a_crash_counts_once():
    again = reject(4, "lat: 95: expected less")
    other = reject(4, "lat: 95: expected less", partition=2)
    assert folded(again, other, again).reasons.counts == {"lat": 2}


def test_what_is_no_reject_is_counted_as_bad():
    rejects = folded(b"", None, b"\xff", b"[" * 2_000, b"{}")
    assert (rejects.bad, rejects.reasons.top()) == (5, [])


def test_fields_are_bounded():
    rejects = folded(*(reject(i, f"field{i}: x: expected y") for i in range(MOST_FIELDS + 5)))
    assert len(rejects.reasons.counts) == MOST_FIELDS
