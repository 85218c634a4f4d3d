"""What the hub shows equals a slow recount, whatever order, lateness or restatement."""

from __future__ import annotations

import json
from dataclasses import replace

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.config import Limits
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.source import Batch
from dashboard.hub.state import CityState
from dashboard.hub.tables import CellTable
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, point_record, record_of
from tests.oracles.hub import WINDOWS, SlowHub

CITY = fake_city(side=4, places_per_grid=2)
G = CITY.gazetteer
NOW_MS = (NOON + 10_000) * MINUTE_MS
counts = st.lists(st.integers(0, 30), min_size=7, max_size=7)
slices = st.tuples(st.integers(0, len(G.place_id) - 1), st.integers(-140, 4), counts)
batches = st.lists(
    st.tuples(st.integers(0, 40), st.lists(slices, min_size=1, max_size=12)), min_size=1, max_size=6
)


def state_of(city=CITY, **limits) -> CityState:
    return CityState(city, Limits(**limits))


def played(drawn) -> tuple[CityState, SlowHub]:
    """Play batches; each begins a drawn number of minutes after the one before."""
    state, slow, minute = state_of(), SlowHub(G), NOON
    for step, drawn_slices in drawn:
        minute += step
        records = [
            record_of(G, place, minute + offset, n, max(minute, minute + offset - 4) * MINUTE_MS)
            for place, offset, n in drawn_slices
        ]
        state.take(batch(records), NOW_MS)
        slow.take(records)
    return state, slow


@settings(max_examples=60, deadline=None)
@given(batches)
def test_cells_and_areas_of_every_window_equal_a_recount(drawn):
    state, slow = played(drawn)
    frame = state.frame(1)
    if frame is None:
        assert slow.clock is None
        return
    assert frame.minute == slow.clock
    for name in WINDOWS:
        cells, areas = frame.cells(name).values, frame.areas(name).values
        for res in (7, 8, 9):
            table, nodes = state.places.tables[res - 7], frame.geography.nodes(res)
            shown = dict(zip(table.cells().tolist(), cells[nodes].tolist(), strict=True))
            assert shown == {c: slow.window(name, p) for c, p in slow.places_by_cell(res).items()}
        shown = dict(zip(G.area_id, areas[:-1].tolist(), strict=True))
        assert shown == {a: slow.window(name, p) for a, p in slow.places_by_area().items()}


@settings(max_examples=40, deadline=None)
@given(batches)
def test_cells_of_each_resolution_and_areas_of_each_level_add_up_to_the_city(drawn):
    state, _ = played(drawn)
    frame = state.frame(1)
    if frame is None:
        return
    for name in WINDOWS:
        cells, areas = frame.cells(name).values, frame.areas(name).values
        for res in (7, 8, 9):
            assert cells[frame.geography.nodes(res)].sum(axis=0).tolist() == cells[-1].tolist()
        for level in range(len(G.levels)):
            assert areas[:-1][G.level == level].sum(axis=0).tolist() == cells[-1].tolist()


@settings(max_examples=40, deadline=None)
@given(batches)
def test_minute_totals_equal_a_recount(drawn):
    state, slow = played(drawn)
    if state.ring.clock is None:
        return
    totals = state.ring.totals(60)
    for age in range(60):
        expected = sum(
            r["n_in"] for (_, minute), r in slow.slices.items() if slow.clock - minute == age
        )
        assert totals[59 - age, 0] == expected


@settings(max_examples=30, deadline=None)
@given(batches, st.randoms(use_true_random=False))
def test_a_partition_that_lags_changes_nothing_in_the_end(drawn, random):
    """Whole places come later, in their own order, as from another partition."""
    state, _ = played(drawn)
    again, minute, messages = state_of(), NOON, []
    for step, drawn_slices in drawn:
        minute += step
        for place, offset, n in drawn_slices:
            arrival_ms = max(minute, minute + offset - 4) * MINUTE_MS
            messages.append(record_of(G, place, minute + offset, n, arrival_ms))
    first = [m for m in messages if hash_of(m) % 2]
    again.take(batch(first + [m for m in messages if not hash_of(m) % 2]), NOW_MS)
    one, other = state.frame(1), again.frame(1)
    if one is None or one.minute != other.minute:
        return
    kept = [m for m in messages if one.minute - m["minute_ms"] // MINUTE_MS <= 130]
    for name in WINDOWS:
        if len(kept) == len(messages):
            assert one.cells(name).values.tolist() == other.cells(name).values.tolist()


def hash_of(record: dict) -> int:
    return sum(record["place_id"].encode())


def test_a_restated_slice_replaces_the_earlier_one():
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10])]), NOW_MS)
    state.take(batch([record_of(G, 0, NOON, [7, 1])]), NOW_MS)
    assert state.frame(1).cells("last_15").values[-1].tolist() == [7, 1, 0, 8, 0]


