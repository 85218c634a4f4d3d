"""What a statistic layer carries is what the records say; too little known is never zero."""

from __future__ import annotations

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import RequestError
from dashboard.hub import wire
from dashboard.hub.layers import METRICS, RESOLUTIONS, WINDOWS, Layer
from dashboard.hub.statistics.catalog import (
    LAYERS,
    STATISTICS,
    Statistic,
    StatisticLayer,
    statistic_layer_of,
)
from dashboard.hub.statistics.codes import (
    INSUFFICIENT,
    LARGEST,
    ratios_to_values,
    sureness_of,
    to_marks,
    to_values,
    two_digits,
)
from dashboard.hub.statistics.layers import areas_of_cells
from tests.dashboard import statements
from tests.dashboard.fake_city import fake_city
from tests.dashboard.statements import state_with
from tests.oracles.hub import read_frame

CITY = fake_city(side=4, places_per_grid=2)
G = CITY.gazetteer
CELLS = sorted({h3.int_to_str(c) for c in G.cells[:, 1].tolist()})
FINE = sorted({h3.int_to_str(c) for c in G.cells[:, 2].tolist()})
none = np.zeros(1, dtype=np.bool_)


@given(st.floats(0, 60), st.sampled_from([0.001, 0.01, 1.0]))
def test_an_amount_comes_back_within_half_a_step(amount, step):
    (value,) = to_values(np.array([amount]), step, none)
    assert abs(int(value) * step - amount) <= step / 2 + 1e-9


@given(st.floats(-1e9, 1e12))
def test_no_amount_becomes_one_of_the_special_codes(amount):
    (value,) = to_values(np.array([amount]), 0.001, none)
    assert 0 <= int(value) <= LARGEST < INSUFFICIENT < wire.WITHHELD < wire.NO_DATA


@given(st.floats(0, 99))
def test_a_ratio_comes_back_within_half_a_percent(ratio):
    (value,) = ratios_to_values(np.array([ratio]))
    assert abs((int(value) - wire.NO_CHANGE) / 100 + 1 - ratio) <= 0.005 + 1e-9


@given(st.floats(0, 1), st.booleans())
def test_sureness_and_simulated_share_a_mark_and_do_not_mix(share, simulated):
    marks = to_marks(np.array([share]), np.array([simulated]))
    assert sureness_of(marks)[0] == pytest.approx(share, abs=1 / 62 + 1e-9)
    assert bool(marks[0] & wire.SIMULATED) == simulated
    assert not marks[0] & (wire.CORRECTED | wire.STALE)


def test_nothing_known_is_no_data_and_too_little_is_insufficient():
    values = to_values(np.array([np.nan, 0.0, 0.0]), 1.0, np.array([False, False, True]))
    assert values.tolist() == [wire.NO_DATA, 0, INSUFFICIENT]


@given(st.floats(1e-3, 1e7) | st.just(0.0))
def test_two_digits_keep_the_size_and_hide_a_single_passage(amount):
    shown = float(two_digits(np.array([amount]))[0])
    assert shown == pytest.approx(amount, rel=0.051)
    assert len(f"{shown:.6e}".split("e")[0].rstrip("0").rstrip(".").replace(".", "")) <= 2


def test_every_layer_has_a_number_of_its_own_also_beside_those_of_counts():
    counts = [Layer(r, m, w).number for r in RESOLUTIONS for m in METRICS.values() for w in WINDOWS]
    ours = [StatisticLayer(r, s).number for r in RESOLUTIONS for s in Statistic]
    assert len({*counts, *ours}) == len(counts) + len(ours)
    assert max(ours) < 1 << 16


def test_every_statistic_has_facts_with_ascending_breaks():
    assert set(LAYERS) == set(Statistic)
    for facts in LAYERS.values():
        assert list(facts.breaks) == sorted(set(facts.breaks))
        # two surenesses of a side; only hot spots have a second side
        sides = 2 if facts.topic is LAYERS[Statistic.HOTSPOTS].topic else 1
        assert len(facts.breaks) == (2 * sides if facts.kind == "levels" else 6)


@pytest.mark.parametrize(
    "asked",
    [
        {"res": 8},
        {"res": "8", "statistic": "risk"},
        {"res": True, "statistic": "risk"},
        {"res": 8, "statistic": "rt"},
        {"res": 8, "statistic": ["risk"]},
        {"res": 10, "statistic": "risk"},
    ],
)
def test_a_statistic_that_does_not_exist_is_named(asked):
    with pytest.raises(RequestError, match="expected one of"):
        statistic_layer_of(asked)


def shown(state, res, name):
    """Give what a layer carries, by cell: value and mark."""
    frame = state.frame(1)
    values, marks = frame.layer(StatisticLayer(res, STATISTICS[name]))
    cells = map(h3.int_to_str, state.places.tables[res - 7].cells().tolist())
    pairs = zip(values.tolist(), marks.tolist(), strict=True)
    return dict(zip(cells, pairs, strict=True))


