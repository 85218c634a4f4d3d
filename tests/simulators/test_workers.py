"""However many work on it, streams and truth are the same bytes; no process is left behind."""

import multiprocessing
from pathlib import Path

import msgspec
import pytest

from simulators.city.workers import working
from simulators.errors import WorkerError
from simulators.messages import Messages
from simulators.scenario import Dirt, Epidemic, Event, Scenario
from simulators.truth import Truth
from tests.simulators.towns import CITY, simulation, stream_of

DAY = 86_400_000
BUSY = Scenario(
    name="busy",
    days=2,
    epidemic=Epidemic(seeds=40),
    dirt=Dirt(offline=0.2, duplicates=0.05, malformed=0.02, missed=0.05, weather=1.0, new_keys=0.1),
    event=(Event(kind="blind_spot", day=0, hour=8.0, hours=6.0),),
)
LONG = msgspec.structs.replace(BUSY, days=20)


def run_with(workers: int, folder: Path) -> list[tuple[str, list, list, list]]:
    made = stream_of(simulation(BUSY, stands_for=1.5))
    made.watch = Truth(folder, made.simulation, CITY)
    with working(made.simulation, workers) as made.days:
        found = made.between(made.begin_ms, made.begin_ms + 2 * DAY)
    made.watch.close()
    return [rows_of(part) for part in found]


def rows_of(part: Messages) -> tuple[str, list, list, list]:
    return part.topic, part.arrival_ms.tolist(), list(part.keys), list(part.values)


def test_streams_and_truth_do_not_depend_on_the_number_of_workers(tmp_path: Path):
    alone, three = (run_with(number, tmp_path / str(number)) for number in (1, 3))
    assert sum(len(values) for _, _, _, values in alone) > 20_000
    assert alone == three
    files = sorted((tmp_path / "1").rglob("*.parquet"))
    assert len(files) > 10
    for file in files:
        other = tmp_path / "3" / file.relative_to(tmp_path / "1")
        assert file.read_bytes() == other.read_bytes()


def test_the_second_process_lives_as_many_days_as_asked_for_and_ends_with_the_run():
    made = simulation(LONG)
    with working(made, 2) as days_of:
        days = list(days_of(seen_from=1, until=3))
        assert len(multiprocessing.active_children()) == 1
    assert not multiprocessing.active_children()
    assert [(day.day, len(day.passages) > 0) for day in days] == [(0, False), (1, True), (2, True)]


def test_a_second_process_that_dies_ends_the_run_with_one_line():
    with working(simulation(LONG), 2) as days_of:
        days = days_of()
        next(days)
        (process,) = multiprocessing.active_children()
        process.kill()
        with pytest.raises(WorkerError, match="has ended too early"):
            list(days)
