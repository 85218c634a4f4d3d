"""The benches of latency and of the whole start measure what they say."""

import os

import h3
import pytest

from cities.pack import load
from dashboard.api.city import CityFacts
from schemas.codec import decode, encode
from schemas.records.check_in import CheckIn
from stack.bench import cli, map_page, paced, pixel, probes, processes, up
from stack.bench.probes import Probe, Target
from stack.bench.rows import Row
from stack.errors import StackError
from stack.leftovers import MARK

HERE = Target("gate-0001", 0)


@pytest.fixture(scope="module")
def gazetteer():
    return load("wuhan").gazetteer


def probe(painted_after_ms, sent_ms=1_000):
    return Probe(HERE, sent_ms, sent_ms + 5, 0, 0, painted_after_ms and sent_ms + painted_after_ms)


def named(rows):
    return {row.name: row for row in rows}


def test_percentiles_are_of_probes_that_were_really_measured():
    rows = named(pixel.rows_of([probe(ms) for ms in range(100, 200)]))
    assert rows["check-in sent to pixel changed, p50"].value == 150
    assert rows["check-in sent to pixel changed, slowest"].value == 199
    assert all(row.good for row in rows.values())


def test_a_probe_that_is_never_painted_counts_as_the_whole_wait_and_fails_the_bench():
    rows = named(pixel.rows_of([probe(100)] * 80 + [probe(0)]))
    assert rows["check-in sent to pixel changed, slowest"].value == pixel.PROBE_WAIT_MS
    assert not rows["probes not painted"].good


def test_too_few_probes_are_not_good_enough():
    assert not named(pixel.rows_of([probe(100)] * 59))["probes"].good


def test_a_part_of_the_way_is_told_only_of_probes_seen_at_both_ends():
    rows = named(pixel.parts_of([probe(100), Probe(HERE, 1_000, 1_005, 1_105, 1_205, 1_305)]))
    assert rows["  sent to acknowledged, p50"].value == 5
    assert rows["  acknowledged to readable, p99"].value == 100
    assert rows["  framed to painted, p50"].value == 100


def test_targets_are_cells_near_the_centre_and_each_place_is_in_its_cell(gazetteer):
    ground = probes.ground_of(gazetteer, 40)
    assert len({target.cell for target in ground.targets}) == 40
    for target in ground.targets:
        row = gazetteer.place_index[target.place_id]
        assert int(gazetteer.cells[row, -1]) == target.cell
        assert h3.grid_distance(ground.centre, h3.int_to_str(target.cell)) <= probes.RINGS


def test_more_targets_than_the_page_shows_are_refused_with_the_number_there_is(gazetteer):
    with pytest.raises(StackError, match="expected at most"):
        probes.ground_of(gazetteer, 5_000)


def test_the_load_leaves_the_targets_and_all_their_neighbours_in_a_coarser_cell_alone(gazetteer):
    ground = probes.ground_of(gazetteer, 40)
    places = paced.places_without(gazetteer, ground.quiet)
    loaded = [gazetteer.place_index[place] for place in places]
    assert set(gazetteer.cells[loaded, -1].tolist()).isdisjoint(t.cell for t in ground.targets)
    targets = [gazetteer.place_index[target.place_id] for target in ground.targets]
    coarse = set(gazetteer.cells[targets, -2].tolist())
    assert coarse.isdisjoint(gazetteer.cells[loaded, -2].tolist())
    alone = sum(int(cell) in set(ground.quiet) for cell in gazetteer.cells[:, -2])
    assert 0 < alone < len(gazetteer.place_id) / 10
    assert len(places) + alone == len(gazetteer.place_id)


def test_a_load_is_cut_into_ticks_without_losing_a_record():
    arrival_ms = [0, 3, 19, 20, 20, 41, 99]
    parts = list(paced.due_together(arrival_ms, 20))
    assert [arrival_ms[a:b] for a, b in parts] == [[0, 3, 19], [20, 20], [41], [99]]


def test_a_probe_is_a_check_in_that_counts_one_way_only():
    record = decode(encode(probes.check_in("gate-0001", 7, 1_000)), CheckIn)
    assert isinstance(record, CheckIn)
    assert record.direction == "in"
    assert record.temperature_c is None


class Message:
    """A message of the topic of slices."""

    def __init__(self, place, arrival_ms):
        self._key = f"{place}|60000".encode()
        self._value = f'{{"v":1,"arrival_ms":{arrival_ms},"n_in":1}}'.encode()

    def key(self):
        """Give the key."""
        return self._key

    def value(self):
        """Give the value."""
        return self._value

    def error(self):
        """Give no error."""


def test_a_slice_written_before_the_probe_is_not_taken_for_its_own():
    followed = {HERE.place_id: Probe(HERE, 1_000)}
    probes.note(followed, [Message(HERE.place_id, 999), Message("gate-0002", 1_000)], 1_200)
    assert followed[HERE.place_id].readable_ms == 0
    probes.note(followed, [Message(HERE.place_id, 1_000)], 1_300)
    probes.note(followed, [Message(HERE.place_id, 1_000)], 1_400)
    assert followed[HERE.place_id].readable_ms == 1_300


def test_processes_are_told_apart_by_the_group_of_their_program(tmp_path):
    (tmp_path / "broker.pid").write_text("41")
    (tmp_path / "war-room.pid").write_text("43")
    (tmp_path / "supervisord.pid").write_text("40")
    assert processes.groups_of(tmp_path) == {41: "broker", 43: "war-room"}


def test_figures_by_program_come_largest_first():
    rows = up.by_program({"broker": 1.234, "war-room": 9.876}, "idle", "cores", 1)
    assert [(row.name, row.value) for row in rows] == [
        ("  idle, war-room", 9.9), ("  idle, broker", 1.2),
    ]  # fmt: skip


class Web:
    """A war room that says this."""

    def __init__(self, said):
        self.said = said

    def get(self, _path):
        """Give the status."""
        return self.said


@pytest.mark.parametrize("said", [None, {}, {"freshness_s": None}, {"freshness_s": 5.0}])
def test_a_war_room_that_does_not_answer_or_lags_is_not_fresh(said):
    assert not up.is_fresh(Web(said))


def test_a_war_room_that_shows_the_last_seconds_is_fresh():
    assert up.is_fresh(Web({"freshness_s": 0.0}))


def test_what_a_bench_starts_is_not_taken_for_a_part_of_another_stack(monkeypatch):
    monkeypatch.setenv(MARK, "/somewhere/.hexline")
    monkeypatch.setattr(pixel, "run", lambda _: [Row("mark", float(MARK in os.environ), "")])
    assert [row.value for row in cli.run("pixel", [])] == [0.0]


def test_the_city_of_the_map_bench_says_all_that_a_city_says():
    real = CityFacts(load("nyc"), simulated=lambda: False).body()
    assert map_page.city_body().keys() == real.keys()
