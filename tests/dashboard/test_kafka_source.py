"""The war room reads the bus whatever becomes of it: each message once, trouble in words."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer

from dashboard.hub import starts
from dashboard.hub.kafka import KafkaSource
from schemas.broker import Broker
from schemas.times import HOUR_MS
from schemas.topics import (
    CASES,
    CHECKINS,
    CHECKINS_PROGRESS,
    CHECKINS_REJECTED,
    HOTSPOTS,
    PLACE_MINUTES,
)
from tests.dashboard.bus_reader import BusReader, is_idle

SLICES, PROGRESS = PLACE_MINUTES.name, CHECKINS_PROGRESS.name
AWAY = "the broker at nowhere:1 does not answer"


def test_all_that_was_there_is_read_before_it_is_caught_up(bus):
    bus.say(SLICES, b"a", b"b", partition=0)
    bus.say(SLICES, b"c", partition=1)
    bus.say(PROGRESS, b"p")
    bus.say(CASES.name, b"x", None)
    reader = BusReader()
    reader.read(lambda batch: batch.caught_up)
    assert sorted(reader.slices) == [b"a", b"b", b"c"]
    assert reader.progress == [b"p"]
    assert reader.cases == [(0, 0, b"x"), (0, 1, None)]


def test_an_empty_bus_is_caught_up_at_once(bus):
    assert BusReader().read(lambda batch: True).caught_up


def test_a_broker_that_is_not_there_yet_is_waited_for(bus):
    bus.say(SLICES, b"a")
    bus.is_away = True
    reader = BusReader()
    waiting = reader.read(lambda batch: bool(batch.trouble))
    assert (waiting.trouble, waiting.caught_up) == (AWAY, False)
    bus.is_away = False
    reader.read(is_idle)
    assert reader.slices == [b"a"]


def test_a_topic_that_is_missing_is_named_and_waited_for(bus):
    bus.drop(PROGRESS)
    reader = BusReader()
    assert reader.read(lambda batch: True).trouble == "topic checkins-progress is not there yet"
    bus.make(PROGRESS, 1)
    reader.read(is_idle)


def test_while_the_broker_is_away_it_is_said_and_afterwards_nothing_is_lost_or_twice(bus):
    bus.say(SLICES, b"a")
    reader = BusReader()
    reader.read(is_idle)
    bus.is_away = True
    assert reader.read(lambda batch: bool(batch.trouble)).trouble == AWAY
    began_s = bus.clock.now_s
    reader.read(lambda _: bus.clock.now_s > began_s + 120)  # two minutes of silence
    bus.say(SLICES, b"b", b"c", partition=1)
    bus.is_away = False
    reader.read(is_idle)
    assert reader.slices == [b"a", b"b", b"c"]


def test_an_added_partition_is_read_from_its_beginning(bus):
    reader = BusReader()
    reader.read(is_idle)
    bus.topics[SLICES].append([])
    bus.say(SLICES, b"first", b"second", partition=2)
    reader.read(lambda batch: len(reader.slices) == 2)
    reader.read(lambda _: bus.clock.now_s > 60)
    assert reader.slices == [b"first", b"second"]


def test_a_topic_of_the_picture_is_joined_when_it_comes(bus):
    reader = BusReader()
    reader.read(is_idle)
    bus.make(HOTSPOTS.name, 1)
    bus.say(HOTSPOTS.name, b"hot")
    reader.read(lambda batch: bool(batch.picture))
    reader.read(lambda _: bus.clock.now_s > 60)
    assert reader.picture == [b"hot"]


def test_of_the_rejects_the_newest_are_read_and_the_map_does_not_wait(bus, monkeypatch):
    monkeypatch.setattr(starts, "NEWEST_REJECTS", 2)
    bus.make(CHECKINS_REJECTED.name, 1)
    bus.say(CHECKINS_REJECTED.name, b"0", b"1", b"2")
    reader = BusReader()
    assert reader.read(lambda _: True).caught_up
    bus.say(CHECKINS_REJECTED.name, b"3")
    reader.read(lambda _: bus.clock.now_s > 30)
    assert reader.rejected == [b"1", b"2", b"3"]


def test_a_topic_made_anew_is_read_from_its_beginning(bus):
    bus.say(SLICES, b"old 0", b"old 1", b"old 2")
    reader = BusReader()
    reader.read(is_idle)
    reader.slices.clear()
    bus.make(SLICES, 2)
    bus.say(SLICES, b"new 0", b"new 1")
    reader.read(lambda batch: bool(batch.slices))
    assert reader.slices == [b"new 0", b"new 1"]


def test_a_process_that_starts_again_reads_the_same_again(bus):
    bus.say(SLICES, *(b"%d" % i for i in range(5)))
    first, second = BusReader(), BusReader()
    first.read(is_idle)
    first.source.close()
    second.read(is_idle)
    assert first.slices == second.slices


def test_of_a_long_topic_the_last_hours_are_read_and_some_records_at_least(bus, monkeypatch):
    monkeypatch.setattr(starts, "AT_LEAST", 2)
    for hour in range(10):
        bus.say(SLICES, b"%d" % hour, at_ms=hour * HOUR_MS)
    bus.say(SLICES, b"quiet 0", b"quiet 1", b"quiet 2", partition=1, at_ms=HOUR_MS)
    reader = BusReader()
    reader.read(is_idle)
    # three hours before the newest record of all; where nothing is as new, the last two
    assert reader.slices == [b"6", b"7", b"8", b"9", b"quiet 1", b"quiet 2"]


def test_where_the_log_of_check_ins_ends_is_told_once_a_second(bus):
    bus.say(CHECKINS.name, b"1", b"2", partition=1, at_ms=7)
    reader = BusReader()
    assert reader.read(lambda batch: bool(batch.ends)).begun_ms == 7
    assert reader.ends[1] == 2
    bus.say(CHECKINS.name, b"3", partition=1)
    since_s = bus.clock.now_s
    reader.read(lambda _: reader.ends[1] == 3)
    assert bus.clock.now_s - since_s < 1.5


def test_a_closed_source_ends(bus):
    reader = BusReader()
    reader.read(is_idle)
    reader.source.close()
    assert list(reader.batches) == []


@pytest.fixture
def mocked() -> tuple[str, Producer]:
    """Give the address of a broker that the client's own library mocks, and who holds it."""
    holder = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    (node,) = holder.list_topics(timeout=30).brokers.values()
    return f"{node.host}:{node.port}", holder


def test_the_real_client_gives_every_message_as_it_is_decodable_or_not(mocked):
    where, producer = mocked
    sent = [b"{}", b"\xff\x00 no JSON", b"", b"[1", None]
    for topic in (SLICES, PROGRESS, CASES.name, CHECKINS.name):
        for value in sent:
            producer.produce(topic, value, partition=0)
    assert producer.flush(30) == 0
    source = KafkaSource(Broker(where))
    slices, cases = [], []
    for batch in source.batches():
        slices += batch.slices
        cases += [case.payload for case in batch.cases]
        if batch.caught_up:
            source.close()
    # the mock gives an empty value as none
    assert [value or None for value in slices] == [value or None for value in sent]
    assert [value or None for value in cases] == [value or None for value in sent]