def late(place: int, minute: int, counts, arrived: int = NOON) -> dict:
    """Give a slice that holds something that came long after its minute."""
    return record_of(G, place, minute, counts, arrived * MINUTE_MS)


def test_a_late_slice_inside_the_ring_marks_its_cells_corrected_for_one_frame():
    #   c-40      c-3 ...... c
    #    late      settled   running
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10]), record_of(G, 5, NOON - 40, [9])]), NOW_MS)
    state.frame(1)
    state.take(batch([late(5, NOON - 40, [11])]), NOW_MS)
    layer = Layer(9, Metric.PASSAGES, 60)
    _, marks = state.frame(2).layer(layer)
    assert (marks & 1).sum() == 1
    assert marks[state.places.cells[5, 2]] & 1
    assert state.changed, "the mark must be taken away again"
    _, marks = state.frame(3).layer(layer)
    assert (marks & 1).sum() == 0


def test_the_same_value_again_is_no_correction():
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10]), record_of(G, 5, NOON - 40, [9])]), NOW_MS)
    state.frame(1)
    state.take(batch([late(5, NOON - 40, [9])]), NOW_MS)
    assert state.tally.corrected == 0


def accounts_of(partition: int, offset: int, arrived: int) -> bytes:
    fields = {"v": 1, "topic": "checkins", "partition": partition, "first_offset": 0}
    counts = {"offset": offset, "read": offset + 1, "accepted": offset + 1}
    rest = {"rejected": 0, "late": 0, "arrival_ms": arrived * MINUTE_MS}
    return json.dumps({**fields, **counts, **rest}).encode()


def test_what_is_read_of_a_log_corrects_nothing_until_the_log_is_read():
    #   partition 0: read up to c        its minutes are as they will be
    #   partition 1: read up to c-50     its later minutes are still to come
    state = state_of()
    behind = [accounts_of(0, 99, NOON), accounts_of(1, 9, NOON - 50)]
    records = [record_of(G, 0, NOON, [10]), record_of(G, 5, NOON - 40, [9])]
    state.take(batch(records, progress=behind, ends={0: 100, 1: 100}), NOW_MS)
    state.take(batch([late(5, NOON - 40, [11])]), NOW_MS)
    assert state.tally.corrected == 0
    state.take(batch([], progress=[accounts_of(1, 99, NOON)]), NOW_MS)
    state.take(batch([late(5, NOON - 40, [12])]), NOW_MS)
    assert state.tally.corrected == 1


def test_a_slice_in_which_nothing_came_late_corrects_nothing():
    # A job that reads its log again restates a minute from one check-in on.
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10]), record_of(G, 5, NOON - 40, [9])]), NOW_MS)
    state.take(batch([record_of(G, 5, NOON - 40, [3])]), NOW_MS)
    assert state.tally.corrected == 0


@pytest.mark.parametrize(("age", "corrected"), [(3, 1), (2, 0), (1, 0)])
def test_a_minute_is_complete_two_minutes_after_its_end(age, corrected):
    #    c-3       c-2       c-1       c 30 s
    #    [  )........ 2 min ...........|
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10]), record_of(G, 5, NOON - age, [9])]), NOW_MS)
    state.take(batch([late(5, NOON - age, [11])]), NOW_MS)
    assert state.tally.corrected == corrected


