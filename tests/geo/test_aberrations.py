"""Aberrations: published bounds, slow versions, quiet series, and gaps."""

import numpy as np
import pytest
import statsmodels.api as sm

from geo import aberrations as ab
from geo.errors import ParameterError
from geo.ewma import EwmaSettings, essence_ewma
from geo.farrington import FarringtonSettings, farrington, season_groups
from geo.quasi_poisson import fit_quasi_poisson
from tests.oracles import statistics as oracle
from tests.reference import elsewhere, table

SALMONELLA = "07_ears_farrington/salmNewport.csv"


def salmonella() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    columns = table(elsewhere(SALMONELLA))
    week = columns.pop("epoch").astype("datetime64[D]")
    return week, {name: values.astype(float) for name, values in columns.items()}


def test_c1_bounds_of_salmonella_newport_are_those_of_surveillance():
    # cran/surveillance tests: all states summed, ISO 2011 weeks 1-4, baseline 7, alpha .05
    week, states = salmonella()
    found = ab.ears(sum(states.values())[None], alpha=0.05, least_deviation=0.0)
    first = int(np.flatnonzero(week == np.datetime64("2011-01-03"))[0])
    expected = [3.278854, 3.278854, 3.436517, 3.855617]
    assert found.upper[0, first : first + 4] == pytest.approx(expected, abs=1e-6)


def test_farrington_bounds_of_salmonella_newport_are_those_of_surveillance():
    # cran/surveillance, monitoringCounts vignette: Baden-Wuerttemberg 2013-W48..W52
    week, states = salmonella()
    first = int(np.flatnonzero(week == np.datetime64("2013-11-25"))[0])
    rule = FarringtonSettings(few_cases=0, few_weeks=50)
    found = farrington(states["Baden.Wuerttemberg"][: first + 5], week[: first + 5], first, rule)
    assert found.upper[first:].tolist() == [4, 3, 3, 3, 2]
    assert found.alarm[first:].tolist() == [False] * 4 + [True]
    assert np.isnan(found.upper[:first]).all()


@pytest.mark.parametrize("guard", [0, 2])
def test_ears_compares_with_the_seven_days_before_the_guard(guard):
    # day   t-9 ........ t-3  t-2  t-1   t
    # C2    [---------------)  guard     ^
    y = np.random.default_rng(1).poisson(6, (3, 30)).astype(float)
    found = ab.ears(y, guard=guard)
    for t in range(7 + guard, 30):
        past = y[:, t - 7 - guard : t - guard]
        upper = past.mean(axis=1) + 3.0902323 * np.maximum(past.std(axis=1, ddof=1), 0.5)
        assert found.upper[:, t] == pytest.approx(upper)
    assert np.isnan(found.upper[:, : 7 + guard]).all()


def test_c3_lowers_the_bound_by_the_excess_of_the_two_days_before():
    y = np.array([[4.0, 6, 5, 4, 6, 5, 5, 5, 5, 5, 9, 9, 9]])
    found, c2 = ab.ears_c3(y), ab.ears(y, guard=2, alpha=0.025)
    spread = (c2.upper - c2.expected) / 1.9599640
    excess = np.maximum((y - c2.expected) / spread - 1, 0)
    for t in (10, 11, 12):
        carried = np.nansum(excess[0, t - 2 : t])
        assert found.upper[0, t] == pytest.approx(c2.upper[0, t] - spread[0, t] * carried)
    assert (np.nan_to_num(found.upper) <= np.nan_to_num(c2.upper) + 1e-9).all()


def test_one_case_after_seven_zeros_alarms_only_without_a_floor():
    y = np.array([[0.0] * 7 + [1.0]])
    assert ab.ears(y, least_deviation=0.0).alarm[0, 7]
    assert not ab.ears(y, least_deviation=0.5).alarm[0, 7]


def test_quiet_series_alarm_at_about_the_nominal_rate():
    y = np.random.default_rng(2).normal(50, 5, (2000, 30))
    found = ab.ears(y, guard=2, alpha=0.05)
    rate = found.alarm[:, 9:].mean()
    assert rate == pytest.approx(0.086, abs=0.01)  # 7 days estimate mean and deviation: t tails


def test_a_missing_day_silences_what_it_touches_and_nothing_else():
    y = np.random.default_rng(3).poisson(6, (1, 40)).astype(float)
    y[0, 20] = np.nan
    found = ab.ears(y)
    assert np.isnan(found.upper[0, 21:28]).all()
    assert np.isfinite(found.upper[0, 28:]).all()
    assert not found.alarm[0, 20:28].any()


def test_cusum_equals_its_recursion_and_skips_unknown_days():
    y = np.random.default_rng(4).poisson(5, 30).astype(float)
    y[7] = np.nan
    mean = np.full(30, 4.0)
    mean[9] = 0.0
    level, slow = 0.0, []
    for count, m in zip(y, mean, strict=True):
        if m > 0 and np.isfinite(count):
            level = max(0.0, level + (count - m) / np.sqrt(m) - 1.04)
        slow.append(level)
    sums, alarm = ab.cusum(y[None], mean[None])
    assert sums[0] == pytest.approx(slow)
    assert (alarm[0] == (np.array(slow) >= 2.26)).all()


def test_rossis_transform_is_the_printed_one_and_nearly_normal():
    y = np.random.default_rng(5).poisson(9, (1, 20_000)).astype(float)
    mean = np.full(y.shape, 9.0)
    steps, _ = ab.cusum(y[:, :1], mean[:, :1], k=0.0, rossi=True)
    x = (y - 27 + 2 * np.sqrt(y * 9)) / 6
    assert steps[0, 0] == pytest.approx(max(0.0, x[0, 0]))
    assert (x.mean(), x.std()) == pytest.approx((0, 1), abs=0.06)


