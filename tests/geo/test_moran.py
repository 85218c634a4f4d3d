"""Moran's I: published numbers, esda's own, islands and missing rows."""

import numpy as np
import pytest
from esda import Moran, Moran_Local, Moran_Rate
from libpysal.weights import lat2W
from scipy import sparse

from geo import rates
from geo.disks import row_standardised
from geo.moran import local_moran, moran, moran_permutation_p
from tests.reference import HERE, column, gal, table

SIDS = HERE / "pysal" / "sids2.csv"


def counties() -> sparse.csr_array:
    return gal(HERE / "pysal" / "sids2.gal", list(table(SIDS)["FIPSNO"]))


def lattice(side: int) -> tuple[sparse.csr_array, object]:
    theirs = lat2W(side, side)
    return sparse.csr_array(theirs.sparse), theirs


def test_i_of_sids_rates_is_the_one_esda_tests():
    # pysal/esda tests/test_moran.py
    found = moran(column(SIDS, "SIDR74"), row_standardised(counties()))
    assert found.i == pytest.approx(0.24772519320480135, rel=1e-12)


def test_i_of_eb_standardised_rates_is_the_one_esda_tests():
    # pysal/esda tests/test_moran.py: Moran_Rate
    x = rates.standardised_rates(column(SIDS, "SID79"), column(SIDS, "BIR79"))
    assert moran(x, row_standardised(counties())).i == pytest.approx(0.16622343552567395, rel=1e-9)


def test_the_standardised_rate_is_esdas_transform():
    theirs = lat2W(10, 10)
    theirs.transform = "r"
    cases, births = column(SIDS, "SID74"), column(SIDS, "BIR74")
    i = moran(rates.standardised_rates(cases, births), sparse.csr_array(theirs.sparse)).i
    assert i == pytest.approx(Moran_Rate(cases, births, theirs, permutations=0).I)


@pytest.mark.parametrize("standardised", [True, False])
def test_i_and_its_variance_are_esdas(standardised):
    weights, theirs = lattice(9)
    weights = row_standardised(weights) if standardised else weights
    values = np.random.default_rng(1).gamma(1.0, size=81)
    found, other = (
        moran(values, weights),
        Moran(values, theirs, transformation="r" if standardised else "b", permutations=0),
    )
    assert (found.i, found.variance) == pytest.approx((other.I, other.VI_rand))
    assert (found.z, found.p) == pytest.approx((other.z_rand, other.p_rand))


def test_variance_is_that_of_shuffled_tables():
    weights = row_standardised(lattice(6)[0])
    rng = np.random.default_rng(2)
    values = rng.exponential(size=36)
    drawn = [moran(rng.permutation(values), weights).i for _ in range(4000)]
    found = moran(values, weights)
    assert np.mean(drawn) == pytest.approx(found.expected, abs=0.01)
    assert np.var(drawn) == pytest.approx(found.variance, rel=0.08)


def test_a_chequerboard_is_as_unlike_and_two_halves_as_alike_as_can_be():
    weights = lattice(8)[0]
    row, col = np.divmod(np.arange(64), 8)
    assert moran((row + col) % 2, weights).i == pytest.approx(-1)
    halves = (row < 4).astype(float)
    assert moran(halves, weights).i > 0.8
    rng = np.random.default_rng(3)
    assert moran_permutation_p(halves, weights, rng) == 0.001
    assert moran_permutation_p(rng.normal(size=64), weights, rng) > 0.01


def test_local_i_and_quadrants_are_esdas():
    weights, theirs = lattice(9)
    theirs.transform = "r"
    values = np.random.default_rng(4).gamma(1.0, size=81)
    found = local_moran(values, weights, np.random.default_rng(1))
    other = Moran_Local(values, theirs, permutations=999, seed=5)
    assert found.i == pytest.approx(other.Is * 81 / 80)  # esda divides by n - 1
    assert found.quadrant.tolist() == other.q.tolist()
    assert found.p == pytest.approx(other.p_sim, abs=0.06)


def test_local_values_average_to_the_global_one():
    weights = lattice(9)[0]
    values = np.random.default_rng(6).normal(size=81)
    local = local_moran(values, weights, np.random.default_rng(1), 99)
    assert local.i.mean() == pytest.approx(moran(values, row_standardised(weights)).i)


def test_islands_stay_in_the_table_without_a_verdict():
    weights = sparse.csr_array(np.array([[0.0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]))
    found = local_moran([1, 2, 4, 9], weights, np.random.default_rng(1), 99)
    assert (found.i[3], found.quadrant[3]) == (0, 0)
    assert np.isnan(found.p[3])


def test_missing_rows_are_as_if_they_were_not_there():
    weights = lattice(6)[0]
    values = np.random.default_rng(7).normal(size=36)
    values[10] = np.nan
    keep = np.arange(36) != 10
    rest = weights[keep][:, keep]
    assert moran(values, weights) == moran(values[keep], rest)
    local = local_moran(values, weights, np.random.default_rng(1), 99)
    assert np.isnan(local.i[10])
    assert local.quadrant[10] == 0


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 9, [np.nan] * 9])
def test_nothing_to_compare_gives_nan(values):
    weights = sparse.csr_array(np.ones((len(values), len(values))))
    assert np.isnan(moran(values, weights).i)
    assert np.isnan(moran_permutation_p(values, weights, np.random.default_rng(1)))
    assert np.isnan(local_moran(values, weights, np.random.default_rng(1)).i).all()
