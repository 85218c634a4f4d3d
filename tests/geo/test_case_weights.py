"""Case weights and borrowed rates."""

import numpy as np
import pytest

from geo.case_weights import rates_with_parents, suspected_weight, weights_of
from geo.errors import ParameterError


def test_a_suspected_case_weighs_what_suspects_turned_out_to_be():
    assert suspected_weight(0, 0) == pytest.approx(0.3)
    assert suspected_weight(700, 300) == pytest.approx(0.7, abs=0.005)
    assert suspected_weight(-5, -5) == suspected_weight(0, 0)


def test_a_change_of_category_there_and_back_adds_up_to_nothing():
    before, after = (
        weights_of(["suspected", "confirmed"], 0.3),
        weights_of(["confirmed", "fever"], 0.3),
    )
    there = after - before
    assert there == pytest.approx([0.7, -1.0])
    assert there + (before - after) == pytest.approx([0, 0])


def test_fever_contacts_and_unknown_words_are_no_cases():
    assert weights_of(["fever", "contact", "", "Confirmed"], 0.3).tolist() == [0, 0, 0, 0]
    with pytest.raises(ParameterError, match="suspected"):
        weights_of(["fever"], 1.5)


def test_a_cell_with_few_people_shows_its_parents_rate():
    rate, borrowed = rates_with_parents(
        [4, 1, 2, np.nan], [100, 20, 10, 5], [0, 0, 1, 1], parents=2
    )
    assert rate[:2] == pytest.approx([0.04, 5 / 120])
    assert borrowed.tolist() == [False, True, True, True]
    assert np.isnan(rate[2:]).all()