def test_the_ewma_chart_alarms_on_quiet_days_as_rarely_as_its_limit_says():
    rng = np.random.default_rng(6)
    y = rng.normal(10, 2, (400, 200))
    _, alarm = ab.ewma_chart(y, np.full(400, 10.0), np.full(400, 2.0))
    assert alarm[:, 30:].mean() == pytest.approx(0.00135, abs=0.0006)
    smooth, _ = ab.ewma_chart([[np.nan, 12.0]], [10.0], [2.0])
    assert smooth[0] == pytest.approx([10.0, 10.6])


def test_essences_ewma_equals_the_slow_version():
    rng = np.random.default_rng(7)
    y = rng.poisson(rng.gamma(2.0, 1.5, (6, 1)), (6, 60)).astype(float)
    y[2, 40:44] += 15
    found = essence_ewma(y)
    for series in range(6):
        slow = oracle.essence_ewma(y[series].tolist())
        assert found.statistic[series, 9:] == pytest.approx([s for s, _ in slow])
        assert found.p[series, 9:] == pytest.approx([p for _, p in slow])
    assert np.isnan(found.p[:, :9]).all()
    assert (found.level[2, 40:44] == 2).any()


def test_one_case_after_four_empty_weeks_is_no_red_alert():
    y = np.array([[0.0] * 30 + [1.0]])
    assert essence_ewma(y).level[0, 30] < 2
    older = EwmaSettings(least=(0.01, 0.05))  # an earlier version's floor
    assert essence_ewma(y, older).level[0, 30] == 2


def test_quiet_small_series_rarely_turn_red():
    y = np.random.default_rng(8).poisson(3, (400, 120)).astype(float)
    level = essence_ewma(y).level[:, 40:]
    assert (level == 2).mean() < 0.025


def test_a_missing_day_has_no_result_and_the_next_goes_on():
    y = np.random.default_rng(9).poisson(4, (1, 40)).astype(float)
    y[0, 35] = np.nan
    found = essence_ewma(y)
    assert np.isnan(found.p[0, 35])
    assert np.isfinite(found.p[0, 36:]).all()
    assert found.level[0, 35] == 0


def test_the_regression_is_statsmodels():
    rng = np.random.default_rng(10)
    design = np.column_stack([np.ones(80), np.arange(80.0) / 80, rng.integers(0, 2, 80)])
    counts = rng.poisson(np.exp(design @ [1.0, 0.5, -0.3])).astype(float)
    weights = rng.uniform(0.2, 1, 80)
    ours = fit_quasi_poisson(design, counts, weights)
    theirs = sm.GLM(counts, design, family=sm.families.Poisson(), var_weights=weights).fit(
        scale="X2", tol=1e-12
    )
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
    assert ours.dispersion == pytest.approx(theirs.scale, rel=1e-5)
    assert ours.leverage.sum() == pytest.approx(3)
    error = np.sqrt(np.diag(ours.covariance) * ours.dispersion)
    assert error == pytest.approx(theirs.bse, rel=1e-4)


def test_season_groups_are_windows_around_the_same_date_and_parts_between():
    week = np.datetime64("2006-01-02") + 7 * np.arange(420)
    group = season_groups(week, 400, FarringtonSettings())
    assert group is not None
    assert str(week[400]) == "2013-09-02"
    centres = [
        int(np.argmin(np.abs(week - np.datetime64(f"{year}-09-02"))))
        for year in (2012, 2011, 2010, 2009)
    ]
    for centre in centres:
        assert (group[centre - 3 : centre + 4] == 0).all()
    assert (group[400 - 26 :] == -1).all()
    assert (group[: centres[-1] - 3] == -1).all()
    sizes = np.bincount(group[centres[-1] + 4 : centres[-2] - 3])[1:]
    assert len(sizes) == 9
    assert sizes.max() - sizes.min() <= 1
    assert season_groups(week, 100, FarringtonSettings()) is None


def test_farrington_finds_a_planted_outbreak_and_is_silent_without_history_or_cases():
    rng = np.random.default_rng(11)
    week = np.datetime64("2012-01-02") + 7 * np.arange(300)
    y = rng.poisson(8 + 4 * np.sin(np.arange(300) / 52 * 2 * np.pi)).astype(float)
    y[290] += 25
    found = farrington(y, week, 280)
    assert found.alarm[290]
    assert found.alarm[280:].sum() <= 4
    assert found.p[290] < 1e-4
    assert np.isnan(farrington(y, week, 50).upper[50:200]).all()
    assert not farrington(0 * y, week, 280).alarm.any()
    y[100:110] = np.nan
    assert np.isfinite(farrington(y, week, 290).upper[290])


def test_the_method_follows_the_mean_and_the_history():
    assert ab.method_for(0.1, 1) is ab.Method.NONE
    assert ab.method_for(3, 1) is ab.Method.EWMA
    assert ab.method_for(40, 1) is ab.Method.C2_AND_EWMA
    assert ab.method_for(40, 5, weekly=True) is ab.Method.FARRINGTON


def test_short_series_have_no_result_and_impossible_settings_are_refused():
    assert np.isnan(ab.ears(np.zeros((2, 5))).upper).all()
    assert np.isnan(essence_ewma(np.zeros((2, 5))).p).all()
    assert ab.ears(np.zeros((0, 9))).upper.shape == (0, 9)
    with pytest.raises(ParameterError, match="baseline"):
        ab.ears(np.zeros((1, 9)), baseline=1)
    with pytest.raises(ParameterError, match="shortest"):
        EwmaSettings(shortest=2)
