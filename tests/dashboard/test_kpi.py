"""The tiles tell no small count, and none that their sum less the minutes shown would be."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.config import Limits
from dashboard.hub.layers import Layer, Metric
from dashboard.hub.panels.curve import CaseCurves
from dashboard.hub.panels.hottest import hottest
from dashboard.hub.panels.kpi import kpi
from dashboard.hub.state import CityState
from tests.dashboard.fake_city import fake_city
from tests.dashboard.slices import MINUTE_MS, NOON, batch, record_of

CITY = fake_city(side=4, places_per_grid=1)
K = CITY.small_count
COLUMNS = {"denied": 3, "screened": 4}


def tile_of(name: str, minutes: list[int]) -> dict:
    """Give the tile of a counter whose last 30 minutes were these, oldest first."""
    state, records = CityState(CITY, Limits()), []
    for age, n in enumerate(reversed(minutes)):
        passed = [20, 0, 0, 0, 0, 0]
        passed[COLUMNS[name]] = n
        records.append(record_of(CITY.gazetteer, 0, NOON - age, passed))
    state.take(batch(records), (NOON + 1) * MINUTE_MS)
    return kpi(state.frame(1), CaseCurves.of(state.cases), None)["tiles"][name]


@pytest.mark.parametrize("name", COLUMNS)
def test_the_sum_of_a_tile_does_not_tell_the_minute_that_is_withheld_beside_it(name):
    tile = tile_of(name, [*[30] * 15, 40, 3, 9, *[20] * 12])
    assert tile["value"] == 40 + 3 + 9 + 12 * 20
    assert tile["series"] == [*[30] * 15, 40, "<5", "<5", *[20] * 12]


@pytest.mark.parametrize(
    ("minutes", "value"),
    [
        ([0] * 15, 0),
        ([4, *[0] * 14], "<5"),
        ([9, *[0] * 14], 9),
        ([1] * 5 + [0] * 10, "<5"),  # five that are withheld and make five can only be ones
        ([2, 4, *[0] * 13], 6),
    ],
)
def test_a_sum_that_would_tell_its_minutes_is_withheld_too(minutes, value):
    assert tile_of("screened", [*[0] * 15, *minutes])["value"] == value


@pytest.mark.parametrize("seed", range(40))
def test_no_minute_of_a_tile_is_worked_out_from_its_sum(seed):
    rng = np.random.default_rng(seed)
    minutes = rng.poisson(rng.gamma(0.5, 12, 30)).tolist()
    tile = tile_of("screened", minutes)
    shown = tile["series"][-15:]
    gaps = [n for n, told in zip(minutes[-15:], shown, strict=True) if told == f"<{K}"]
    assert f"<{K}" in shown or not any(0 < n < K for n in minutes[-15:])
    if isinstance(tile["value"], int):
        assert not gaps or (len(gaps) >= 2 and sum(gaps) >= K)


def test_the_hottest_cells_are_in_order_also_above_what_the_wire_can_carry():
    state = CityState(CITY, Limits())
    sizes = {0: 70_000, 5: 90_000, 10: 66_000, 15: 50}
    records = [record_of(CITY.gazetteer, place, NOON, [n]) for place, n in sizes.items()]
    state.take(batch(records), (NOON + 1) * MINUTE_MS)
    cells = state.places.tables[2].cells()
    for metric in (Metric.PASSAGES, Metric.IN):
        rows = hottest(state.frame(1), cells, Layer(9, metric, 15), 3)["rows"]
        assert [row["value"] for row in rows] == [90_000, 70_000, 66_000]
