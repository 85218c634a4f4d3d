"""A city of no cells, of one, of unknowns, at a pentagon, of islands: answers, no exceptions."""

import warnings

import h3.api.basic_int as h3
import numpy as np
import pytest
from scipy import sparse

from geo import density, hotspots, moran, rates, relative_risk, scan, scan_null, zones
from geo.disks import gaussian_rings, grid_disks
from geo.exceedance import exceedance_p, series_overdispersion
from geo.growth import growth
from geo.reproduction import reproduction
from geo.risk import days, outputs

SERIAL = np.array([0.5, 0.5])


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("cells", [0, 1, 3])
@pytest.mark.parametrize("value", [0.0, np.nan, 2.0])
def test_the_whole_chain_of_a_day_gives_columns_of_the_right_length(cells, value):
    column, people = np.full(cells, value), np.full(cells, 100.0)
    self_only = sparse.csr_array(sparse.eye_array(cells))
    day = days.RiskDay(
        column, np.full((cells, 14), value), 1.0, 1.0, column, column, column, column
    )
    settings = days.RiskSettings(SERIAL)
    state = days.new_state(cells, settings)
    parts = days.components_of(day, people, self_only, settings)
    seen = days.forecast(state, day, people, parts)
    after = days.next_state(state, day, seen, settings)
    risk = outputs.relative_risk(seen.mean, after.factors)
    label = outputs.classes(risk, after.factors, column)
    assert len(risk.mean) == len(label) == cells
    assert np.isfinite(risk.mean).all()
    assert np.isfinite(after.gate_log_odds)
    assert np.isfinite(after.pseudo_cases).all()
    assert len(outputs.expected_ahead(seen.expected, seen.mean, after.factors)[0]) == cells
    days.next_strength(after, column, column)


@pytest.mark.parametrize("cells", [0, 1, 3])
@pytest.mark.parametrize("value", [0.0, np.nan])
@pytest.mark.parametrize("people", [0.0, 100.0, np.nan])
def test_maps_without_anything_to_see_show_nothing(cells, value, people):
    cases, residents = np.full(cells, value), np.full(cells, people)
    self_only = sparse.csr_array(sparse.eye_array(cells))
    rng = np.random.default_rng(1)
    found = hotspots.hotspots(cases, residents, self_only, rng, draws=19)
    assert not found.level.any()
    assert len(density.smoothed_ratio(cases, residents, self_only)) == cells
    assert not (rates.locally_shrunk_rates(cases, residents, self_only) > 0).any()
    assert not (rates.excess_risk(cases, residents) > 0).any()
    assert np.isnan(moran.moran(cases, self_only).i)
    assert relative_risk.fit_prior_by_moments(cases, residents).shape == 2.0


@pytest.mark.parametrize("cells", [0, 1, 3])
def test_scans_of_quiet_cities_have_no_cluster_and_p_one(cells):
    self_only = sparse.csr_array(sparse.eye_array(cells))
    nothing = np.zeros((cells, 7))
    seen = zones.windows(nothing, self_only, 7)
    rng = np.random.default_rng(1)
    maxima = scan_null.expectation_maxima(nothing, self_only, 1.5, rng, draws=19)
    assert scan_null.cluster_p([0.0], maxima).tolist() == [1.0]
    assert len(scan.clusters(scan.expectation_llr(seen, seen), seen, seen, self_only).zone) == 0
    still = scan_null.poisson_maxima(np.zeros(cells), 0, self_only, rng, draws=19)
    assert not still.any()
    none = np.zeros(0, dtype=int)
    dealt = scan_null.permutation_maxima(
        none, none, (cells, 7), self_only, longest=7, rng=rng, draws=19
    )
    assert not dealt.any()


PENTAGON = h3.get_pentagons(8)[0]
AROUND_IT = np.array(h3.grid_disk(PENTAGON, 2), dtype=np.uint64)
ISLANDS = np.array([h3.latlng_to_cell(30.0 + i, 114.3, 8) for i in range(16)], dtype=np.uint64)


@pytest.mark.parametrize("cells", [AROUND_IT, ISLANDS])
def test_cells_around_a_pentagon_and_islands_without_neighbours_go_through_the_whole_chain(cells):
    people, even = np.full(len(cells), 1000.0), np.full(len(cells), 30.0)
    rng = np.random.default_rng(1)
    kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
    ring = grid_disks(cells, 1).weights([1.0, 1.0])
    assert density.smoothed_ratio(even, people, kernel) == pytest.approx(0.03)
    cases = even.copy()
    cases[cells == cells[5]] = 300.0
    found = hotspots.hotspots(cases, people, ring, rng, draws=199)
    assert np.isfinite(found.p).all()
    disks = zones.disk_zones(cells, 2)
    daily = np.repeat(cases[:, None] / 7, 7, axis=1)
    due = np.repeat(even[:, None] / 7, 7, axis=1)
    seen, expected = (zones.windows(table, disks, 7) for table in (daily, due))
    first = scan.clusters(scan.expectation_llr(seen, expected), seen, expected, disks, most=1)
    assert disks[[int(first.zone[0])]].indices.tolist() == [5]
    settings = days.RiskSettings(SERIAL)
    day = days.RiskDay(cases, daily, float(even.sum()), 1.0, *np.full((4, len(cells)), np.nan))
    state = days.new_state(len(cells), settings)
    seen_day = days.forecast(state, day, people, days.components_of(day, people, kernel, settings))
    after = days.next_state(state, day, seen_day, settings)
    risk = outputs.relative_risk(seen_day.mean, after.factors)
    assert int(np.argmax(risk.mean)) == 5
    assert np.isfinite(risk.mean).all()


def test_islands_get_nothing_from_each_other():
    lone = grid_disks(ISLANDS, 1).weights([1.0, 1.0])
    values = np.arange(len(ISLANDS), dtype=np.float64)
    assert lone @ values == pytest.approx(values)
    assert np.isnan(hotspots.gi(values, lone)).all()


@pytest.mark.parametrize("series", [0, 2])
def test_series_of_nothing_are_no_alarm_and_no_trend(series):
    empty = np.full((series, 40), np.nan)
    assert len(exceedance_p(empty, dispersion=series_overdispersion(empty))) == series
    assert reproduction(empty, empty, [0.0, 1.0]).mean().shape == (series, 40)
    assert not growth(empty[:, 0], empty[:, 1]).is_trend.any()
