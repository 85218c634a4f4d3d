"""Frames and tables say to an independent reader what went into them."""

from __future__ import annotations

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import RequestError
from dashboard.hub import wire
from dashboard.hub.layers import METRICS, RESOLUTIONS, WINDOWS, Layer, Metric, layer_of
from dashboard.hub.streams import Shown, first_update, next_update
from dashboard.hub.tables import CellTable
from tests.oracles.hub import read_frame, read_table

LAYER = Layer(9, Metric.PASSAGES, 15)
columns = st.lists(
    st.tuples(st.integers(0, 65535), st.integers(0, 7)), min_size=0, max_size=60
).map(lambda rows: (np.array([r[0] for r in rows], "u2"), np.array([r[1] for r in rows], "u1")))


@given(columns, st.integers(0, 2**32 - 1))
def test_a_snapshot_reads_back(column, seq):
    values, marks = column
    frame = read_frame(wire.snapshot(wire.Stamp(LAYER.number, seq, 1.5, 2.5), values, marks))
    assert (frame["kind"], frame["version"], frame["seq"]) == (0, 1, seq)
    assert (frame["res"], frame["metric"], frame["window"]) == (9, 2, 1)
    assert (frame["arrival_ms"], frame["end_ms"]) == (1.5, 2.5)
    assert (frame["values"], frame["marks"]) == (values.tolist(), marks.tolist())
    assert frame["flags"] == any(m & 1 for m in frame["marks"])


@given(st.lists(columns, min_size=1, max_size=6))
def test_a_viewer_who_applies_every_change_sees_what_the_hub_shows(steps):
    update = first_update(LAYER, Shown(1_000, 2_000, *steps[0]))
    held, seq = read_frame(update.snapshot), update.seq
    for step, (values, marks) in enumerate(steps[1:]):
        update = next_update(update, Shown(1_000 + step, 2_000, values, marks))
        if update.change is not None:
            frame = read_frame(update.change)
            assert frame["seq"] == (seq + 1) % 2**32
            seq = frame["seq"]
            if frame["kind"] == 0:
                held = frame
            else:
                for at, value, mark in zip(
                    frame["index"], frame["values"], frame["marks"], strict=True
                ):
                    held["values"][at], held["marks"][at] = value, mark
        assert update.seq == seq
        assert (held["values"], held["marks"]) == (values.tolist(), marks.tolist())


def test_a_delta_is_sent_only_where_it_is_smaller():
    values, marks = np.zeros(100, "u2"), np.zeros(100, "u1")
    first = first_update(LAYER, Shown(0, 0, values, marks))
    for n_changed in (1, 42, 43, 100):
        other = values.copy()
        other[:n_changed] = 9
        change = next_update(first, Shown(0, 0, other, marks)).change
        assert read_frame(change)["kind"] == (1 if n_changed <= 42 else 0)
        assert len(change) == 32 + min(7 * n_changed, 300)


def test_nothing_changed_is_a_heartbeat_with_the_same_number():
    values, marks = np.zeros(10, "u2"), np.zeros(10, "u1")
    first = first_update(LAYER, Shown(0, 0, values, marks))
    again = next_update(first, Shown(700, 0, values, marks))
    assert again.change is None
    beat = read_frame(again.heartbeat)
    assert (beat["kind"], beat["seq"], beat["arrival_ms"]) == (2, first.seq, 700)


def test_a_table_that_grew_gives_a_snapshot():
    first = first_update(LAYER, Shown(0, 0, np.zeros(3, "u2"), np.zeros(3, "u1")))
    grown = next_update(first, Shown(0, 0, np.zeros(4, "u2"), np.zeros(4, "u1")))
    assert read_frame(grown.change)["kind"] == 0
    assert len(read_frame(grown.change)["values"]) == 4


def test_sequence_numbers_start_at_the_datas_clock_and_go_round():
    values, marks = np.zeros(1, "u2"), np.zeros(1, "u1")
    arrival_ms = (2**32 - 1) * 200
    first = first_update(LAYER, Shown(arrival_ms, 0, values, marks))
    assert first.seq == 2**32 - 1
    assert next_update(first, Shown(arrival_ms, 0, values + 1, marks)).seq == 0


def test_counts_are_clipped_withheld_or_missing():
    counts = np.array([0, 7, 70_000, 3, 9])
    hidden = np.array([False, False, False, True, False])
    known = np.array([True, True, True, True, False])
    assert wire.counts_to_values(counts, hidden, known).tolist() == [0, 7, 65533, 65534, 65535]


def test_changes_are_percent_withheld_or_unknown():
    now = np.array([150, 0, 0, 9, 10**7, 9, 9])
    before = np.array([100, 50, 0, 0, 1, 9, 9])
    hidden = np.array([False] * 5 + [True, False])
    known = np.array([True] * 6 + [False])
    expected = [32818, 32668, 32768, 65535, 32768 + 9999, 65534, 65535]
    assert wire.changes_to_values(now, before, hidden, known).tolist() == expected


def test_a_cell_table_reads_back_with_h3s_own_shapes():
    table = CellTable(9, limit=100)
    names = sorted(h3.grid_disk(h3.latlng_to_cell(30.6, 114.3, 9), 2))
    table.indices_of(np.array([h3.str_to_int(n) for n in names], dtype=np.uint64))
    read = read_table(table.encoded())
    assert (read["kind"], read["version"], read["res"]) == (16, 1, 9)
    assert read["hash"] == table.digest().hex()
    assert [h3.int_to_str(c) for c in read["cells"]] == names
    for name, area, corners in zip(names, read["areas"], read["corners"], strict=True):
        assert area == pytest.approx(h3.cell_area(name), rel=1e-6)
        flat = [x for lat, lng in h3.cell_to_boundary(name) for x in (lng, lat)]
        assert list(corners) == pytest.approx(flat, abs=1e-5)  # about a metre


def test_layers_have_numbers_of_their_own():
    layers = [Layer(r, m, w) for r in RESOLUTIONS for m in METRICS.values() for w in WINDOWS]
    assert len({layer.number for layer in layers}) == len(layers)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (None, "subscribe"),
        ([], "subscribe"),
        ({}, "res"),
        ({"res": True, "metric": "in", "minutes": 1}, "res"),
        ({"res": 9.0, "metric": "in", "minutes": 1}, "res"),
        ({"res": 10, "metric": "in", "minutes": 1}, "res"),
        ({"res": 9, "metric": "persons", "minutes": 1}, "metric"),
        ({"res": 9, "metric": ["in"], "minutes": 1}, "metric"),
        ({"res": 9, "metric": "in", "minutes": 5}, "minutes"),
    ],
)
def test_a_layer_that_does_not_exist_is_named(asked, named):
    with pytest.raises(RequestError, match=named):
        layer_of(asked)
