"""A cell of which nothing new was said still holds what was said last."""

from __future__ import annotations

import pytest

from dashboard.hub import backlog, starts
from schemas.times import HOUR_MS
from schemas.topics import CELL_DENSITY
from tests.dashboard.bus_reader import BusReader

DENSITY = CELL_DENSITY.name


@pytest.fixture
def long_ago(bus, monkeypatch):
    """Fill a density topic of which the newest two records are read at once."""
    monkeypatch.setattr(starts, "AT_LEAST", 2)
    bus.clock.now_s = 3 * HOUR_MS / 1000
    bus.make(DENSITY, 1)
    bus.say(DENSITY, b"a=1", b"b=1", b"quiet=1", b"a=2", b"quiet=2", b"b=2", at_ms=HOUR_MS)
    bus.say(DENSITY, b"a=3", b"c=1", at_ms=3 * HOUR_MS - 1)
    return bus


def test_the_newest_come_first_and_then_what_still_holds_of_the_rest(long_ago):
    reader = BusReader()
    reader.read(lambda batch: bool(batch.picture))
    assert set(reader.picture) >= {b"a=3", b"c=1"}
    reader.read(lambda _: len(reader.picture) == 4)
    since_s = long_ago.clock.now_s
    reader.read(lambda _: long_ago.clock.now_s > since_s + 60)
    # of a the newest alone: what is older of it is never given
    assert sorted(reader.picture) == [b"a=3", b"b=2", b"c=1", b"quiet=2"]


def test_what_is_older_comes_before_what_has_just_come(long_ago):
    reader = BusReader()
    reader.read(lambda batch: bool(batch.picture))
    long_ago.say(DENSITY, b"quiet=3")
    reader.read(lambda _: b"quiet=3" in reader.picture and b"b=2" in reader.picture)
    newest = [value for value in reader.picture if value.startswith(b"quiet")][-1]
    assert newest == b"quiet=3"


def test_a_long_backlog_is_read_a_part_at_each_look(long_ago, monkeypatch):
    monkeypatch.setattr(backlog, "MOST", 1)
    reader = BusReader()
    reader.read(lambda batch: bool(batch.picture))
    assert len(reader.picture) == 2
    reader.read(lambda _: len(reader.picture) == 4)


def test_a_topic_that_is_read_whole_has_no_backlog(bus):
    bus.make(DENSITY, 1)
    bus.say(DENSITY, b"a=1", b"b=1")
    reader = BusReader()
    reader.read(lambda _: len(reader.picture) == 2)
    reader.read(lambda _: bus.clock.now_s > 60)
    assert reader.picture == [b"a=1", b"b=1"]
