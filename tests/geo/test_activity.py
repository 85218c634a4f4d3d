"""Activity and catchments: laws of merging, geometry, truth from drawn visits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import activity as act
from geo.catchment import fit_beta, huff_shares
from geo.errors import ParameterError

points = st.lists(
    st.tuples(st.integers(0, 3), st.floats(-30, 30), st.floats(-30, 30), st.floats(0, 5)),
    max_size=20,
)


def spread(rows) -> act.Spread:
    person, x, y, w = np.array(rows, dtype=float).reshape(-1, 4).T
    return act.spread_of(person.astype(int), x, y, w, 4)


@given(points, points, points)
def test_spreads_are_a_commutative_monoid(a, b, c):
    x, y, z = spread(a), spread(b), spread(c)
    for left, right in (
        (act.merged(x, spread([])), x),
        (act.merged(x, y), act.merged(y, x)),
        (act.merged(act.merged(x, y), z), act.merged(x, act.merged(y, z))),
        (act.merged(x, y), spread(a + b)),
    ):
        assert left.weight == pytest.approx(right.weight)
        assert left.square_km2 == pytest.approx(right.square_km2, abs=1e-7)


@given(points)
def test_the_radius_is_the_root_mean_square_distance_from_the_mean(rows):
    found = act.radius_of_gyration_km(spread(rows))
    for person in range(4):
        own = np.array([(x, y, w) for p, x, y, w in rows if p == person and w > 0])
        if not len(own):
            assert np.isnan(found[person])
            continue
        centre = np.average(own[:, :2], axis=0, weights=own[:, 2])
        square = ((own[:, :2] - centre) ** 2).sum(axis=1)
        assert found[person] == pytest.approx(
            np.sqrt(np.average(square, weights=own[:, 2])), abs=1e-6
        )


def test_the_plane_agrees_with_the_sphere_within_a_tenth_of_a_percent_of_a_city():
    rng = np.random.default_rng(1)
    lat, lng = 30.55 + rng.uniform(-0.2, 0.2, 200), 114.3 + rng.uniform(-0.2, 0.2, 200)
    x, y = act.to_plane_km(lat, lng, 30.55)
    found = act.radius_of_gyration_km(
        act.spread_of(np.zeros(200, dtype=int), x, y, np.ones(200), 1)
    )
    v = np.column_stack(
        [f(np.radians(lng)) * np.cos(np.radians(lat)) for f in (np.cos, np.sin)]
        + [np.sin(np.radians(lat))]
    )
    mean = v.mean(axis=0)
    away = act.EARTH_KM * np.arccos((v @ (mean / np.linalg.norm(mean))).clip(-1, 1))
    assert found[0] == pytest.approx(np.sqrt((away**2).mean()), rel=2e-3)


def test_far_from_the_origin_nothing_cancels():
    x = 1e6 + np.array([0.0, 0.003, 0.006])
    found = act.radius_of_gyration_km(act.spread_of([0, 0, 0], x, x, np.ones(3), 1))
    assert found[0] == pytest.approx(np.sqrt(2) * 0.003 * np.sqrt(2 / 3), rel=1e-3)


def test_missing_positions_are_left_out_and_one_gate_has_radius_zero():
    found = act.spread_of([0, 0, 1], [1.0, np.nan, 5.0], [1.0, 1.0, np.inf], np.ones(3), 2)
    assert act.radius_of_gyration_km(found)[0] == 0
    assert np.isnan(act.radius_of_gyration_km(found)[1])


def test_five_days_make_a_radius_known():
    assert act.is_known_well([4, 5, np.nan]).tolist() == [False, True, False]


def test_the_medoid_is_nearest_to_all_and_is_one_of_them():
    assert act.medoid([0, 1, 2, 50], [0, 0, 0, 0]) == 1
    assert act.medoid([3.0], [4.0]) == 0


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 5)), min_size=1, max_size=30))
def test_reach_is_the_weighted_quantile(rows):
    away, weight = np.array(rows, dtype=float).T
    repeated = np.sort(np.repeat(away, weight.astype(int)))
    for share in (0.5, 0.95):
        row = int(np.ceil(share * len(repeated) - 1e-9)) - 1
        assert act.reach_km(away, weight, share) == repeated[row]


def test_reach_of_nobody_is_unknown():
    assert np.isnan(act.reach_km([], [], 0.5))
    assert np.isnan(act.reach_km([1.0], [0.0], 0.5))
    with pytest.raises(ParameterError, match="share"):
        act.reach_km([1.0], [1.0], 1.0)


def test_shares_follow_the_printed_formula_and_add_to_one():
    size, away = np.array([1.0, 4.0, 2.0]), np.array([[1.0, 2.0, 4.0], [0.1, 0.2, 3.0]])
    pull = size / np.maximum(away, 0.2) ** 2
    assert huff_shares(size, away) == pytest.approx(pull / pull.sum(axis=1, keepdims=True))
    assert huff_shares(size, away).sum(axis=1) == pytest.approx([1, 1])


def test_a_place_of_no_size_or_out_of_reach_draws_nobody():
    found = huff_shares([1.0, 0.0, np.nan, 2.0], [[1.0, 1.0, 1.0, np.inf], [np.nan] * 4])
    assert found[0].tolist() == [1, 0, 0, 0]
    assert np.isnan(found[1]).all()


def test_steep_distances_do_not_overflow():
    found = huff_shares([1e9, 1.0], [[1000.0, 0.2]], beta=60.0)
    assert found[0] == pytest.approx([0, 1])


def test_the_exponent_visits_were_drawn_with_is_found():
    rng = np.random.default_rng(2)
    size, away = rng.uniform(1, 5, 6), rng.uniform(0.3, 8, (40, 6))
    share = huff_shares(size, away, beta=1.7)
    visits = np.array([rng.multinomial(300, p) for p in share])
    assert fit_beta(visits, size, away) == pytest.approx(1.7, abs=0.06)
    assert fit_beta(np.zeros((40, 6)), size, away) == 2.0
