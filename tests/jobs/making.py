"""Check-ins made for tests: a good one, and strategies that draw odd ones."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from jobs.steps.read import Rules
from schemas.records import CheckIn
from tests.jobs.small_city import small_city

NOON = 1_585_742_400_000  # 2020-04-01T12:00:00Z
CITY = small_city()
RULES = Rules("small", CITY)
GOOD: dict[str, Any] = {
    "v": 1,
    "event_id": "e-1",
    "event_ms": NOON - 1_000,
    "person": "a1b2c3d4e5f60718",
    "direction": "in",
    "channel": "qr",
    "purpose": "entry_exit",
    "source": "gates",
    "place_id": "gate-00000",
}


def payload(**changes: Any) -> bytes:
    """Give a good check-in with some fields changed; None leaves a field out."""
    fields = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return json.dumps(fields, ensure_ascii=False).encode()


# Few places, minutes and ids, so that the same slice and event are met again and again.
check_ins = st.builds(
    payload,
    event_id=st.integers(0, 12).map(lambda n: f"e-{n}"),
    event_ms=st.integers(0, 4).map(lambda n: NOON - 31_000 * n)
    | st.sampled_from([NOON - 86_400_001, NOON - 86_400_000, NOON + 300_000, NOON + 300_001]),
    direction=st.sampled_from(["in", "out", "pass", "denied", "up"]),
    source=st.sampled_from(["gates", "sim:live", "taxi:zone-1"]),
    place_id=st.sampled_from(["gate-00000", "gate-00001", "gate-00009", "nowhere"]),
    temperature_c=st.sampled_from([None, 36.5, 37.2, 37.3, 40.0]),
) | st.builds(
    payload,
    place_id=st.none(),
    event_id=st.integers(0, 12).map(lambda n: f"e-{n}"),
    lat=st.sampled_from([30.501, 30.5011, 30.539, 30.6, 48.85]),
    lng=st.sampled_from([114.201, 114.2011, 114.26]),
)
odd_values = (
    st.sampled_from([None, True, 0, 1, -1, 1.0, 36.6, 370, 25, 45.0, 90, -180, 90.1, 1e300])
    | st.sampled_from([10**400, NOON, NOON + 300_001, float("nan"), float("inf"), [], {}, [1]])
    | st.sampled_from(["", "in", "up", "qr", "other", "gates", "gate-00000", "nowhere", "a\x00b"])
    | st.sampled_from(["x1" * 64, "x1" * 65, "x" * 200, "x" * 201, "\u4e2d" * 128, "\u4e2d" * 129])
    | st.sampled_from(["Jane", "Jane Doe", "13800000000", "11010119900101001X", "a1b2c3d4"])
    | st.sampled_from(["fever, call 13800000000", "\U0001f600" * 64])
)
"""Values that some field takes and others do not, ends of ranges among them."""


@st.composite
def odd_messages(draw: st.DrawFn) -> bytes:
    """Draw a check-in with some fields, known or not, of other values, then some other bytes."""
    names = st.sampled_from([*CheckIn.__struct_fields__, "battery"])
    fields = GOOD | draw(st.dictionaries(names, odd_values, max_size=3))
    gone = draw(st.sets(names, max_size=1))
    message = json.dumps(
        {name: value for name, value in fields.items() if name not in gone},
        ensure_ascii=draw(st.booleans()),
    ).encode()
    if draw(st.booleans()):
        return message
    start = draw(st.integers(0, len(message)))
    return (
        message[:start]
        + draw(st.binary(max_size=3))
        + message[draw(st.integers(start, start + 3)) :]
    )


bad_bytes = st.sampled_from([None, b"", b"not json", b"\xff", b"[]", b"{}"])
arrivals = st.integers(NOON - 2_000, NOON + 2_000)


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[bytes | None, int, int, int]]:
    """Draw a log: payloads in up to three partitions, offsets counting up in each."""
    offsets = [0, 0, 0]
    rows = []
    for each in draw(st.lists(check_ins | bad_bytes, max_size=40)):
        partition = draw(st.integers(0, 2))
        rows.append((each, partition, offsets[partition], draw(arrivals)))
        offsets[partition] += 1
    return rows
