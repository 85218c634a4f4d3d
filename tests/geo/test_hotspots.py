"""Hot spots: published z-scores, the slow version, a planted cluster, and bad rows."""

import h3.api.basic_int as h3
import numpy as np
import pytest
from esda.getisord import G_Local
from libpysal.weights import W
from scipy import sparse
from scipy.stats import false_discovery_control, norm, pearson3

from geo.disks import grid_disks
from geo.hotspots import gi, gi_star, hotspots, permutation_p, sum_skewness
from geo.tails import cold_tail, upper_tail
from tests.oracles import statistics as oracle
from tests.reference import HERE, column

GRID = HERE / "spdata" / "getisord.csv"
CELLS = np.array(h3.grid_disk(h3.latlng_to_cell(30.55, 114.3, 8), 12), dtype=np.uint64)
DISK = grid_disks(CELLS, 1).weights([1.0, 1.0])


def band(limit: float) -> tuple[np.ndarray, sparse.csr_array]:
    x, y, value = (column(GRID, name) for name in ("x", "y", "val"))
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    return value, sparse.csr_array((away <= limit).astype(float))


@pytest.mark.parametrize(("limit", "z"), [(30, 1.221979), (90, 1.986135), (150, 1.237454)])
def test_gi_of_getis_and_ord_is_the_one_spdep_prints(limit, z):
    # Getis & Ord 1996, 16 x 16 grid; r-spatial/spdep, documentation of localG
    assert gi(*band(limit))[119] == pytest.approx(z, abs=1e-6)


def test_gi_star_of_getis_and_ord_is_the_one_spdep_prints():
    # esda's G_Local with its default row-standardised weights gives 0.6437 here
    assert gi_star(*band(30))[119] == pytest.approx(1.45078, abs=1e-5)


def test_both_statistics_equal_the_slow_version():
    values = np.random.default_rng(1).gamma(2.0, size=len(CELLS))
    near = np.split(DISK.indices, DISK.indptr[1:-1])
    assert gi_star(values, DISK) == pytest.approx(oracle.gi_star(values, near, with_self=True))
    assert gi(values, DISK) == pytest.approx(oracle.gi_star(values, near, with_self=False))


def test_gi_star_equals_esda_with_binary_weights():
    values = np.random.default_rng(2).gamma(2.0, size=len(CELLS))
    near = np.split(DISK.indices, DISK.indptr[1:-1])
    weights = W({i: [j for j in near[i].tolist() if j != i] for i in range(len(near))})
    theirs = G_Local(values, weights, transform="B", star=True, permutations=0)
    assert gi_star(values, DISK) == pytest.approx(theirs.Zs)


def test_a_score_does_not_depend_on_unit_or_origin():
    values = np.random.default_rng(3).normal(size=len(CELLS))
    assert gi_star(1e6 + 50 * values, DISK) == pytest.approx(gi_star(values, DISK), abs=1e-6)
    assert gi(1e6 + 50 * values, DISK) == pytest.approx(gi(values, DISK), abs=1e-6)


def test_an_unknown_cell_is_unknown_and_as_if_it_were_not_there():
    values = np.random.default_rng(4).normal(size=len(CELLS))
    values[5] = np.nan
    keep = np.arange(len(CELLS)) != 5
    rest = grid_disks(CELLS[keep], 1).weights([1.0, 1.0])
    for score in (gi, gi_star):
        found = score(values, DISK)
        assert np.isnan(found[5])
        assert found[keep] == pytest.approx(score(values[keep], rest))


@pytest.mark.parametrize("score", [gi, gi_star])
@pytest.mark.parametrize("values", [[], [3.0], [np.nan] * 3, [2.0] * 5])
def test_nothing_to_compare_gives_no_score(score, values):
    weights = sparse.csr_array(np.ones((len(values), len(values))))
    assert np.isnan(score(values, weights)).all()


