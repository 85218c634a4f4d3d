"""Rejects: found by key and reason, and judged before they are sent again."""

from collections.abc import Iterator

import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from typer.testing import CliRunner

from schemas.broker import Broker
from schemas.codec import encode
from schemas.records import CheckIn, Progress, Rejected
from schemas.topics import CHECKINS
from stack import rejects, rejects_cli
from stack.errors import SettingsError, StackError
from stack.progress import Written

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


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    keeper = Producer({"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0})
    one = next(iter(keeper.list_topics(timeout=20).brokers.values()))
    keeper.list_topics(CHECKINS.name, timeout=20)  # the little broker makes what is asked for
    yield Broker(f"{one.host}:{one.port}")
    keeper.flush()  # it must live as long as its broker is used


def run(*words):
    return CliRunner().invoke(rejects_cli.app, words)


def test_reason_that_looks_like_markup_is_listed_as_it_is(monkeypatch):
    monkeypatch.setenv("HEXLINE_BROKER", "none:1")
    record = rejected(1, 'direction: "[/up]": expected one of in, out')
    monkeypatch.setattr(rejects, "all_rejects", lambda _broker: {"checkins-2-1": record})
    said = run("list")
    assert said.exit_code == 0
    assert '"[/up]"' in said.stdout


def test_payload_cannot_command_the_terminal(monkeypatch):
    monkeypatch.setenv("HEXLINE_BROKER", "none:1")
    record = msgspec.structs.replace(
        rejected(1, "payload: not JSON"), payload=b"a\x1b[2J\xe4\xb8\xad\n"
    )
    monkeypatch.setattr(rejects, "all_rejects", lambda _broker: {"checkins-2-1": record})
    said = run("show", "checkins-2-1").stdout
    assert "\x1b" not in said
    assert "a\\x1b[2J中" in said


def test_keys_and_reason_together_choose_what_fits_both(monkeypatch):
    found = {f"checkins-2-{n}": rejected(n, why) for n, why in ((1, "lat: 95"), (2, "lng: x"))}
    monkeypatch.setattr(rejects, "all_rejects", lambda _broker: found)
    keys = ["checkins-2-1", "checkins-2-2", "checkins-2-1"]
    assert rejects_cli._chosen(None, keys, "lat") == [found["checkins-2-1"]]
    assert rejects_cli._chosen(None, keys, None) == list(found.values())


def test_more_is_sent_again_than_can_be_under_way(broker, monkeypatch):
    monkeypatch.setattr(rejects, "UNDER_WAY", 100)
    monkeypatch.setattr(
        rejects,
        "Producer",
        lambda settings: Producer(settings | {"queue.buffering.max.messages": 150}),
    )
    sent = rejects.send_again(broker, [(str(n), b"{}") for n in range(1_000)])
    assert sorted(int(one.key) for one in sent) == list(range(1_000))
    assert all(one.partition is not None for one in sent)


def test_large_payload_is_sent_again_and_one_too_large_is_told():
    sent = rejects.send_again(Broker("none:1"), [("huge", b"x" * (CHECKINS.max_message_bytes + 9))])
    assert [(one.key, one.offset) for one in sent] == [("huge", None)]
    with pytest.raises(StackError, match="1 of 1 were not sent"):
        rejects_cli._report(sent, None)


def test_message_of_two_megabytes_can_be_sent_again(broker):
    (sent,) = rejects.send_again(broker, [("large", b"x" * 2_000_000)])
    assert sent.offset is not None
    assert sent.remark.startswith("still bad: payload: more than")


def test_what_is_sent_again_arrives_by_the_citys_own_clock(broker, monkeypatch):
    on_the_way = Progress(
        topic="checkins", partition=0, first_offset=0, offset=9, read=10, accepted=10, rejected=0,
        late=0, arrival_ms=1_586_500_000_000,
    )  # fmt: skip
    monkeypatch.setattr(rejects, "latest", lambda _broker: [Written(on_the_way, 0)])
    assert rejects.clock_ms(broker, "wuhan") is None
    assert rejects.clock_ms(broker, "nyc") == 1_586_500_000_000
    (sent,) = rejects.send_again(broker, [("k", encode(SOUND))], 1_586_500_000_000)
    consumer = Consumer({**broker.client(), "group.id": "test"})
    consumer.assign([TopicPartition(CHECKINS.name, sent.partition, sent.offset)])
    found = consumer.poll(20)
    consumer.close()
    assert found.timestamp()[1] == 1_586_500_000_000
