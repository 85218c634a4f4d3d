"""Reproduction, growth and delays: EpiEstim's table, laws, truth from a simulated epidemic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, nbinom

from geo import delays
from geo.errors import ColumnError, ParameterError
from geo.growth import growth
from geo.reproduction import (
    discrete_serial_interval,
    force_of_infection,
    reproduction,
    reproduction_of_growth,
)
from tests.reference import column, elsewhere

# Flu2009: a school in Pennsylvania, Cauchemez et al. 2011; serial interval of the same study
FLU = [
    1, 1, 0, 2, 5, 3, 3, 3, 6, 2, 5, 9, 13, 12, 13, 11,
    12, 6, 6, 6, 3, 1, 0, 2, 0, 0, 0, 0, 2, 0, 2, 0,
]  # fmt: skip
INTERVAL = [0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001]


def flu():
    return reproduction(FLU, np.zeros(len(FLU)), INTERVAL)


def test_flu_2009_has_epiestims_first_and_last_row():
    # mrc-ide/EpiEstim at 4029826: prior mean 5 and sd 5, windows of 7 days
    found = flu()
    assert found.mean()[7] == pytest.approx(1.735608909, abs=1e-8)
    assert found.deviation()[7] == pytest.approx(0.409086943, abs=1e-8)
    assert found.quantile(0.025)[7] == pytest.approx(1.028631837, abs=1e-8)
    assert found.quantile(0.975)[7] == pytest.approx(2.624495884, abs=1e-8)
    assert np.isnan(found.mean()[:7]).all()


def test_flu_2009_has_epiestims_whole_table():
    file = elsewhere("08_epiestim/estimate_R_expected_example1.csv")
    end = column(file, "t_end").astype(int) - 1
    found = flu()
    published = {
        "0.025": 0.025,
        "0.05": 0.05,
        "0.25": 0.25,
        "0.75": 0.75,
        "0.95": 0.95,
        "0.975": 0.975,
    }
    for name, q in published.items():
        assert found.quantile(q)[end] == pytest.approx(column(file, f"Quantile.{name}(R)"))
    assert found.mean()[end] == pytest.approx(column(file, "Mean(R)"))
    assert found.mean()[end[-1]] == pytest.approx(1.00401606)
    assert found.deviation()[end] == pytest.approx(column(file, "Std(R)"))
    assert found.quantile(0.5)[end] == pytest.approx(column(file, "Median(R)"))


def test_the_flu_series_is_the_published_one():
    file = elsewhere("08_epiestim/flu2009_incidence.csv")
    assert column(file, "I").tolist() == FLU
    assert column(elsewhere("08_epiestim/flu2009_si_distr.csv"), "w")[:12].tolist() == INTERVAL


def test_force_equals_the_double_loop():
    cases = np.random.default_rng(1).poisson(5, 20).astype(float)
    slow = [sum(INTERVAL[s] * cases[t - s] for s in range(1, min(t, 11) + 1)) for t in range(20)]
    assert force_of_infection(cases, INTERVAL) == pytest.approx(slow)


def test_imported_cases_infect_but_were_not_infected_here():
    local, imported = np.array(FLU, dtype=float), np.zeros(len(FLU))
    moved = np.array([1.0 if t == 10 else 0.0 for t in range(len(FLU))])
    before, after = (
        reproduction(local, imported, INTERVAL),
        reproduction(local - moved, moved, INTERVAL),
    )
    assert after.scale == pytest.approx(before.scale, nan_ok=True)
    assert np.nansum(before.shape - after.shape) == pytest.approx(7)


def test_areas_are_estimated_like_each_alone():
    rng = np.random.default_rng(2)
    table = rng.poisson(6, (3, 25)).astype(float)
    together = reproduction(table, 0 * table, INTERVAL)
    for area in range(3):
        alone = reproduction(table[area], 0 * table[area], INTERVAL)
        assert together.mean()[area] == pytest.approx(alone.mean(), nan_ok=True)


@pytest.mark.parametrize("true", [0.7, 1.0, 1.6])
def test_the_true_number_is_found_and_covered(true):
    rng = np.random.default_rng(3)
    held = []
    for _ in range(60):
        cases = np.zeros((1, 40))
        cases[0, :6] = 40
        for t in range(6, 40):
            force = force_of_infection(cases[:, : t + 1], INTERVAL)[0, t]
            cases[0, t] = rng.poisson(true * force)
        found = reproduction(cases, 0 * cases, INTERVAL)
        if found.sure[0, 20]:
            held.append(found.quantile(0.05)[0, 20] <= true <= found.quantile(0.95)[0, 20])
    assert np.mean(held) >= 0.8


LATE = np.append(np.ones(33), [0.95, 0.9, 0.85, 0.75, 0.65, 0.5, 0.35])
"""Shares reported by now of forty days, the newest three days behind the clock."""


@pytest.mark.parametrize("true", [0.8, 1.2])
def test_an_interval_rests_on_the_cases_counted_and_not_on_those_foreseen(true):
    # 0.90 nominal; intervals of counts over their share hold the truth 0.83 to 0.86 times
    rng = np.random.default_rng(8)
    whole = np.zeros((2000, 40))
    whole[:, :6] = 60
    for t in range(6, 40):
        force = force_of_infection(whole[:, : t + 1], INTERVAL)[:, t]
        whole[:, t] = rng.poisson((true if t > 30 else 1.0) * force)
    seen = rng.binomial(whole.astype(int), LATE).astype(float)
    found = reproduction(seen, 0 * seen, INTERVAL, share=LATE)
    low, high, sure = found.quantile(0.05)[:, -1], found.quantile(0.95)[:, -1], found.sure[:, -1]
    assert sure.all()
    assert 0.89 < ((low <= true) & (true <= high)).mean() < 0.95
    assert np.median(found.mean()[:, -1]) == pytest.approx(true, rel=0.02)


def test_days_reported_in_full_are_cori_and_a_share_of_none_is_refused():
    plain, whole = flu(), reproduction(FLU, 0 * np.array(FLU), INTERVAL, share=np.ones(len(FLU)))
    assert whole.mean() == pytest.approx(plain.mean(), nan_ok=True)
    with pytest.raises(ParameterError, match="share"):
        reproduction(FLU, np.zeros(len(FLU)), INTERVAL, share=0.0)
    with pytest.raises(ColumnError, match="share"):
        reproduction(FLU, np.zeros(len(FLU)), INTERVAL, share=[1.0, 1.0])


def test_eleven_cases_make_a_window_sure():
    few, enough = np.zeros(12), np.zeros(12)
    few[5], enough[5] = 10, 11
    assert not reproduction(few, 0 * few, INTERVAL).sure.any()
    assert reproduction(enough, 0 * few, INTERVAL).sure[11]


def test_bad_days_count_as_none_and_short_series_have_no_number():
    cases = np.array([3.0, np.nan, -4, 5, 6, 4, 3, 8, 9])
    clean = np.array([3.0, 0, 0, 5, 6, 4, 3, 8, 9])
    assert reproduction(cases, 0 * clean, INTERVAL).mean() == pytest.approx(
        reproduction(clean, 0 * clean, INTERVAL).mean(), nan_ok=True
    )
    assert np.isnan(reproduction(clean[:7], np.zeros(7), INTERVAL).mean()).all()
    assert reproduction([], [], INTERVAL).mean().size == 0
    nobody = reproduction(np.zeros(10), np.zeros(10), INTERVAL)
    assert nobody.mean()[9] == pytest.approx(5.0)  # the prior, and not sure
    assert not nobody.sure.any()


def test_an_interval_that_begins_before_the_first_day_or_does_not_add_up_is_refused():
    with pytest.raises(ColumnError, match="serial_interval"):
        force_of_infection([1, 2], [0.5, 0.5])
    with pytest.raises(ColumnError, match="serial_interval"):
        force_of_infection([1, 2], [0, 0.5])
    with pytest.raises(ParameterError, match="window is 0"):
        reproduction(FLU, np.zeros(len(FLU)), INTERVAL, window=0)
    with pytest.raises(ColumnError, match="imported"):
        reproduction([1.0, 2], [0.0], INTERVAL)


@given(st.floats(1.5, 12), st.floats(0.5, 3))
def test_a_discrete_interval_keeps_its_mean_and_integrates_the_gamma(mean, deviation):
    w = discrete_serial_interval(mean, deviation, 150)
    assert w.sum() == pytest.approx(1, abs=1e-3)
    assert w @ np.arange(151) == pytest.approx(mean, rel=5e-3)
    law = gamma(((mean - 1) / deviation) ** 2, scale=deviation**2 / (mean - 1))
    # An interval of k days: two events uniform in their days, the gamma between them shifted.
    apart = np.linspace(-1, 1, 4001)
    mass = (1 - np.abs(apart)) * law.pdf((3 - 1 + apart).clip(1e-9))
    if law.args[0] > 1:  # below, the density has no end at 0 and the trapezoid no accuracy
        assert w[3] == pytest.approx(np.trapezoid(mass, apart), abs=1e-3)


def test_a_discrete_interval_needs_a_mean_above_one_day():
    with pytest.raises(ParameterError, match="mean is 1"):
        discrete_serial_interval(1.0, 1.0, 10)


def test_growth_and_reproduction_agree_on_no_growth():
    assert reproduction_of_growth([0.0], 5.0, 2.0)[0] == 1.0
    assert reproduction_of_growth([-9.0], 5.0, 2.0)[0] == 0.0
    w = discrete_serial_interval(5.0, 2.0, 60)
    r = reproduction_of_growth([0.05], 5.0, 2.0)[0]
    euler_lotka = 1 / (w @ np.exp(-0.05 * np.arange(61)))
    assert r == pytest.approx(euler_lotka, rel=2e-3)


def test_a_week_twice_the_week_before_doubles_in_a_week():
    found = growth([200.0], [100.0])
    fast, middle, slow = found.doubling_days()
    assert middle[0] == pytest.approx(7, rel=0.01)
    assert fast[0] < middle[0] < slow[0]
    swapped = growth([100.0], [200.0])
    assert swapped.rate == pytest.approx(-found.rate)
    assert swapped.doubling_days()[1] == pytest.approx(-middle)


def test_no_clear_trend_has_no_doubling_time():
    found = growth([105, 12, 0, np.nan, -3], [100, 2, 0, 5, 80])
    assert found.is_trend.tolist() == [False, False, False, False, False]
    assert np.isnan(found.doubling_days()).all()
    assert found.rate[2] == 0
    assert np.isnan(found.rate[3:]).all()


def test_the_growth_interval_covers_nine_times_in_ten():
    rng = np.random.default_rng(4)
    found = growth(rng.poisson(60, 4000).astype(float), rng.poisson(30, 4000).astype(float))
    true = np.log(2) / 7
    assert ((found.lower <= true) & (true <= found.upper)).mean() == pytest.approx(0.9, abs=0.02)


def test_a_week_half_reported_is_no_surer_than_the_cases_counted():
    # 0.90 nominal; the interval of corrected sums alone holds the truth 0.83 times
    rng = np.random.default_rng(9)
    share = LATE[-14:]
    rate = 5.0 * np.exp(0.08 * np.arange(14))
    seen = rng.poisson(np.tile(rate * share, (6000, 1))).astype(float)
    weeks = slice(7, None), slice(7)
    found = growth(
        *((seen[:, week] / share[week]).sum(axis=1) for week in weeks),
        counted=tuple(delays.as_sure_as(seen[:, week], share[week]) for week in weeks),
    )
    held = (found.lower <= 0.08) & (found.upper >= 0.08)
    assert held.mean() == pytest.approx(0.9, abs=0.015)


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3))
def test_corrected_days_are_at_most_as_sure_as_their_cases(cases):
    table = np.array([cases], dtype=float)
    assert delays.as_sure_as(table, np.ones(3))[0] == pytest.approx(sum(cases))
    assert delays.as_sure_as(table, [0.4, 0.4, 0.4])[0] == pytest.approx(sum(cases))
    assert delays.as_sure_as(table, [1.0, 0.5, 0.2])[0] <= sum(cases) + 1e-9


def test_reported_shares_are_those_the_delays_were_drawn_from():
    rng = np.random.default_rng(5)
    onset = rng.integers(0, 28, 30_000)
    delay = rng.negative_binomial(2, 0.4, 30_000)
    age = 28 - onset
    seen = delay <= age  # the rest is not reported yet
    share = delays.reported_share(delay[seen], age[seen], np.ones(seen.sum()))
    assert share == pytest.approx(nbinom(2, 0.4).cdf(np.arange(31)), abs=0.015)
    naive = np.mean(delay[seen] <= 2)
    assert abs(share[2] - nbinom(2, 0.4).cdf(2)) < abs(naive - nbinom(2, 0.4).cdf(2))


@given(st.lists(st.tuples(st.integers(-3, 40), st.integers(0, 40), st.floats(0, 2)), max_size=40))
def test_a_reported_share_rises_from_its_floor_to_one(rows):
    columns = np.array(rows, dtype=float).reshape(-1, 3).T
    share = delays.reported_share(*columns)
    assert (np.diff(share) >= -1e-12).all()
    assert share[-1] == 1.0
    assert share.min() >= 0.05


def test_a_report_before_its_onset_is_a_delay_of_none():
    share = delays.reported_share([-5, 0, np.nan], [9, 9, 9], [1, 1, 1])
    assert share.tolist() == [1.0] * 31
    assert delays.reported_share([], [], []).tolist() == [1.0] * 31
    with pytest.raises(ParameterError, match="longest"):
        delays.reported_share([], [], [], longest=0)


def test_shares_are_read_by_age():
    assert delays.share_at([0, 1, 99, -2], [0.2, 0.6, 1.0]).tolist() == [0.2, 0.6, 1.0, 0.2]


def test_a_nowcast_covers_what_the_day_comes_to():
    rng = np.random.default_rng(6)
    true = rng.poisson(12, 5000)
    share = rng.choice([0.2, 0.5, 0.9], 5000)
    found = delays.nowcast(rng.binomial(true, share).astype(float), share)
    assert found.cases.mean() == pytest.approx(true.mean(), rel=0.03)
    assert ((found.lower <= true) & (true <= found.upper)).mean() >= 0.9


@given(st.integers(0, 30), st.floats(0.06, 0.99))
def test_the_ends_of_a_nowcast_are_negative_binomial_quantiles(y, f):
    found = delays.nowcast([float(y)], [f])
    assert found.upper[0] - y == nbinom(y + 1, f).ppf(0.95)
    assert found.lower[0] - y == (nbinom(y, f).ppf(0.05) if y else 0)


def test_a_day_reported_in_full_is_certain_and_a_missing_one_unknown():
    found = delays.nowcast([7, np.nan, -1, 0], [1.0, 0.5, 0.5, 1.0])
    assert (found.lower[0], found.cases[0], found.upper[0]) == (7, 7, 7)
    assert np.isnan(found.cases[1:3]).all()
    assert np.isnan(found.upper[1:3]).all()
    assert found.upper[3] == 0
