"""Made ahead: the same things in the same order, each begun when the one before it is taken."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.ahead import Ahead
from simulators.scenario import Dirt, Epidemic, Scenario
from simulators.truth import Truth
from tests.simulators.test_workers import rows_of
from tests.simulators.towns import CITY, simulation, stream_of

DAY = 86_400_000
BUSY = Scenario(name="busy", days=3, epidemic=Epidemic(seeds=40), dirt=Dirt(offline=0.1))


def test_one_item_is_made_ahead_and_no_more():
    made: list[int] = []
    second, fourth = threading.Event(), threading.Event()

    def source() -> Iterator[int]:
        for number in range(1, 10):
            made.append(number)
            if number == 2:
                second.set()
            if number == 4:
                fourth.set()
            yield number

    ahead = Ahead(source())
    assert next(ahead) == 1
    assert second.wait(10)
    assert made == [1, 2]
    assert [next(ahead), next(ahead)] == [2, 3]
    assert fourth.wait(10)
    ahead.close()
    assert made == [1, 2, 3, 4]


def test_all_comes_in_order_and_then_nothing():
    ahead = Ahead(iter(range(1, 6)))
    assert list(ahead) == [1, 2, 3, 4, 5]
    ahead.close()


def test_an_error_is_raised_where_its_item_is_asked_for():
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk full")

    ahead = Ahead(source())
    assert next(ahead) == 1
    with pytest.raises(OSError, match="disk full"):
        next(ahead)
    ahead.close()


@pytest.mark.parametrize("days", [0.3, 2.0, 2.4])
def test_streams_and_truth_are_the_same_bytes_made_ahead_or_not(tmp_path: Path, days: float):
    def run(name: str, *, ahead: bool) -> list:
        made = stream_of(simulation(BUSY))
        made.end_ms = made.begin_ms + int(days * DAY)
        made.watch = Truth(tmp_path / name, made.simulation, CITY)
        found, at, step = [], made.begin_ms, 3_333_333
        if not ahead:
            found = [*made.between(at, made.end_ms)]
        else:
            with made.ahead():
                while at < made.end_ms:
                    found += made.between(at, min(at + step, made.end_ms))
                    at += step
        made.watch.close()
        topics: dict[str, list] = {}
        for topic, *columns in map(rows_of, found):
            topics.setdefault(topic, []).extend(zip(*columns, strict=True))
        return topics

    assert run("ahead", ahead=True) == run("plain", ahead=False)
    files = sorted((tmp_path / "plain").rglob("*.parquet"))
    assert len(files) == len(list((tmp_path / "ahead").rglob("*.parquet"))) > 10
    for file in files:
        other = tmp_path / "ahead" / file.relative_to(tmp_path / "plain")
        assert file.read_bytes() == other.read_bytes()
