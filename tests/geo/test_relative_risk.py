"""Relative risk: published fits, exactness of the posterior, and its ends."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, nbinom

from geo import relative_risk as rr
from geo.errors import ParameterError
from geo.rates import expected_cases
from tests.reference import HERE, column, elsewhere, table


def scotland() -> tuple[np.ndarray, np.ndarray]:
    text = elsewhere("04b_scotland_lip/scotland.dat.txt").read_text().splitlines()[1:]
    rows = np.array([line.split()[1:4] for line in text if line.strip()], dtype=float)
    return rows[:, 0], rows[:, 1]


def test_scotland_lip_cancer_has_the_known_shape_and_mean():
    # SpatialEpi's data; shape about 1.8795 and mean 1.4221 by independent maximum likelihood
    cases, expected = scotland()
    prior = rr.fit_prior_by_likelihood(cases, expected)
    assert prior.shape == pytest.approx(1.8795, rel=2e-3)
    assert prior.shape / prior.rate == pytest.approx(1.4221, rel=2e-3)


def test_the_fixed_point_stands_still():
    cases, expected = scotland()
    prior = rr.fit_prior_by_moments(cases, expected)
    theta = (cases + prior.shape) / (expected + prior.rate)
    spread = ((1 + prior.rate / expected) * (theta - theta.mean()) ** 2).sum() / (len(cases) - 1)
    assert prior.shape / prior.rate == pytest.approx(theta.mean(), rel=1e-6)
    assert prior.shape / prior.rate**2 == pytest.approx(spread, rel=1e-6)


def test_north_carolina_means_come_within_15_percent_of_the_published_inla_fit():
    # Poisson-lognormal posterior means, Alamance..Avery (SISMID slides of SpatialEpi)
    file = HERE / "spdata" / "nc_sids.csv"
    names = table(file)["county"].astype(str)
    cases, births = column(file, "SID74"), column(file, "BIR74")
    expected = expected_cases(cases, births)
    prior = rr.fit_prior_by_moments(cases, expected)
    assert (prior.shape, prior.rate) == pytest.approx((4.6307, 4.3956), rel=1e-4)  # as ASDAR's fit
    fitted = rr.posterior(cases, expected, prior).mean()
    published = {
        "Alamance": 1.2515, "Alexander": 0.7666, "Alleghany": 0.9150,
        "Anson": 2.7309, "Ashe": 0.9027, "Avery": 0.8544,
    }  # fmt: skip
    for county, mean in published.items():
        assert fitted[names == county][0] == pytest.approx(mean, rel=0.15)


counts = st.lists(st.tuples(st.integers(0, 40), st.floats(0.01, 40)), min_size=1, max_size=20)


@given(counts, st.floats(0.2, 20), st.floats(0.2, 20))
def test_the_posterior_is_scipys_gamma(rows, shape, rate):
    cases, expected = np.array(rows, dtype=float).T
    found = rr.posterior(cases, expected, rr.GammaPrior(shape, rate))
    law = gamma(shape + cases, scale=1 / (rate + expected))
    assert found.mean() == pytest.approx(law.mean())
    assert found.exceedance(1.5) == pytest.approx(law.sf(1.5), abs=1e-12)
    assert found.quantile(0.05) == pytest.approx(law.ppf(0.05), rel=1e-8)


@given(st.integers(0, 30), st.floats(0.1, 30))
def test_two_half_days_of_cases_update_like_one_day(cases, expected):
    once = rr.posterior([cases], [expected], rr.GammaPrior(2, 2))
    half = rr.posterior([cases // 2], [expected / 2], rr.GammaPrior(2, 2))
    carried = rr.GammaPrior(float(half.shape[0]), float(half.rate[0]))
    twice = rr.posterior([cases - cases // 2], [expected / 2], carried)
    assert twice.mean() == pytest.approx(once.mean())


def test_likelihood_finds_the_prior_the_cases_were_drawn_from():
    rng = np.random.default_rng(5)
    expected = rng.uniform(5, 50, 4000)
    cases = rng.poisson(expected * rng.gamma(3.0, 1 / 2.5, 4000)).astype(float)
    for fit in (rr.fit_prior_by_likelihood, rr.fit_prior_by_moments):
        prior = fit(cases, expected)
        assert prior.shape / prior.rate == pytest.approx(1.2, rel=0.03)
        assert prior.shape == pytest.approx(3.0, rel=0.10)


def test_likelihood_is_at_its_top():
    cases, expected = scotland()
    prior = rr.fit_prior_by_likelihood(cases, expected)

    def log_likelihood(shape: float, rate: float) -> float:
        return nbinom.logpmf(cases, shape, rate / (rate + expected)).sum()

    top = log_likelihood(prior.shape, prior.rate)
    for factor in (0.98, 1.02):
        assert log_likelihood(prior.shape * factor, prior.rate) < top
        assert log_likelihood(prior.shape, prior.rate * factor) < top


def test_few_areas_or_few_cases_take_the_cautious_prior():
    few = rr.fit_prior_by_moments([1] * 19, [1] * 19)
    rare = rr.fit_prior_by_likelihood([0] * 200 + [3], [0.1] * 201)
    assert (few.shape, few.rate, rare.shape, rare.rate) == (2, 2, 2, 2)


def test_risks_that_do_not_vary_are_shrunk_to_one():
    prior = rr.fit_prior_by_moments([10] * 30, [10.0] * 30)
    assert prior.shape / prior.rate == pytest.approx(1, abs=1e-6)
    assert rr.posterior([30], [10.0], prior).mean()[0] == pytest.approx(1, abs=0.05)


def test_nobody_expected_and_nobody_ill_leaves_the_prior_and_anything_else_is_unknown():
    found = rr.posterior([0, 1, np.nan, -1, 2], [0, 0, 1, 1, np.nan], rr.GammaPrior(2, 4)).mean()
    assert found[0] == 0.5
    assert all(math.isnan(v) for v in found[1:])


def test_impossible_thresholds_and_priors_are_refused():
    with pytest.raises(ParameterError, match="threshold"):
        rr.posterior([1], [1], rr.GammaPrior()).exceedance(0)
    with pytest.raises(ParameterError, match="probability"):
        rr.posterior([1], [1], rr.GammaPrior()).quantile(1.0)
    with pytest.raises(ParameterError, match=r"prior\.rate"):
        rr.posterior([1], [1], rr.GammaPrior(1.0, 0.0))