def test_risk_probability_and_incidence_are_what_the_record_says():
    state = state_with(CITY, cell_risk=[statements.risk(CELLS[0])])
    assert shown(state, 8, "risk")[CELLS[0]][0] == 2000
    assert shown(state, 8, "above_1")[CELLS[0]][0] == 9500
    assert shown(state, 8, "incidence")[CELLS[0]][0] == 600
    assert shown(state, 8, "risk")[CELLS[1]] == (wire.NO_DATA, 0)
    assert {value for value, _ in shown(state, 7, "risk").values()} == {wire.NO_DATA}


def test_the_mark_of_risk_is_how_sure_its_side_is():
    records = [
        statements.risk(c, p_above_1=p) for c, p in zip(CELLS, (0.5, 1.0, 0.0), strict=False)
    ]
    marks = shown(state_with(CITY, cell_risk=records), 8, "risk")
    assert [marks[cell][1] >> 3 for cell in CELLS[:3]] == [0, 31, 31]


@pytest.mark.parametrize("name", ["risk", "above_1", "incidence"])
def test_insufficient_data_is_a_code_of_its_own_and_never_a_low_value(name):
    poor = statements.risk(CELLS[0], **{"class": -1, "rr": 1.0, "p_above_1": 0.4})
    value, mark = shown(state_with(CITY, cell_risk=[poor]), 8, name)[CELLS[0]]
    assert (value, mark >> 3) == (INSUFFICIENT, 0)


def test_a_hot_spot_that_cannot_be_judged_is_insufficient():
    records = [
        statements.hotspot(CELLS[0], level=2),
        statements.hotspot(CELLS[1], z=None, p=None, p_adjusted=None, level=0),
        statements.hotspot(CELLS[2], z=-1.0, p=0.9, p_adjusted=1.0, level=0),
    ]
    layer = shown(state_with(CITY, hotspots=records), 8, "hotspots")
    assert [layer[cell][0] for cell in CELLS[:3]] == [2, INSUFFICIENT, 0]


def test_cold_spots_have_classes_of_their_own_and_the_sureness_of_their_side():
    cold = {"level": 0, "z": -4.0, "p": 0.99, "p_adjusted": 1.0, "p_cold": 1e-4}
    records = [
        statements.hotspot(CELLS[0], level=1, p_adjusted=0.04),
        statements.hotspot(CELLS[1], **cold, p_cold_adjusted=0.03, level_cold=1),
        statements.hotspot(CELLS[2], **cold, p_cold_adjusted=0.001, level_cold=2),
    ]
    layer = shown(state_with(CITY, hotspots=records), 8, "hotspots")
    assert [layer[cell][0] for cell in CELLS[:3]] == [1, 3, 4]
    sure = sureness_of(np.array([layer[cell][1] for cell in CELLS[:3]], dtype=np.uint8))
    assert sure == pytest.approx([0.96, 0.97, 0.999], abs=1 / 31)


def test_the_strongest_cluster_lies_on_top_and_elsewhere_is_none():
    records = [
        statements.cluster(1, CELLS[:2], ratio=3.0),
        statements.cluster(2, CELLS[1:3], ratio=5.0),
        statements.cluster(3, [], found=False, ratio=None),
    ]
    layer = shown(state_with(CITY, clusters=records), 8, "clusters")
    assert [layer[cell][0] for cell in CELLS[:4]] == [300, 300, 500, 0]


def test_the_ratio_of_a_small_cluster_is_withheld_where_it_is_the_strongest():
    records = [
        statements.cluster(1, CELLS[:2], observed=4.0),
        statements.cluster(2, CELLS[1:3], ratio=5.0),
    ]
    layer = shown(state_with(CITY, clusters=records), 8, "clusters")
    assert [layer[c][0] for c in CELLS[:4]] == [wire.WITHHELD, wire.WITHHELD, 500, 0]


def test_a_scan_that_never_ran_is_no_data_and_not_no_cluster():
    assert {value for value, _ in shown(state_with(CITY), 8, "clusters").values()} == {wire.NO_DATA}


def test_cells_show_what_is_unusual_in_any_area_they_lie_in():
    street = int(G.parent[int(G.parent[int(G.grid[0])])])
    assert G.levels[int(G.level[street])] == "street"
    records = [
        statements.aberration(str(G.area_id[street]), level_found=2),
        statements.aberration(str(G.area_id[street]), series="fever", level_found=0, p=None),
    ]
    state = state_with(CITY, aberrations=records)
    layer = shown(state, 9, "aberrations")
    areas = state.frame(1).geography.areas_of_cells(9)
    for cell, area in zip(layer, areas.tolist(), strict=True):
        inside = area >= 0 and street in G.lineage[area].tolist()
        assert layer[cell][0] == (2 if inside else wire.NO_DATA)


