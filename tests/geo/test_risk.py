"""The risk score: the worked example number by number, its laws, and bad input."""

import json

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import gamma, nbinom

from geo import relative_risk as poisson_gamma
from geo.density import density_per_km2
from geo.disks import gaussian_rings, grid_disks
from geo.errors import ParameterError
from geo.risk import components as part
from geo.risk import days, health, outputs
from geo.risk.filtering import (
    LocalFactors,
    log_predictive,
    new_factors,
    next_factors,
    prior_strength,
)
from geo.risk.mixture import MixtureSettings
from geo.risk.rollup import area_risk
from tests.reference import HERE

EXAMPLE = json.loads((HERE / "hexline" / "composite_worked_example.json").read_text())
GIVEN = {k: np.array(v) for k, v in EXAMPLE["inputs"].items()}
WANTED = {k: np.array(v) for k, v in EXAMPLE["expected"].items()}
SERIAL = np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1])


def worked() -> tuple[days.RiskState, days.RiskDay, days.RiskSettings, sparse.csr_array]:
    # Some a_prev lie below nu = 2: nu was smaller in the weeks before, and so was the anchor.
    factors = LocalFactors(GIVEN["a_prev"], GIVEN["b_prev"], 1.0)
    settings = days.RiskSettings(np.array([1.0]), discount=EXAMPLE["params"]["delta"])
    state = days.RiskState(
        factors, factors, factors, factors, settings.mixture.prior(),
        gate_log_odds=float(GIVEN["gate_logodds"]),
        lasting_log_odds=-np.inf,  # one filter, of 14 days
    )  # fmt: skip
    day = days.RiskDay(
        cases=GIVEN["y"],
        recent_cases=GIVEN["Lambda"][:, None],  # one day, interval (1): the pressure itself
        city_cases_per_day=float(GIVEN["city_cases_trailing7"]) / 7,
        reported_share=1.0,
        exposure_min=GIVEN["exposure_minutes7d"],
        density=density_per_km2(GIVEN["occupancy"], GIVEN["area_km2"]),
        feverish=GIVEN["fever"],
        screened=GIVEN["screened"],
    )
    return state, day, settings, sparse.csr_array(GIVEN["K"])


def test_the_worked_example_step_by_step():
    state, day, settings, kernel = worked()
    people = GIVEN["N"]
    components = days.components_of(day, people, kernel, settings)
    assert components == pytest.approx(WANTED["C"])
    seen = days.forecast(state, day, people, components)
    assert seen.expected == pytest.approx(WANTED["E"])
    assert seen.full == pytest.approx(WANTED["m_full"])
    assert state.gate == pytest.approx(WANTED["gate_w"])
    assert seen.mean == pytest.approx(WANTED["m"])
    assert seen.foreseen == pytest.approx(WANTED["mu"])
    assert log_predictive(state.factors, day.cases, seen.foreseen) == pytest.approx(
        WANTED["log_pred"]
    )
    after = days.next_state(state, day, seen, settings)
    assert after.factors.shape == pytest.approx(WANTED["a_new"])
    assert after.factors.rate == pytest.approx(WANTED["b_new"])
    assert after.factors.mean() == pytest.approx(WANTED["theta"])
    assert after.pseudo_cases == pytest.approx(WANTED["alpha_pi_new"])
    assert after.weights == pytest.approx(WANTED["pi_new"])
    risk = outputs.relative_risk(seen.mean, after.factors)
    for found, name in (
        (risk.mean, "rr_mean"), (risk.lower, "ci05"), (risk.upper, "ci95"),
        (risk.above_1, "p_gt_1"), (risk.above_1_5, "p_gt_1_5"),
    ):  # fmt: skip
        assert found == pytest.approx(WANTED[name])
    share = outputs.shares(components, state.weights, state.gate, seen.mean)
    assert share == pytest.approx(WANTED["share"])
    area = area_risk(np.zeros(5, dtype=int), 1, seen.expected, seen.mean, after.factors)
    assert area.mean()[0] == pytest.approx(WANTED["grid_mean"])
    assert area.shape[0] == pytest.approx(WANTED["grid_gamma_shape"])
    assert area.rate[0] == pytest.approx(WANTED["grid_gamma_rate"])
    assert area.exceedance(1.0)[0] == pytest.approx(WANTED["grid_p_gt_1"])


