"""What would change a score agrees with the filter that made it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from geo.risk.sensitivity import Score, after_a_quiet_week, shape, with_one_more_case, without


def published(a: float, b: float, mean: float = 1.3, foreseen: float = 2.0) -> Score:
    """Publish a gamma law as the job does."""
    scale = mean / b
    return Score(
        mean * a / b,
        float(gamma.ppf(0.05, a, scale=scale)),
        float(gamma.ppf(0.95, a, scale=scale)),
        a / b,
        foreseen * a / b,
    )


@given(st.floats(0.5, 200), st.floats(0.5, 200))
def test_the_shape_is_found_again_from_the_interval(a, b):
    assert shape(published(a, b)) == pytest.approx(a, rel=1e-4)


@given(st.floats(0.5, 50), st.floats(0.5, 50))
def test_one_more_case_is_what_the_filter_makes_of_it(a, b):
    # a <- a + 1, b as it is: the mean is m (a + 1) / b
    assert with_one_more_case(published(a, b)) == pytest.approx(1.3 * (a + 1) / b, rel=1e-4)


@given(st.floats(2.0, 50), st.floats(2.0, 50), st.floats(0.0, 5.0))
def test_a_quiet_week_is_seven_steps_of_the_filter(a, b, foreseen):
    delta, nu = math.exp(-1 / 14), 2.0
    x, y = a, b
    for _ in range(7):
        x, y = delta * x + (1 - delta) * nu, delta * y + (1 - delta) * nu + foreseen / 7
    found = after_a_quiet_week(published(a, b, foreseen=foreseen))
    assert found == pytest.approx(1.3 * x / y, rel=1e-3)


def test_a_component_that_goes_takes_its_share():
    assert without(published(4.0, 2.0), 0.25) == pytest.approx(0.75 * 2.6)
    assert np.isclose(without(published(4.0, 2.0), 0.0), 2.6)
