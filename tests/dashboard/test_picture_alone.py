"""A city of which only cases are known: the statistics are served, and no count is made up."""

from __future__ import annotations

from collections.abc import Iterator

import h3
import pytest
from starlette.testclient import TestClient

from dashboard.config import Limits
from dashboard.hub import wire
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.source import Batch
from dashboard.hub.state import CityState
from dashboard.hub.statistics.catalog import Statistic, StatisticLayer
from tests.dashboard import statements
from tests.dashboard.served import CITY, NOW_MS, client_of, wait_for, wait_until
from tests.dashboard.slices import NOON, batch, record_of
from tests.oracles.hub import read_frame

CELL = h3.int_to_str(int(CITY.gazetteer.cells[0, 1]))
FINE = h3.int_to_str(int(CITY.gazetteer.cells[0, 2]))
AREA = str(CITY.gazetteer.area_id[0])
SAID = Batch(
    ends={0: 0},
    picture=statements.said(
        cell_risk=[statements.risk(CELL)],
        hotspots=[statements.hotspot(CELL)],
        area_rt=[statements.area_rt(AREA)],
        cell_density=[statements.density(FINE)],
    ),
)


@pytest.fixture
def alone() -> Iterator[TestClient]:
    with client_of([SAID]) as opened:
        wait_for(opened, "empty")
        yield opened


def test_lists_cells_and_areas_of_the_statistics_are_answered(alone):
    states = {one["id"]: one["state"] for one in alone.get("/api/picture").json()["layers"]}
    assert (states["risk"], states["hotspots"], states["clusters"]) == ("ready", "ready", "empty")
    assert [r["cell"] for r in alone.get("/api/picture/list/hotspots").json()["rows"]] == [CELL]
    assert alone.get(f"/api/picture/cell/{CELL}").json()["risk"]["rr"][0] == 2.0
    assert alone.get(f"/api/picture/area/{AREA}").json()["spread"]["cases_7d"] == 80


def test_the_page_of_counts_still_says_that_nothing_was_counted(alone):
    assert alone.get("/health").json()["state"] == "empty"
    kpi = alone.get("/api/kpi").json()
    assert (kpi["minute_ms"], kpi["tiles"]["passages"]["value"]) == (None, None)
    assert alone.get("/api/hottest").json()["rows"] == []
    assert alone.get("/api/areas/grid/values").status_code == 503
    assert alone.get(f"/api/cell/{CELL}").status_code == 503


def test_the_map_shows_a_layer_of_statistics_and_nothing_of_counts(alone):
    table = alone.app.state.hub.view.tables[1].cells.tolist()
    with alone.websocket_connect("/ws") as socket:
        assert socket.receive_json()["hello"]["state"] == "empty"
        socket.send_json({"subscribe": {"res": 8, "statistic": "risk"}})
        risk = read_frame(socket.receive_bytes())
        assert risk["values"][table.index(int(CELL, 16))] == 2_000
        assert risk["end_ms"] == statements.AS_OF_MS
        socket.send_json({"subscribe": {"res": 8, "metric": "passages", "minutes": 15}})
        frame = read_frame(socket.receive_bytes())
        assert (set(frame["values"]), frame["arrival_ms"]) == ({wire.NO_DATA}, 0)


def test_nothing_is_answered_before_all_of_it_is_read():
    with client_of([Batch(picture=SAID.picture, caught_up=False)]) as opened:
        wait_until(opened, lambda view: view.state.state == "loading")
        assert opened.get("/api/picture/list/hotspots").status_code == 503


def test_density_of_before_is_withheld_as_nobody_knows_beside_which_counts():
    state = CityState(CITY, Limits())
    state.take(SAID, NOW_MS)
    frame = state.frame(1)
    values, _ = frame.layer(StatisticLayer(9, Statistic.DENSITY))
    assert values[frame.geography.row_of(FINE, 9)] == wire.WITHHELD


def test_counts_are_shown_from_the_first_check_in_on():
    state = CityState(CITY, Limits())
    state.take(SAID, NOW_MS)
    assert not state.frame(1).counted
    state.take(batch([record_of(CITY.gazetteer, 0, NOON, [9])]), NOW_MS)
    frame = state.frame(2)
    assert (frame.counted, frame.minute, len(frame.picture.stamps)) == (True, NOON, 4)
    values, _ = frame.layer(Layer(9, Metric.PASSAGES, 15))
    assert values[frame.geography.row_of(FINE, 9)] == 9


def test_a_city_of_which_nothing_was_said_has_no_frame():
    state = CityState(CITY, Limits())
    state.take(Batch(ends={0: 0}), NOW_MS)
    assert state.frame(1) is None
