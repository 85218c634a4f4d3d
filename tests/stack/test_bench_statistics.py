"""The benches of the statistics measure what they say."""

import importlib

import numpy as np
import pytest

from geo.disks import gaussian_rings, grid_disks
from stack.bench import BENCHES, null_data, risk_evidence
from stack.bench.observer import Observer
from stack.bench.renewal import LOCAL, MIXED, Scenario, epidemic
from stack.bench.rows import at_least, at_most, between
from stack.bench.statistics import SERIAL_INTERVAL as SERIAL
from stack.bench.statistics import disk_of_cells


def test_limits_hold_at_their_ends():
    assert at_most("a", 3.0, 3.0, "ms").good
    assert not at_most("a", 3.1, 3.0, "ms").good
    assert at_least("b", 5.0, 5.0, "x").good
    assert not between("c", 2.01, 0.5, 2.0).good
    assert not at_most("d", float("nan"), 1.0, "").good


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(1)
    score, high = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.3
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in score[high] for b in score[~high]]
    assert risk_evidence.area_under_curve(score, high) == pytest.approx(np.mean(pairs))
    assert np.isnan(risk_evidence.area_under_curve(score, np.zeros(60, dtype=bool)))


@pytest.mark.parametrize("hidden", [False, True])
def test_true_relative_risk_averages_to_one_over_people_and_cases_follow_it(hidden):
    cells = disk_of_cells(6)
    kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
    people = np.random.default_rng(2).lognormal(7, 0.5, len(cells))
    scenario = Scenario("small", 60, True, frailty=0.5, hidden=hidden, days=60)
    days = list(epidemic(scenario, people, kernel, SERIAL))
    for day in days:
        assert day.risk @ people / people.sum() == pytest.approx(1)
    high = sum(day.cases[day.risk > 2].sum() for day in days)
    due = sum(60 * (day.risk * people)[day.risk > 2].sum() / people.sum() for day in days)
    assert high == pytest.approx(due, rel=0.25)


def test_without_own_risks_of_cells_what_is_due_is_the_true_rate():
    cells = disk_of_cells(6)
    kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
    people = np.random.default_rng(2).lognormal(7, 0.5, len(cells))
    for mix in (MIXED, LOCAL):
        for day in epidemic(Scenario("even", 60, True, days=20, mix=mix), people, kernel, SERIAL):
            assert day.due / people * people.sum() / day.due.sum() == pytest.approx(day.risk)


def test_the_observer_learns_each_cells_own_risk_and_begins_at_one():
    rng = np.random.default_rng(5)
    own = rng.lognormal(-0.32, 0.8, 300)
    observer = Observer(300, 0.8)
    assert observer.own_risk() == pytest.approx(np.ones(300), abs=0.02)
    for _ in range(200):
        observer.see(rng.negative_binomial(2 * own, 1 / 1.5).astype(float), np.ones(300))
    assert np.corrcoef(observer.own_risk(), own)[0, 1] > 0.98
    assert observer.own_risk().mean() == pytest.approx(own.mean(), rel=0.05)


def test_flat_cities_have_the_variance_asked_for():
    city = null_data.flat_city(400, 300, 2.0, np.random.default_rng(3))
    mean = np.outer(city.people / city.people.sum(), np.full(300, null_data.CASES_PER_DAY))
    assert city.counts.sum() / mean.sum() == pytest.approx(1, rel=0.05)
    assert ((city.counts - mean) ** 2).sum() / mean.sum() == pytest.approx(2, rel=0.1)


def test_every_bench_of_the_list_can_be_run():
    for name in BENCHES:
        module = importlib.import_module(f"stack.bench.{name}")
        assert callable(module.run), name
        assert module.__doc__