CELLS = np.array(h3.grid_disk(h3.latlng_to_cell(30.55, 114.3, 8), 6), dtype=np.uint64)
KERNEL = grid_disks(CELLS, 3).weights(gaussian_rings(1.0, 3))
N = len(CELLS)


def day_of(rng: np.random.Generator, cases: np.ndarray, recent: np.ndarray) -> days.RiskDay:
    return days.RiskDay(
        cases=cases,
        recent_cases=recent,
        city_cases_per_day=float(recent[:, -7:].sum() / 7),
        reported_share=1.0,
        exposure_min=rng.gamma(1.0, 20, N),
        density=rng.gamma(2.0, 500, N),
        feverish=rng.poisson(2, N).astype(float),
        screened=np.full(N, 900.0),
    )


def run(people: np.ndarray, cases: np.ndarray, seed: int = 1) -> tuple:
    rng = np.random.default_rng(seed)
    settings = days.RiskSettings(SERIAL)
    state = days.new_state(N, settings)
    foreseen = np.zeros_like(cases)
    for t in range(14, cases.shape[1]):
        day = day_of(rng, cases[:, t], cases[:, t - 14 : t])
        seen = days.forecast(state, day, people, days.components_of(day, people, KERNEL, settings))
        state = days.next_state(state, day, seen, settings)
        foreseen[:, t] = seen.foreseen
        if t % 7 == 0 and t >= 42:
            week = slice(t - 27, t + 1)
            state = days.next_strength(
                state, cases[:, week].sum(axis=1), foreseen[:, week].sum(axis=1)
            )
    return state, seen


def test_every_component_has_mean_one_over_people_and_shares_add_to_one():
    rng = np.random.default_rng(2)
    people = rng.integers(0, 3000, N).astype(float)
    state, seen = run(people, rng.poisson(people[:, None] * 1e-4, (N, 40)).astype(float))
    assert people @ seen.components / people.sum() == pytest.approx(np.ones(5))
    share = outputs.shares(seen.components, state.weights, state.gate, outputs_mean(state, seen))
    assert share.sum(axis=1) == pytest.approx(np.ones(N))
    assert (share >= 0).all()


def outputs_mean(state: days.RiskState, seen: days.Forecast) -> np.ndarray:
    return state.gate * (seen.components @ state.weights) + 1 - state.gate


def test_without_forgetting_or_components_it_is_clayton_and_kaldors_model():
    rng = np.random.default_rng(3)
    cases, expected = rng.poisson(1.0, (5, 10)), rng.uniform(0.1, 2, (5, 10))
    factors = new_factors(5, 3.0)
    for t in range(10):
        factors = next_factors(factors, cases[:, t], expected[:, t], strength=3.0, discount=1.0)
    batch = poisson_gamma.posterior(
        cases.sum(axis=1), expected.sum(axis=1), poisson_gamma.GammaPrior(3.0, 3.0)
    )
    assert factors.shape == pytest.approx(batch.shape)
    assert factors.rate == pytest.approx(batch.rate)
    assert outputs.relative_risk(np.ones(5), factors).above_2 == pytest.approx(batch.exceedance(2))


def test_a_risk_that_stays_is_remembered_longer_than_one_that_wanders():
    rng = np.random.default_rng(12)
    people = np.full(N, 2000.0)
    own = rng.gamma(1.0, 1.0, N)
    stays = rng.poisson(0.2 * own[:, None], (N, 150)).astype(float)
    wanders = np.concatenate(
        [rng.poisson(0.2 * rng.permutation(own)[:, None], (N, 10)) for _ in range(15)], axis=1
    ).astype(float)
    here, _ = run(people, stays)
    there, _ = run(people, wanders)
    assert here.lasting_log_odds > 3 > -3 > there.lasting_log_odds
    for state, one in ((here, here.lasting), (there, there.brief)):
        assert state.factors.mean() == pytest.approx(one.mean(), rel=0.15)
    off = [np.abs(each.mean() - own / own.mean()).mean() for each in (here.factors, here.brief)]
    assert off[0] < 0.8 * off[1]


def test_the_gate_opens_when_components_foresee_cases_and_stays_shut_when_not():
    rng = np.random.default_rng(4)
    people = np.full(N, 2000.0)
    flat = rng.poisson(0.05, (N, 80)).astype(float)
    clustered = flat.copy()
    for t in range(14, 80):
        pressure = KERNEL @ (clustered[:, t - 6 : t] @ SERIAL[::-1])
        clustered[:, t] = rng.poisson(0.02 + 0.8 * 0.05 * N * pressure / pressure.sum())
    assert run(people, flat)[0].gate < 0.4
    assert run(people, clustered)[0].gate > 0.95