def test_a_slice_older_than_the_ring_is_counted_and_changes_nothing():
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10])]), NOW_MS)
    before = state.frame(1).cells("ago_60").values
    state.take(batch([record_of(G, 0, NOON - 131, [10], NOON * MINUTE_MS)]), NOW_MS)
    assert state.tally.old == 1
    assert state.frame(2).cells("ago_60").values.tolist() == before.tolist()


def test_a_device_that_is_fast_does_not_move_the_clock_but_is_kept():
    #         c   | c+3
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10])]), NOW_MS)
    state.take(batch([record_of(G, 1, NOON + 3, [20], NOON * MINUTE_MS + 31_000)]), NOW_MS)
    assert state.ring.clock == NOON
    assert state.frame(1).cells("last_15").values[-1, 0] == 10
    state.take(batch([record_of(G, 0, NOON + 3, [1])]), NOW_MS)
    assert state.frame(2).cells("last_15").values[-1, 0] == 31


def test_one_broken_clock_does_not_move_a_live_city_out_of_today():
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10])]), NOW_MS)
    state.take(batch([record_of(G, 1, NOON + 600_000, [20])]), NOON * MINUTE_MS)
    assert state.ring.clock == NOON
    assert state.tally.bad == 1


GARBAGE = [
    None,
    b"",
    b"not json",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"[" * 5000,
    b'{"v": 2}',
    json.dumps({**record_of(G, 0, NOON, [1]), "n_in": -1}).encode(),
    json.dumps({**record_of(G, 0, NOON, [1]), "n_in": 2**70}).encode(),
    json.dumps({**record_of(G, 0, NOON, [1]), "n_in": 10**12}).encode(),
    json.dumps({**record_of(G, 0, NOON, [1]), "minute_ms": NOON * MINUTE_MS + 1}).encode(),
    json.dumps({**record_of(G, 0, NOON, [1]), "cell9": "x"}).encode(),
]


@pytest.mark.parametrize("bad", GARBAGE, ids=lambda b: repr(b)[:30])
def test_garbage_between_good_slices_is_counted_and_skipped(bad):
    state = state_of()
    good = [json.dumps(record_of(G, i, NOON, [i + 10])).encode() for i in range(3)]
    state.take(Batch(slices=[good[0], bad, good[1], bad, good[2]]), NOW_MS)
    assert state.tally.bad == 2
    assert state.frame(1).cells("last_15").values[-1, 0] == 10 + 11 + 12


def test_unknown_extra_fields_are_accepted():
    state = state_of()
    state.take(batch([{**record_of(G, 0, NOON, [6]), "new": [1]}]), NOW_MS)
    assert state.frame(1).cells("last_15").values[-1, 0] == 6


def test_places_known_by_coordinates_get_cells_outside_the_table_and_lose_their_row():
    far = h3.latlng_to_cell(31.5, 115.5, 12)
    state = state_of(spare_places=1)
    n9 = len(state.places.tables[2])
    state.take(batch([point_record(far, NOON, [8])]), NOW_MS)
    assert len(state.places.tables[2]) == n9 + 1
    frame = state.frame(1)
    assert frame.cells("last_15").values[frame.geography.nodes(9)][-1, 0] == 8
    outside = G.area_index["outside"]
    assert frame.areas("last_15").values[outside, 0] == 8
    others = [c for c in h3.grid_disk(far, 3) if c != far]
    for step, other in enumerate(others, start=1):  # each has the ring for itself
        state.take(batch([point_record(other, NOON + step * 140, [1])]), NOW_MS)
    assert state.places.capacity <= len(G.place_id) + 2
    assert state.tally.no_room == 0
    assert state.frame(2).cells("last_15").values[-1, 0] == 1


def test_more_places_at_once_than_there_is_room_for_are_counted_not_fatal():
    far = h3.latlng_to_cell(31.5, 115.5, 12)
    state = state_of(spare_places=2, max_places=0)
    state.take(batch([point_record(c, NOON, [5]) for c in sorted(h3.grid_disk(far, 1))]), NOW_MS)
    assert state.tally.no_room == 5
    assert state.frame(1).cells("last_15").values[-1, 0] == 10