def test_an_island_has_gi_star_of_itself_and_no_gi():
    values = [1.0, 2.0, 3.0, 9.0]
    weights = sparse.csr_array(np.array([[1.0, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]))
    assert np.isfinite(gi_star(values, weights)[3])
    assert np.isnan(gi(values, weights)[3])
    assert np.isnan(permutation_p(values, weights, np.random.default_rng(0), 99)[3])


def planted(rate: float, seed: int, times: float = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    people = rng.integers(200, 4000, len(CELLS)).astype(float)
    inside = np.isin(CELLS, h3.grid_disk(int(CELLS[40]), 1))
    return rng.poisson(people * rate * np.where(inside, times, 1)).astype(float), people, inside


@pytest.mark.parametrize("rate", [0.01, 0.0003])
def test_a_planted_cluster_is_found_and_little_else(rate):
    cases, people, inside = planted(rate, 7)
    found = hotspots(cases, people, DISK, np.random.default_rng(1))
    assert found.level[40] > 0
    near = (DISK @ inside) > 0
    assert found.level[~near].sum() == 0
    assert found.by_permutation.any() == (rate < 0.001)


def test_a_planted_lull_is_cold_and_nothing_is_hot():
    cases, people, inside = planted(0.02, 7, times=0.1)
    found = hotspots(cases, people, DISK, np.random.default_rng(1))
    assert found.level_cold[40] > 0
    assert found.z[40] < 0
    assert not found.level.any()
    assert found.level_cold[(DISK @ inside) == 0].sum() == 0


def test_false_discoveries_are_controlled_over_both_sides_together():
    cases, people, _ = planted(0.01, 7, times=0.2)
    found = hotspots(cases, people, DISK, np.random.default_rng(1))
    both = np.concatenate([found.p, found.p_cold])
    known = np.isfinite(both)
    adjusted = np.concatenate([found.adjusted, found.adjusted_cold])
    assert adjusted[known] == pytest.approx(false_discovery_control(both[known]))
    assert ((found.level > 0) == (found.adjusted <= 0.05)).all()
    assert ((found.level_cold > 0) == (found.adjusted_cold <= 0.05)).all()
    assert not ((found.level > 0) & (found.level_cold > 0)).any()


def test_a_neighbourhood_that_expects_few_cases_cannot_be_cold():
    cases, people, _ = planted(0.0003, 7)
    found = hotspots(cases, people, DISK, np.random.default_rng(1))
    assert found.by_permutation.any()
    assert np.isnan(found.p_cold[found.by_permutation]).all()
    assert not found.level_cold[found.by_permutation].any()


@pytest.mark.parametrize("skewness", [-1.3, 0.0, 0.4, 2.0])
def test_the_cold_tail_is_neither_below_the_normal_nor_below_the_pearson_law(skewness):
    z = np.linspace(-6, 3, 40)
    wanted = np.maximum(norm.cdf(z), pearson3(skewness).cdf(z))
    assert cold_tail(z, np.full(40, skewness)) == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize(("rate", "phi"), [(0.0003, 2.0), (0.001, 1.0), (0.01, 2.0)])
def test_flat_risk_shows_a_hot_or_cold_spot_on_one_map_in_twenty(rate, phi):
    # 100 maps: 12 or more would be seen once in 250 runs at the nominal 5 %.
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(100):
        people = rng.lognormal(7, 1, len(CELLS)).round() + 50
        mean = people * rate
        cases = rng.poisson(mean) if phi == 1 else rng.negative_binomial(mean / (phi - 1), 1 / phi)
        found = hotspots(cases, people, DISK, rng, draws=999)
        wrong += (found.level > 0).any() or (found.level_cold > 0).any()
    assert wrong < 12


def test_the_tail_is_that_of_all_the_ways_to_deal_out_the_values():
    values = np.random.default_rng(9).exponential(size=len(CELLS))
    p = upper_tail(gi_star(values, DISK), sum_skewness(values, DISK))
    rng = np.random.default_rng(1)
    full = np.flatnonzero(np.diff(DISK.indptr) == 7)[:30]
    drawn = np.array([rng.choice(values, 7, replace=False).sum() for _ in range(20_000)])
    exact = [(drawn >= (DISK @ values)[i]).mean() for i in full]
    assert p[full] == pytest.approx(exact, abs=0.015)


@pytest.mark.parametrize("skewness", [-1.3, -0.2, 0.0, 0.4, 2.0])
def test_the_tail_is_scipys_pearson_law(skewness):
    z = np.linspace(-3, 6, 40)
    found = upper_tail(z, np.full(40, skewness))
    assert found == pytest.approx(pearson3(skewness).sf(z), abs=1e-10)
    assert np.isnan(upper_tail([np.nan], [skewness])).all()


@pytest.mark.parametrize("skewness", [-0.7, 0.3, 1.5])
def test_thousands_of_cells_have_the_law_that_each_has_alone(skewness):
    z = np.random.default_rng(3).gamma(2.0, 2.0, 20_000) - 4.0  # up to some 20 deviations
    skew = np.where(np.arange(len(z)) % 9 == 0, 2 * skewness, skewness)
    exact = pearson3(skew).sf(z)
    found = upper_tail(z, skew)
    assert found == pytest.approx(exact, abs=1e-4)
    if skewness > 0:
        assert found == pytest.approx(exact, rel=1e-4)


def test_cells_where_hardly_anybody_lives_are_not_judged_and_do_not_weigh():
    cases, people, _ = planted(0.01, 9)
    people[3], cases[3] = 49, 40
    people[4], cases[4] = 0, 0
    found = hotspots(cases, people, DISK, np.random.default_rng(1))
    assert np.isnan(found.z[[3, 4]]).all()
    assert found.level[[3, 4]].tolist() == [0, 0]
    people[3] = np.nan
    again = hotspots(cases, people, DISK, np.random.default_rng(1))
    assert again.z == pytest.approx(found.z, nan_ok=True)


def test_a_city_without_cases_has_no_hot_spot():
    found = hotspots(
        np.zeros(len(CELLS)), np.full(len(CELLS), 100.0), DISK, np.random.default_rng(1)
    )
    assert not found.level.any()
    assert not found.level_cold.any()
    assert np.isnan(found.z).all()
