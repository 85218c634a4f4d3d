"""The inspector's minutes do not add up to a window that is withheld."""

from __future__ import annotations

import numpy as np

from dashboard.config import Limits
from dashboard.hub.masks import withheld_series
from dashboard.hub.minutes import MinuteMasks
from dashboard.hub.panels import inspector
from dashboard.hub.panels.kpi import STRETCHES, stretches_hidden
from dashboard.hub.state import CityState
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

CITY = fake_city()
G = CITY.gazetteer
GRIDS = {area: int(np.flatnonzero(G.area_id[G.grid] == area)[0]) for area in ("g0-0", "g0-1")}
NONE, ALL = np.zeros(5, dtype=np.bool_), np.ones(5, dtype=np.bool_)


def test_minutes_of_an_area_do_not_add_up_to_the_window_that_hides_its_neighbour():
    #  ages       8   7   5   4   3       the two grids are a part of one street
    #  g0-0           1   1       1       3 in 15 minutes: withheld, and the 20 beside it
    #  g0-1      10          10           no minute of its own is small, or beside a small one
    passed = {"g0-0": {3: 1, 5: 1, 7: 1}, "g0-1": {4: 10, 8: 10}}
    records = [
        record_of(G, GRIDS[area], NOON - age, [n])
        for area, minutes in passed.items()
        for age, n in minutes.items()
    ]
    records.append(record_of(G, len(G.place_id) - 1, NOON, [90]))
    state = CityState(CITY, Limits())
    state.take(batch(records, caught_up=True), (NOON + 1) * MINUTE_MS)
    body = inspector.area(state, state.frame(1), MinuteMasks(CITY.small_count), "g0-1")
    assert body["windows"]["15"]["passages"] == body["windows"]["60"]["passages"] == "<5"
    assert "<5" in body["series"]["passages"][-15:]
    assert body["series"]["passages"].count(10) == 1


def test_the_minutes_before_go_with_the_one_of_two_windows_that_is_withheld():
    # ages 19 and 3: the 45 minutes between the windows, and the window shown, would tell the other
    values = np.zeros((60, 5), dtype=np.int64)
    values[[-4, -20]] = [0, 0, 20, 20, 0]
    gone = {}
    for name, windows in {"60": (NONE, ALL), "15": (ALL, NONE), "neither": (NONE, NONE)}.items():
        hidden = withheld_series(values, STRETCHES, 5, None, stretches_hidden(*windows))[:, 3]
        gone[name] = np.flatnonzero(hidden).tolist()
    assert gone == {"60": [40], "15": [40, 56], "neither": []}