def test_a_place_is_not_forgotten_by_the_batch_in_which_it_reports():
    far = sorted(h3.grid_disk(h3.latlng_to_cell(31.5, 115.5, 12), 2))
    state = state_of(spare_places=2, max_places=0)
    state.take(batch([point_record(c, NOON, [5]) for c in far[:2]]), NOW_MS)
    later = NOON + 200  # both rows are old now, but the first reports again
    state.take(batch([point_record(c, later, [7]) for c in (far[0], far[2], far[2])]), NOW_MS)
    assert state.tally.no_room == 0
    assert state.frame(1).cells("last_15").values[-1, 0] == 14
    assert set(state.places.row_of) - set(G.place_id) == {far[0], far[2]}


def test_zero_is_zero_and_never_heard_is_no_data():
    state = state_of()
    state.take(batch([record_of(G, 0, NOON, [10]), record_of(G, 31, NOON - 100, [10])]), NOW_MS)
    values, marks = state.frame(1).layer(Layer(9, Metric.PASSAGES, 15))
    assert values[state.places.cells[0, 2]] == 10
    quiet = state.places.cells[31, 2]
    assert values[quiet] == 0
    assert marks[quiet] & 4, "nothing for an hour: stale"
    others = np.setdiff1d(np.arange(len(values)), state.places.cells[[0, 31], 2])
    assert (values[others] == 65535).all()


def test_change_compares_whole_minutes_with_the_same_minutes_an_hour_ago():
    #  c-75 .. c-61        c-15 .. c-1   c
    #     [ 20 )              [ 30 )    (5 running: not compared)
    state = state_of()
    records = [record_of(G, 0, NOON - 70, [20]), record_of(G, 0, NOON - 10, [30])]
    state.take(batch([*records, record_of(G, 0, NOON, [5])]), NOW_MS)
    values, _ = state.frame(1).layer(Layer(9, Metric.CHANGE, 15))
    assert values[state.places.cells[0, 2]] == 32768 + 50


@pytest.mark.parametrize(
    ("metric", "percent"),
    [
        (Metric.CHANGE, 20),
        (Metric.CHANGE_IN, 100),
        (Metric.CHANGE_OUT, -40),
        (Metric.CHANGE_FEVER, 50),
    ],
)
def test_each_metric_has_a_change_of_its_own(metric, percent):
    #              in out pass denied screened fever
    before, after = [20, 20, 10, 0, 50, 10], [40, 12, 8, 0, 50, 15]
    state = state_of()
    records = [record_of(G, 0, NOON - 70, before), record_of(G, 0, NOON - 10, after)]
    state.take(batch([*records, record_of(G, 0, NOON, [5])]), NOW_MS)
    values, _ = state.frame(1).layer(Layer(9, metric, 15))
    assert values[state.places.cells[0, 2]] == 32768 + percent
    assert metric.is_change
    assert metric.counted.change is metric


@pytest.mark.parametrize(("begun_ago", "known"), [(76, True), (75, False), (61, False), (0, False)])
def test_change_is_unknown_where_the_log_began_within_the_hour_ago(begun_ago, known):
    #  c-75 .. c-61        c-15 .. c-1   c
    #     [ 1 late )          [ 30 )          a log begun in c-75 holds no whole c-75
    state = state_of()
    records = [record_of(G, 0, NOON - 70, [1]), record_of(G, 0, NOON - 10, [30])]
    news = batch([*records, record_of(G, 0, NOON, [5])])
    state.take(replace(news, begun_ms=(NOON - begun_ago) * MINUTE_MS + 1), NOW_MS)
    frame = state.frame(1)
    values, _ = frame.layer(Layer(9, Metric.CHANGE, 15))
    assert frame.knows_hour_ago(15) is known
    assert (values[state.places.cells[0, 2]] == 65535) is not known


def test_a_cell_table_only_grows_at_its_end_and_changes_its_digest():
    table = CellTable(9, limit=10)
    cells = [h3.str_to_int(c) for c in sorted(h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 1))]
    table.indices_of(np.array(cells[:3], dtype=np.uint64))
    first, digest = table.cells().tolist(), table.digest()
    assert [table.index_of(c) for c in (cells[3], cells[1])] == [3, 1]
    assert table.cells().tolist()[:3] == first
    assert table.digest() != digest
