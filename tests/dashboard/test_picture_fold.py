"""The newest revision of each key stands, in whatever order it comes; nothing else is taken."""

from __future__ import annotations

import h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.config import Limits
from dashboard.hub.source import Batch
from dashboard.hub.state import CityState
from schemas.topics import AREA_RT, CELL_RISK, CLUSTERS
from tests.dashboard import statements
from tests.dashboard.fake_city import fake_city
from tests.dashboard.statements import said, state_with

CITY = fake_city(side=4, places_per_grid=2)
G = CITY.gazetteer
CELLS = sorted({h3.int_to_str(c) for c in G.cells[:, 1].tolist()})
drawn = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), min_size=1, max_size=30)


def risks_of(messages):
    """Give the records of cells, their risk telling which revision they are of."""
    return [
        statements.risk(CELLS[cell], revision=revision, rr=revision / 10)
        for cell, revision in messages
    ]


@settings(max_examples=50, deadline=None)
@given(drawn, st.randoms(use_true_random=False))
def test_the_greatest_revision_stands_in_any_order(messages, random):
    mixed = messages[:]
    random.shuffle(mixed)
    state = CityState(CITY, Limits())
    for message in mixed:
        state.picture.fold(said(cell_risk=risks_of([message])))
    newest: dict[str, int] = {}
    for cell, revision in messages:
        newest[CELLS[cell]] = max(revision, newest.get(CELLS[cell], 0))
    held = state.picture.view().of(CELL_RISK)
    assert {cell: record.revision for cell, record in held.items()} == newest
    assert all(held[cell].rr == pytest.approx(newest[cell] / 10) for cell in newest)


def test_a_bad_message_is_counted_and_the_rest_of_its_batch_taken():
    state = CityState(CITY, Limits())
    good = said(cell_risk=[statements.risk(CELLS[0])])[CELL_RISK.name]
    state.picture.fold({CELL_RISK.name: [b"{", *good, None, b"[]"]})
    assert list(state.picture.view().of(CELL_RISK)) == [CELLS[0]]
    assert (state.picture.n_read, state.picture.n_bad) == (4, 3)


@pytest.mark.parametrize(
    "record",
    [
        statements.risk(CELLS[0], res=9),  # a cell that is of another resolution than it says
        statements.risk(h3.cell_to_parent(CELLS[0], 5), res=5),
        statements.risk("8fffffffffffffff"[:15], res=8),
    ],
)
def test_what_is_no_cell_of_a_map_is_refused(record):
    state = CityState(CITY, Limits())
    assert not state.picture.fold(said(cell_risk=[record]))
    assert state.picture.n_bad == 1


def test_areas_of_another_city_are_refused_and_the_whole_city_is_taken():
    state = CityState(CITY, Limits())
    records = [statements.area_rt("elsewhere"), statements.area_rt("city", level="city")]
    state.picture.fold(said(area_rt=records))
    assert list(state.picture.view().of(AREA_RT)) == ["city"]


def test_a_cell_without_any_place_gets_a_row_of_the_table():
    state = state_with(CITY)
    far = h3.grid_ring(CELLS[0], 6)[0]
    before = len(state.places.tables[1])
    assert state.places.tables[1].find(int(far, 16)) is None
    state.take(Batch(picture=said(cell_risk=[statements.risk(far)])), 0)
    assert len(state.places.tables[1]) == before + 1
    frame = state.frame(2)
    assert frame.geography.row_of(far, 8) == before


def test_a_view_never_changes():
    state = CityState(CITY, Limits())
    state.picture.fold(said(cell_risk=[statements.risk(CELLS[0])]))
    view = state.picture.view()
    assert state.picture.view() is view
    state.picture.fold(said(cell_risk=[statements.risk(CELLS[1])]))
    assert len(view.of(CELL_RISK)) == 1
    assert len(state.picture.view().of(CELL_RISK)) == 2


def test_a_rank_that_is_empty_now_is_no_cluster():
    state = state_with(CITY, clusters=[statements.cluster(1, CELLS[:2])])
    gone = statements.cluster(1, [], found=False, revision=2)
    state.take(Batch(picture=said(clusters=[gone])), 0)
    assert not state.picture.view().of(CLUSTERS)[1].found


def test_memory_is_bounded():
    state = CityState(CITY, Limits(max_statistics=2))
    state.picture.fold(said(cell_risk=[statements.risk(c) for c in CELLS[:4]]))
    assert len(state.picture.view().of(CELL_RISK)) == 2
    assert state.picture.n_bad == 2
