"""Columns of check-ins become the JSON that the one decoder reads."""

import numpy as np
import pytest

from schemas.codec import decode
from schemas.records import CheckIn
from schemas.topics import CHECKINS
from simulators.check_ins import CHANNELS, DIRECTIONS, PURPOSES, REASONS, CheckIns, Encoder
from simulators.numbers import scrambled, scrambled_one

PLACES = [f"p{n}" for n in range(5)]
ENCODER = Encoder(PLACES, [f"sim:town:{n}" for n in range(5)])


def some(n: int) -> CheckIns:
    chance = np.random.default_rng(3)
    return CheckIns(
        event_ms=chance.integers(1_500_000_000_000, 1_600_000_000_000, n),
        arrival_ms=np.sort(chance.integers(1_500_000_000_000, 1_600_000_000_000, n)),
        event_id=np.arange(n, dtype=np.uint64),
        person=chance.integers(0, 2**63, n).astype(np.uint64),
        household=np.where(chance.random(n) < 0.3, 0, chance.integers(1, 2**63, n)).astype(
            np.uint64
        ),
        place=chance.integers(0, 5, n).astype(np.int32),
        direction=chance.integers(0, len(DIRECTIONS), n).astype(np.uint8),
        channel=chance.integers(0, len(CHANNELS), n).astype(np.uint8),
        purpose=chance.integers(0, len(PURPOSES), n).astype(np.uint8),
        reason=chance.integers(0, len(REASONS), n).astype(np.uint8),
        temperature=np.where(chance.random(n) < 0.5, 0, chance.integers(250, 451, n)).astype(
            np.int16
        ),
    )


def expected(rows: CheckIns, row: int) -> CheckIn:
    """Give one row the slow way, as a record."""
    household, heat = int(rows.household[row]), int(rows.temperature[row])
    return CheckIn(
        v=1,
        event_id=f"s{int(rows.event_id[row]):016x}",
        event_ms=int(rows.event_ms[row]),
        person=f"p{int(rows.person[row]):016x}",
        direction=DIRECTIONS[rows.direction[row]],
        channel=CHANNELS[rows.channel[row]],
        purpose=PURPOSES[rows.purpose[row]],
        source=f"sim:town:{rows.place[row]}",
        place_id=PLACES[rows.place[row]],
        household=f"h{household:016x}" if household else None,
        temperature_c=heat / 10 if heat else None,
        reason=REASONS[rows.reason[row]] or None,
        device_id=f"dev-{PLACES[rows.place[row]]}",
    )


def test_every_row_is_the_record_it_stands_for():
    rows = some(2_000)
    messages = ENCODER.messages(rows)
    assert [decode(value, CheckIn) for value in messages.values] == [
        expected(rows, row) for row in range(len(rows))
    ]
    assert list(messages.keys) == [PLACES[place] for place in rows.place]
    assert messages.topic == CHECKINS.name


@pytest.mark.parametrize("n", [0, 1])
def test_no_rows_and_one_row_are_encoded_too(n: int):
    assert len(ENCODER.messages(some(n)).values) == n


def test_one_number_is_scrambled_as_a_column_is():
    numbers = np.random.default_rng(1).integers(0, 2**64, 200, dtype=np.uint64)
    for key in (0, 7, 2**63):
        column = scrambled(numbers, key).tolist()
        assert column == [scrambled_one(number, key) for number in numbers.tolist()]


def test_scrambled_numbers_stay_different():
    numbers = scrambled(np.arange(100_000, dtype=np.uint64), key=5)
    assert len(np.unique(numbers)) == 100_000
    # every bit is set about half the time: five standard deviations of 100,000 tosses
    ones = [(numbers >> np.uint64(bit) & np.uint64(1)).mean() for bit in range(64)]
    assert np.abs(np.array(ones) - 0.5).max() < 5 * 0.5 / 100_000**0.5
