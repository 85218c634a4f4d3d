"""A topic that was deleted and made anew is another log, however long it is."""

from __future__ import annotations

import pytest

from schemas.topics import CASES, CHECKINS, CHECKINS_PROGRESS, HOTSPOTS, PLACE_MINUTES
from tests.dashboard.bus_reader import BusReader, is_idle

SLICES = PLACE_MINUTES.name
WATCHED = (SLICES, CHECKINS_PROGRESS.name, CASES.name, CHECKINS.name, HOTSPOTS.name)


def begun(bus) -> BusReader:
    """Read a bus on which a little was said."""
    bus.make(HOTSPOTS.name, 1)
    bus.say(SLICES, b"old 0", b"old 1")
    reader = BusReader()
    reader.read(is_idle)
    return reader


@pytest.mark.parametrize("topic", WATCHED)
def test_whichever_topic_is_made_anew_everything_is_read_again(bus, topic):
    reader = begun(bus)
    since_s = bus.clock.now_s
    bus.make(topic, len(bus.topics[topic]))
    reader.read(lambda batch: batch.anew)
    assert bus.clock.now_s - since_s < 10
    reader.read(is_idle)
    assert reader.slices == ([] if topic == SLICES else [b"old 0", b"old 1"])


def test_a_new_log_that_is_longer_than_the_position_is_read_from_its_beginning(bus):
    # old   0 1 | position
    # new   0 1 2 3 4 5
    reader = begun(bus)
    new = [b"new %d" % i for i in range(6)]
    bus.make(SLICES, 2)
    bus.say(SLICES, *new)
    batch = reader.read(lambda batch: batch.anew)
    assert not batch.caught_up
    reader.read(is_idle)
    assert reader.slices == new


def test_a_new_log_with_fewer_partitions_has_no_ends_of_the_old_one(bus):
    bus.say(CHECKINS.name, b"x", partition=3)
    reader = begun(bus)
    assert reader.ends[3] == 1
    bus.make(CHECKINS.name, 2)
    bus.say(CHECKINS.name, b"y", partition=1)
    reader.read(lambda batch: batch.anew)
    reader.read(lambda _: bool(reader.ends))
    assert reader.ends == {0: 0, 1: 1}


def test_a_topic_that_is_gone_is_named_and_read_again_when_it_is_back(bus):
    reader = begun(bus)
    bus.drop(SLICES)
    gone = reader.read(lambda batch: bool(batch.trouble))
    assert gone.trouble == f"topic {SLICES} is not there"
    bus.make(SLICES, 1)
    bus.say(SLICES, b"new")
    reader.read(lambda batch: batch.anew)
    reader.read(is_idle)
    assert reader.slices == [b"new"]


def test_nothing_is_read_again_while_the_broker_is_away_or_partitions_are_added(bus):
    reader = begun(bus)
    bus.is_away = True
    since_s = bus.clock.now_s
    reader.read(lambda _: bus.clock.now_s > since_s + 60)
    bus.is_away = False
    bus.topics[SLICES].append([])
    reader.read(lambda _: bus.clock.now_s > since_s + 120)
    assert reader.fresh_starts == 0


def test_a_broker_that_knows_no_ids_is_read_as_before(bus):
    none = "AAAAAAAAAAAAAAAAAAAAAA"
    bus.ids = dict.fromkeys(bus.ids, none)
    reader = begun(bus)
    reader.read(lambda _: bus.clock.now_s > 60)
    assert reader.fresh_starts == 0
    assert reader.slices == [b"old 0", b"old 1"]


def test_who_comes_after_the_change_reads_the_new_log_once(bus):
    begun(bus)
    bus.make(SLICES, 1)
    bus.say(SLICES, b"new")
    late = BusReader()
    late.read(lambda _: bus.clock.now_s > 60)
    assert late.slices == [b"new"]
    assert late.fresh_starts == 0