def test_a_cell_without_places_lies_in_the_area_that_holds_its_centre():
    state = state_with(CITY, cell_risk=[statements.risk(c) for c in h3.grid_disk(CELLS[0], 1)])
    frame = state.frame(1)
    areas = areas_of_cells(frame, 8)
    cells = [h3.int_to_str(c) for c in state.places.tables[1].cells().tolist()]
    bare = np.flatnonzero(frame.geography.areas_of_cells(8) < 0)
    assert len(bare)
    for row in bare.tolist():
        lat, lng = h3.cell_to_latlng(cells[row])
        assert areas[row] == G.grids_of(np.array([lat]), np.array([lng]))[0]


def test_an_area_whose_past_is_too_short_is_insufficient():
    street = int(G.parent[int(G.parent[int(G.grid[0])])])
    short = statements.aberration(
        str(G.area_id[street]), p=None, p_adjusted=None, expected=None, level_found=0
    )
    layer = shown(state_with(CITY, aberrations=[short]), 9, "aberrations")
    assert {value for value, _ in layer.values()} == {INSUFFICIENT, wire.NO_DATA}


def test_density_of_a_small_count_is_withheld_as_the_count_is():
    records = [statements.density(c, passages=n) for c, n in zip(FINE, (100, 3, 0), strict=False)]
    for name in ("density", "occupancy", "ratio"):
        full = [{**r, "occupancy": 9.0, "ratio": 1.5, "expected": 60.0} for r in records]
        layer = shown(state_with(CITY, cell_density=full), 9, name)
        assert layer[FINE[1]][0] == wire.WITHHELD
        assert layer[FINE[0]][0] < INSUFFICIENT
    assert shown(state_with(CITY, cell_density=records), 9, "density")[FINE[2]][0] == 0


def test_density_is_withheld_beside_a_count_that_is():
    # a place with 3 passages withholds its cell, and some neighbour's count beside it
    records = [statements.density(c, passages=100) for c in FINE]
    state = state_with(CITY, passages=3, cell_density=records)
    frame = state.frame(1)
    hidden = frame.cells("last_60").hidden[frame.geography.nodes(9), 3]
    layer = shown(state, 9, "density")
    assert hidden.any()
    for cell, is_hidden in zip(layer, hidden.tolist(), strict=True):
        assert (layer[cell][0] == wire.WITHHELD) == is_hidden


def test_the_few_of_a_lone_cell_are_not_told_by_the_smoothed_density_around_it():
    # three passages, nobody around: next to the cell its smoothed density is 0.6 of its own
    def around(n: int) -> list[int]:
        own = n / (6.463 * h3.cell_area(FINE[0]))
        records = [
            statements.density(cell, passages=0, smoothed_per_km2=own * share)
            for cell, share in zip(FINE[1:4], (0.6065, 0.1353, 0.0), strict=True)
        ]
        layer = shown(state_with(CITY, cell_density=records), 9, "density")
        return [layer[cell][0] for cell in FINE[1:4]]

    assert around(1) == around(3) == around(4) == [wire.WITHHELD, wire.WITHHELD, 0]


def test_a_smoothed_density_comes_in_steps_of_k_passages_in_the_cell():
    step = 5 / (6.463 * h3.cell_area(FINE[0]))
    told = []
    for steps in (0.9, 1.0, 1.4, 1.6, 30.2):
        record = statements.density(FINE[0], smoothed_per_km2=step * steps)
        told.append(shown(state_with(CITY, cell_density=[record]), 9, "density")[FINE[0]][0])
    one, two, thirty = (round(float(two_digits(np.array([step * n]))[0])) for n in (1, 2, 30))
    assert told == [wire.WITHHELD, one, one, two, thirty]


def test_a_ratio_to_a_small_count_is_withheld():
    record = statements.density(FINE[0], expected=2.0, ratio=50.0)
    assert shown(state_with(CITY, cell_density=[record]), 9, "ratio")[FINE[0]][0] == wire.WITHHELD


@pytest.mark.parametrize(
    ("people", "told"), [(0.0, 0), (0.3, wire.WITHHELD), (4.96, wire.WITHHELD), (5.2, 5)]
)
def test_few_people_present_are_withheld_although_many_passed(people, told):
    record = statements.density(FINE[0], occupancy=people)
    assert shown(state_with(CITY, cell_density=[record]), 9, "occupancy")[FINE[0]][0] == told


def test_a_city_without_directions_has_no_presence_to_show():
    layer = shown(state_with(CITY, cell_density=[statements.density(FINE[0])]), 9, "occupancy")
    assert layer[FINE[0]][0] == wire.NO_DATA


def test_a_layer_travels_like_every_other():
    from dashboard.hub.streams import Shown, first_update  # noqa: PLC0415

    state = state_with(CITY, cell_risk=[statements.risk(CELLS[0])])
    frame, layer = state.frame(1), StatisticLayer(8, Statistic.RISK)
    made = Shown(frame.arrival_ms, frame.end_ms(layer), *frame.layer(layer))
    read = read_frame(first_update(layer, made).snapshot)
    assert (read["version"], read["res"], read["metric"], read["window"]) == (1, 8, 15, 3)
    assert read["end_ms"] == statements.AS_OF_MS
    assert 2000 in read["values"]
    assert len(read["values"]) == len(state.places.tables[1])