def test_flat_risk_is_not_flagged():
    rng = np.random.default_rng(5)
    people = rng.lognormal(7, 0.7, N).round()
    flagged = []
    for k in range(4):
        cases = rng.poisson(people[:, None] * 5e-5, (N, 120)).astype(float)
        state, seen = run(people, cases, seed=k)
        risk = outputs.relative_risk(seen.mean, state.factors)
        flagged.append(
            (outputs.classes(risk, state.factors, cases[:, -14:].sum(axis=1)) > 0).mean()
        )
    assert np.mean(flagged) <= 0.01


def test_a_cell_with_five_times_the_cases_is_found():
    rng = np.random.default_rng(6)
    people = np.full(N, 2000.0)
    true = np.ones(N)
    true[10] = 5.0
    cases = rng.poisson(0.2 * true[:, None], (N, 60)).astype(float)
    state, seen = run(people, cases)
    risk = outputs.relative_risk(seen.mean, state.factors)
    assert np.argmax(risk.mean) == 10
    label = outputs.classes(risk, state.factors, cases[:, -14:].sum(axis=1))
    assert label[10] >= outputs.RiskClass.ELEVATED
    assert (label[np.arange(N) != 10] > 0).mean() < 0.02
    assert np.argmax(risk.above_2) == 10


def test_the_highest_class_needs_three_recent_cases_and_not_only_a_high_ratio():
    factors = LocalFactors(np.full(3, 40.0), np.full(3, 10.0), 2.0)
    risk = outputs.relative_risk(np.ones(3), factors)
    label = outputs.classes(risk, factors, np.array([2.9, 3.0, np.nan]))
    assert label.tolist() == [2, 3, 2]


def test_missing_inputs_are_nothing_known_and_empty_cells_have_no_risk():
    rng = np.random.default_rng(7)
    people = np.full(N, 1000.0)
    people[:3] = [0, np.nan, -5]
    cases = rng.poisson(0.1, N).astype(float)
    cases[:4] = [1, 1, 1, np.nan]
    nothing = np.full(N, np.nan)
    day = days.RiskDay(
        cases, np.full((N, 14), np.nan), 5.0, 1.0, nothing, nothing, nothing, nothing
    )
    settings = days.RiskSettings(SERIAL)
    state = days.new_state(N, settings)
    components = days.components_of(day, people, KERNEL, settings)
    assert components == pytest.approx(np.ones((N, 5)))
    seen = days.forecast(state, day, people, components)
    after = days.next_state(state, day, seen, settings)
    risk = outputs.relative_risk(np.where(seen.expected > 0, seen.mean, np.nan), after.factors)
    assert np.isnan(risk.mean[:3]).all()
    assert np.isfinite(risk.mean[3:]).all()
    assert np.isfinite(after.gate_log_odds)
    label = outputs.classes(risk, after.factors, np.zeros(N))
    assert (label[:3] == outputs.RiskClass.INSUFFICIENT).all()


def test_a_city_without_cases_stays_at_one():
    state, _ = run(np.full(N, 500.0), np.zeros((N, 40)))
    risk = outputs.relative_risk(np.ones(N), state.factors)
    assert risk.mean == pytest.approx(np.ones(N))
    assert (outputs.classes(risk, state.factors, np.zeros(N)) == -1).all()
    assert np.isfinite(state.weights).all()


def test_one_cell_is_always_as_expected():
    one = sparse.csr_array(np.ones((1, 1)))
    day = days.RiskDay(
        np.array([4.0]), np.full((1, 14), 4.0), 4.0, 1.0, *(np.array([9.0]) for _ in range(4))
    )
    settings = days.RiskSettings(SERIAL)
    found = days.components_of(day, np.array([100.0]), one, settings)
    assert found == pytest.approx(np.ones((1, 5)))


def test_todays_cases_do_not_explain_themselves():
    pressure = part.infectious_pressure([[0.0, 0.0, 7.0]], [0.0, 1.0])
    assert pressure.tolist() == [0.0]  # yesterday's cases, infectious only after two days
    assert part.infectious_pressure([[3.0, 7.0]], [0.5, 0.25])[0] == 0.5 * 7 + 0.25 * 3


