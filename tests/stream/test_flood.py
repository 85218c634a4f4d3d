"""Two million bad records in a row, minutes long and so run by hand: `./hexline test drill`."""

from __future__ import annotations

import itertools

import pytest

from schemas.codec import Refusal, decode
from schemas.records import CheckIn
from tests.jobs.test_read import BAD
from tests.stream import bus, counting, kills

pytestmark = pytest.mark.drill

A_MILLION = 1_000_000
SMALL_BYTES = 1_000
SLACK_BYTES = 128 * 2**20  # what garbage collectors leave lying about
READ_WITHIN_S = 400


def test_two_million_bad_records_in_a_row_are_rejected_in_flat_memory(stack_session):
    broker, layout = stack_session.broker, stack_session.layout
    before = stack_session.restarts()
    rejected = sum(each["rejected"] for each in counting.accounts(broker).values())
    bad = [message for message, _ in BAD if len(message or b"") < SMALL_BYTES
           and isinstance(decode(message, CheckIn), Refusal)]  # fmt: skip
    send_and_wait(broker, bad)
    after_one = kills.resident_bytes(layout)
    send_and_wait(broker, bad)
    print(f"{after_one / 2**20:.0f} MiB after one million")
    print(f"{kills.resident_bytes(layout) / 2**20:.0f} MiB after two")
    assert kills.resident_bytes(layout) < after_one + SLACK_BYTES
    accounts = counting.accounts(broker).values()
    assert sum(each["rejected"] for each in accounts) == rejected + 2 * A_MILLION
    for each in accounts:
        assert each["read"] == each["accepted"] + each["rejected"] + each["late"]
    assert stack_session.restarts() == before


def send_and_wait(broker, bad):
    """Send a million of them, and wait until all are read."""
    messages = itertools.islice(itertools.cycle(bad), A_MILLION)
    bus.send(broker, ((None, message, counting.NOON) for message in messages))
    took_s = counting.wait_until(
        "a million read",
        lambda: counting.read_total(broker) == counting.sent_total(broker),
        READ_WITHIN_S,
    )
    print(f"a million bad records read {took_s:.0f} s after the last was sent")
