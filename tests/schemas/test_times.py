"""Edges of time are decided once."""

from __future__ import annotations

import pytest

from schemas.times import CHECKIN_LIMITS, DAY_MS, MINUTE_MS, Verdict, minute_of, verdict

ARRIVAL = 1_585_728_000_000


@pytest.mark.parametrize(
    ("delay_ms", "expected"),
    [
        (0, Verdict.COUNTS),
        (DAY_MS, Verdict.COUNTS),
        (DAY_MS + 1, Verdict.LATE),
        (-5 * MINUTE_MS, Verdict.COUNTS),
        (-5 * MINUTE_MS - 1, Verdict.FUTURE),
    ],
)
def test_the_limits_themselves_still_count(delay_ms: int, expected: Verdict) -> None:
    # future | -5 min ... arrival ... +24 h | late
    assert verdict(ARRIVAL - delay_ms, ARRIVAL, CHECKIN_LIMITS) is expected


def test_a_minute_holds_its_start_and_not_its_end() -> None:
    assert minute_of(ARRIVAL) == minute_of(ARRIVAL + MINUTE_MS - 1) == ARRIVAL
    assert minute_of(ARRIVAL + MINUTE_MS) == ARRIVAL + MINUTE_MS
