"""Where the log of check-ins begins and ends, however wide a customer made it."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace

from dashboard.hub import input_log
from dashboard.hub.starts import ASK_S
from schemas.topics import CHECKINS, PLACE_MINUTES
from tests.dashboard.bus_double import Admin
from tests.dashboard.bus_reader import BusReader

WIDE = 2 * CHECKINS.partitions


def test_every_partition_of_a_wide_topic_counts(bus):
    bus.make(CHECKINS.name, WIDE)
    bus.say(CHECKINS.name, b"x", b"y", partition=WIDE - 1)
    reader = BusReader()
    reader.read(lambda batch: bool(batch.ends))
    assert reader.ends == {**dict.fromkeys(range(WIDE), 0), WIDE - 1: 2}


def test_a_partition_that_is_added_later_counts(bus):
    reader = BusReader()
    reader.read(lambda batch: bool(batch.ends))
    bus.topics[CHECKINS.name].append([])
    bus.say(CHECKINS.name, b"x", partition=CHECKINS.partitions)
    reader.read(lambda batch: bool(batch.ends))
    assert reader.ends[CHECKINS.partitions] == 1


def test_ends_never_hold_the_reading_up(bus, monkeypatch):
    silent = Future()
    monkeypatch.setattr(Admin, "_end", lambda *_: silent)
    reader = BusReader()
    bus.say(PLACE_MINUTES.name, b"a", b"b")
    began_s = bus.clock.now_s
    reader.read(lambda batch: len(reader.slices) == 2)
    assert bus.clock.now_s - began_s < ASK_S / 2
    assert reader.ends == {}
    silent.set_result(SimpleNamespace(offset=7))
    reader.read(lambda batch: bool(batch.ends))
    assert set(reader.ends.values()) == {7}


def test_the_log_begins_with_the_oldest_of_the_first_messages(bus):
    # partition 0      7 8 9
    #           1    5 ..... many
    #           2          9
    #           3  (empty)
    bus.say(CHECKINS.name, b"7", b"8", b"9", at_ms=7)
    bus.say(CHECKINS.name, b"5", partition=1, at_ms=5)
    bus.say(CHECKINS.name, *[b"later"] * 50_000, partition=1, at_ms=8)
    bus.say(CHECKINS.name, b"9", partition=2, at_ms=9)
    assert BusReader().read(lambda batch: bool(batch.ends)).begun_ms == 5


def test_the_last_partition_may_hold_the_oldest_message(bus):
    for partition in range(CHECKINS.partitions):
        many = [b"x"] * 1_000
        bus.say(CHECKINS.name, *many, partition=partition, at_ms=100 - partition)
    oldest = 101 - CHECKINS.partitions
    assert BusReader().read(lambda batch: bool(batch.ends)).begun_ms == oldest


def test_an_empty_log_has_no_begin(bus):
    consumer = bus.client({"auto.offset.reset": "earliest"})
    assert input_log.oldest_ms(consumer) is None


def test_a_log_that_is_missing_is_named_and_the_map_goes_on(bus):
    bus.drop(CHECKINS.name)
    reader = BusReader()
    batch = reader.read(lambda batch: bool(batch.trouble))
    assert batch.trouble == f"topic {CHECKINS.name} is not there yet"
    bus.make(CHECKINS.name, 1)
    reader.read(lambda batch: bool(batch.ends) and not batch.trouble)