def test_days_not_fully_reported_are_scaled_up():
    assert part.city_cases_per_day([10, 5], [1.0, 0.5]) == 10.0
    assert part.city_cases_per_day([10, 1], [1.0, 0.0]) == 15.0  # the share has a floor of 0.05
    assert part.city_cases_per_day([], []) == 0.0
    assert part.city_cases_per_day([900, 10, 6], [1.0, 1.0, 1.0], [0.0, 1.0, 0.6]) == 10.0
    assert np.isnan(part.city_cases_per_day([900, 6], [1.0, 1.0], [0.0, 0.6]))


def test_the_prior_strength_is_the_one_cases_were_drawn_with():
    rng = np.random.default_rng(8)
    expected = np.full(20_000, 3.0)
    cases = rng.poisson(expected * rng.gamma(4.0, 0.25, 20_000))
    assert prior_strength(cases, expected) == pytest.approx(4.0, rel=0.1)
    assert prior_strength(rng.poisson(3.0, 20_000), expected) > 30
    assert prior_strength([3.0], [1.0], before=7.0) == 7.0


def test_the_list_keeps_false_entries_to_a_tenth():
    sure = np.array([0.99, 0.95, 0.7, np.nan, 0.2])
    assert outputs.listed(sure).tolist() == [True, True, False, False, False]
    assert not outputs.listed(np.array([0.5, np.nan])).any()
    assert not outputs.listed(np.array([])).any()


@given(st.floats(0.5, 40), st.floats(0.5, 40), st.floats(0.01, 5), st.floats(0.1, 4))
def test_the_interval_of_coming_cases_is_the_negative_binomials(a, b, expected, m):
    factors = LocalFactors(np.array([a]), np.array([b]), 0.5)
    mean, low, high = outputs.expected_ahead([expected], [m], factors)
    law = nbinom(a, b / (b + 7 * expected * m))
    assert mean[0] == pytest.approx(law.mean())
    assert (low[0], high[0]) == (law.ppf(0.05), law.ppf(0.95))


def test_areas_of_one_cell_keep_its_law_and_empty_areas_have_none():
    factors = LocalFactors(np.array([3.0, 5.0]), np.array([2.0, 4.0]), 2.0)
    area = area_risk([0, 2], 3, [0.5, 0.7], [1.2, 0.8], factors)
    assert area.quantile(0.05)[0] == pytest.approx(gamma(3.0, scale=1.2 / 2).ppf(0.05))
    assert area.mean()[2] == pytest.approx(0.8 * 5 / 4)
    assert np.isnan(area.mean()[1])


def test_forecasts_that_are_right_are_flat_and_wrong_ones_raise_the_alarm():
    rng = np.random.default_rng(9)
    n = 20_000
    factors = LocalFactors(np.full(n, 3.3), np.full(n, 2.0), 2.0)
    mean = rng.uniform(0.2, 4, n)
    came = rng.poisson(mean * rng.gamma(3.3, 0.5, n)).astype(float)
    right = health.calibration(*health.transforms(factors, mean, came, rng.random(n)))
    wrong = health.calibration(*health.transforms(factors, mean * 2, came, rng.random(n)))
    assert right.distance < 0.02
    assert not right.alarm
    assert wrong.alarm
    assert right.coverage_90 >= 0.9
    assert right.histogram.sum() == pytest.approx(1)
    assert np.isnan(health.calibration([np.nan], [np.nan], [np.nan]).distance)


def test_absolute_incidence_shows_what_relative_risk_hides():
    assert outputs.incidence_per_100k([2.0], 50.0, 1e6)[0] == pytest.approx(10)
    assert np.isnan(outputs.incidence_per_100k([2.0], 50.0, 0)).all()


def test_the_colour_is_centred_on_one_and_fades_with_doubt():
    factors = LocalFactors(np.array([2.0, 40.0]), np.array([2.0, 10.0]), 2.0)
    risk = outputs.relative_risk([1.0, 16.0], factors)
    log2, opacity = outputs.colour(risk)
    assert log2.tolist() == [0.0, 3.0]
    assert opacity[0] < 0.2
    assert opacity[1] > 0.99


def test_prior_weights_must_be_shares():
    with pytest.raises(ParameterError, match="prior_weights"):
        MixtureSettings((0.5, 0.2))
