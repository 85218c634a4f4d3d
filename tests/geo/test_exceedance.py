"""Exceedance: exact laws, calibration under bursts, and false discoveries over many series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, betabinom, binom

from geo.errors import ParameterError
from geo.exceedance import exceedance_p, rate_ratio_interval, series_overdispersion
from geo.significance import discoveries


def series(past: int, now: int) -> np.ndarray:
    """Give 28 days that add to `past`, two guard days, and `now`."""
    days = np.zeros((1, 31))
    days[0, :past] = 1 if past <= 28 else 0
    if past > 28:
        days[0, 0] = past
    days[0, 28:30] = 99  # the guard days say nothing
    days[0, 30] = now
    return days


@given(st.integers(0, 60), st.integers(0, 40))
def test_poisson_counts_are_compared_by_the_exact_binomial_test(past, now):
    found = exceedance_p(series(past, now))[0]
    assert found == pytest.approx(binom(past + now, 1 / 29).sf(now - 1), rel=1e-9)


@given(st.integers(0, 60), st.integers(0, 40), st.floats(1.05, 4))
def test_counts_in_bursts_are_compared_by_the_beta_binomial(past, now, phi):
    found = exceedance_p(series(past, now), dispersion=phi)[0]
    if now == 0:
        assert found == 1
        return
    size = (past + now) / 29 / (phi - 1)
    law = betabinom(past + now, size, 28 * size)
    assert found == pytest.approx(law.sf(now - 1), rel=1e-6, abs=1e-12)


def test_bursts_tend_to_the_poisson_test():
    assert exceedance_p(series(20, 5), dispersion=1.0001) == pytest.approx(
        exceedance_p(series(20, 5)), rel=1e-2
    )


@pytest.mark.parametrize("mean", [0.5, 3.0])
@pytest.mark.parametrize("phi", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("days", [1, 7])
def test_quiet_series_make_no_more_false_discoveries_than_allowed(mean, phi, days):
    # 100 days of 300 series: 5 % nominal, 13 or more one in 700
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(100):
        shape = (300, 30 + days)
        drawn = (
            rng.poisson(mean, shape)
            if phi == 1
            else rng.negative_binomial(mean / (phi - 1), 1 / phi, shape)
        )
        y = drawn.astype(float)
        p = exceedance_p(y, dispersion=series_overdispersion(y), days=days)
        found += discoveries(p).discovered.any()
    assert found < 13


@pytest.mark.parametrize("mean", [0.5, 2.0, 8.0])
def test_days_reported_in_part_make_no_quiet_series_unusual(mean):
    # counts over their share have p below 0.001 on 0.35 to 0.45 % of these days
    share = np.append(np.ones(30), [0.95, 0.9, 0.85, 0.75, 0.65, 0.5, 0.35])
    seen = np.random.default_rng(5).poisson(mean * share, (40_000, 37)).astype(float)
    p = exceedance_p(seen, days=7, share=share)
    for nominal in (0.05, 0.01, 0.001):
        assert (p <= nominal).mean() <= nominal * 1.05


@given(st.integers(0, 60), st.integers(1, 40), st.floats(0.1, 1.0))
def test_a_day_reported_in_part_counts_as_that_part_of_a_day(past, now, part):
    found = exceedance_p(series(past, now), share=np.append(np.ones(30), part))[0]
    law = binom(past + now, part / (28 + part))
    assert found == pytest.approx(law.sf(now - 1), rel=1e-9)


def test_a_real_rise_is_discovered_among_300_series():
    rng = np.random.default_rng(2)
    y = rng.poisson(3.0, (300, 31)).astype(float)
    y[7, 30] = 16
    p = exceedance_p(y, dispersion=series_overdispersion(y))
    assert np.flatnonzero(discoveries(p).discovered).tolist() == [7]


def test_overdispersion_is_the_one_drawn_and_never_below_one():
    rng = np.random.default_rng(3)
    y = rng.negative_binomial(2.0, 0.5, (300, 60)).astype(float)
    y[0, :30] = np.nan
    assert series_overdispersion(y) == pytest.approx(2.0, rel=0.05)
    assert series_overdispersion(np.ones((3, 9))) == 1.0
    assert series_overdispersion(np.zeros((0, 9))) == 1.0
    assert series_overdispersion(np.full((2, 5), np.nan)) == 1.0


@pytest.mark.parametrize("phi", [1.0, 2.0])
@pytest.mark.parametrize("mean", [0.5, 4.0])
def test_the_interval_of_a_ratio_holds_it_nine_times_in_ten_or_more(mean, phi):
    rng = np.random.default_rng(6)
    share = np.append(np.ones(4), [0.8, 0.6, 0.4])

    def drawn(rate):
        shape = (10_000, len(rate))
        if phi == 1:
            return rng.poisson(rate, shape).sum(axis=1)
        return rng.negative_binomial(rate / (phi - 1), 1 / phi, shape).sum(axis=1)

    past, now = drawn(np.full(28, mean)), drawn(2.0 * mean * share)
    lower, upper = rate_ratio_interval(now, past, (share.sum(), 28.0), dispersion=phi)
    assert 0.9 <= ((lower <= 2.0) & (upper >= 2.0)).mean() <= 0.97  # whole counts cover more


def test_ends_of_a_ratio_without_counts_are_open_and_unknown_ones_unknown():
    lower, upper = rate_ratio_interval([0.0, 3, 0, np.nan, 2], [9.0, 0, 0, 4, -1], (7.0, 28.0))
    assert (lower[0], upper[1], lower[2], upper[2]) == (0.0, np.inf, 0.0, np.inf)
    assert 0 < upper[0] < np.inf
    assert 0 < lower[1] < np.inf
    assert np.isnan([lower[3], upper[3], lower[4], upper[4]]).all()
    law = beta(3, 9 + 1)  # Clopper and Pearson, as scipy's beta law has it
    q = law.ppf(0.05)
    assert rate_ratio_interval([3.0], [9.0], (7.0, 28.0))[0][0] == pytest.approx(4 * q / (1 - q))
    with pytest.raises(ParameterError, match="lengths"):
        rate_ratio_interval([1.0], [1.0], (0.0, 28.0))


def test_missing_days_short_series_and_impossible_settings():
    y = series(20, 5)
    y[0, 3] = np.nan
    assert np.isnan(exceedance_p(y)[0])
    assert np.isnan(exceedance_p(np.zeros((2, 30)))).all()
    assert exceedance_p(np.zeros((2, 31))).tolist() == [1, 1]
    assert exceedance_p(np.zeros((0, 31))).shape == (0,)
    assert np.isnan(exceedance_p(series(3, -1))[0])
    with pytest.raises(ParameterError, match="dispersion"):
        exceedance_p(y, dispersion=0.9)
    with pytest.raises(ParameterError, match="share"):
        exceedance_p(y, share=0.0)
