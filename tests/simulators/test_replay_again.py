"""A replay goes on where an earlier one stopped, and leaves out nothing of its window."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.broker import Broker
from simulators import present, sender
from simulators.pace import AS_FAST_AS_POSSIBLE
from simulators.play import Clock, play
from simulators.replay.run import STEADY, plan
from simulators.replay.stream import STEP_MS, Replay
from simulators.replay.trips import Passages
from simulators.sender import Sender

START, N = 1_586_102_400_000, 32
EVERY_MS = STEP_MS // 4


class Seeking(Consumer):
    """Finds offsets by time, which the little broker cannot, and waits for nothing more."""

    def __init__(self, settings: dict) -> None:
        super().__init__({**settings, "fetch.wait.max.ms": 10})

    def offsets_for_times(self, partitions: list[TopicPartition], **_: float) -> list:
        """Read each partition from its begin."""
        return [self._found(part) for part in partitions]

    def _found(self, asked: TopicPartition) -> TopicPartition:
        end = self.get_watermark_offsets(asked, timeout=20)[1]
        self.assign([TopicPartition(asked.topic, asked.partition, 0)])
        found = next((at for at in range(end) if self._arrival_ms() >= asked.offset), -1)
        return TopicPartition(asked.topic, asked.partition, found)

    def _arrival_ms(self) -> int:
        return self.poll(20).timestamp()[1]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    monkeypatch.setattr(present, "Consumer", Seeking)
    keeper = Producer({"bootstrap.servers": "none:1", "test.mock.num.brokers": 1, "log_level": 0})
    one = next(iter(keeper.list_topics(timeout=20).brokers.values()))
    for topic in sender.WRITTEN:
        keeper.list_topics(topic.name, timeout=20)  # the little broker makes what is asked for
    yield Broker(f"{one.host}:{one.port}")
    keeper.flush()  # it must live as long as its broker is used


def window(first: int, last: int) -> Replay:
    """Give the check-ins of rows `first` to `last`, that one not included."""
    at = START + EVERY_MS * np.arange(N, dtype=np.int64)
    rows = np.arange(N)
    made = Passages(rows, rows % 2 == 0, rows, at, at, rows.astype(np.uint64))
    return Replay(made, {}, [], int(at[first]), int(at[last - 1]) + 1)


def sent(stream: Replay, broker: Broker, stop_after: int = N) -> tuple[int, int]:
    """Play; give how many were sent, and how many were found to be there."""
    made = Sender(broker)
    run = plan(stream, AS_FAST_AS_POSSIBLE, broker, made, 0)
    clock = Clock(lambda: 0, lambda _seconds: None)
    step = play(
        run, clock, lambda _step: None, lambda: sum(made.account.sent.values()) > stop_after
    )
    return step.sent, step.skipped


def test_replay_that_was_stopped_goes_on_where_it_was(broker: Broker):
    first, _ = sent(window(0, N), broker, stop_after=14)
    assert 14 < first < 20
    rest, there = sent(window(0, N), broker)
    assert first + rest == N
    assert there <= 2 * STEP_MS // EVERY_MS


def test_days_before_an_earlier_replay_are_sent_too(broker: Broker):
    assert sent(window(16, 24), broker) == (8, 0)
    assert sent(window(0, N), broker) == (N - 8, 8)
    assert sent(window(0, N), broker)[0] == 0


def test_clock_that_is_set_moves_no_replay(monkeypatch: pytest.MonkeyPatch):
    before = STEADY.now_ms()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert 0 <= STEADY.now_ms() - before < 60_000
