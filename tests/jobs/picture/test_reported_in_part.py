"""Days that are reported in part: what is said of them rests on what was counted."""

from __future__ import annotations

import numpy as np
import pytest

from geo.exceedance import exceedance_p
from jobs.steps.picture.picture import Picture
from schemas.topics import ABERRATIONS, AREA_RT
from tests.jobs.picture.making import (
    DAY,
    MINUTE,
    NOON,
    SETTINGS,
    case_of,
    cases,
    everything_of,
    ground,
    slice_of,
    slices,
)

AREA = "d0"
LATE_DAYS = 6


def in_two_reports(every: int = 1, each: int = 1):
    """Give cases of sixty days of onset, half reported at once and half after six days."""
    for age in range(every, 60, every):
        for n in range(each):
            yield case_of(f"at-once-{age}-{n}", days_ago=age, onset_days=0, area_id=AREA)
            if age >= LATE_DAYS:
                late = age - LATE_DAYS
                yield case_of(f"later-{age}-{n}", days_ago=late, onset_days=6, area_id=AREA)


def test_four_reports_are_four_and_few_though_they_foretell_six() -> None:
    # Onsets 2, 4 and 6 days ago: one, one and two are reported by now.
    found = everything_of(cases(*in_two_reports(every=2)))[ABERRATIONS.name][f"{AREA}|cases"]
    assert found["count"] == 4
    assert found["below_k"] is True
    assert found["sample_size"] == 4 + 28
    assert found["expected"] == pytest.approx(28 * (2 + 5 * 0.5) / 28, rel=0.05)


def test_half_reported_days_are_neither_unusual_nor_a_trend() -> None:
    topics = everything_of(cases(*in_two_reports(each=4)))
    unusual, spread = topics[ABERRATIONS.name][f"{AREA}|cases"], topics[AREA_RT.name][AREA]
    assert unusual["count"] == 5 * 4 + 2 * 8
    share = np.append(np.ones(30), [1.0, 1.0, *[0.5] * 5])
    counts = np.append(np.full(32, 8.0), np.full(5, 4.0))[None]
    assert unusual["p"] == pytest.approx(exceedance_p(counts, days=7, share=share)[0], rel=0.2)
    assert spread["cases_7d"] == pytest.approx(56, rel=0.05)
    assert spread["sample_size"] == 36
    assert spread["is_trend"] is False
    width = spread["growth_hi"] - spread["growth_lo"]
    assert width == pytest.approx(2 * 1.645 * np.sqrt(1 / 31.6 + 1 / 56.5) / 7, rel=0.03)
    assert (spread["rt_hi"] - spread["rt_lo"]) / spread["rt"] == pytest.approx(
        2 * 1.645 / np.sqrt(37), rel=0.03
    )


def test_fever_of_a_running_day_is_compared_with_what_has_passed_of_it() -> None:
    # NOON is eight in the evening there: 20 of 24 hours have passed.
    days = [slice_of(1, NOON - ago * DAY - MINUTE, 50, n_fever=10) for ago in range(40, -1, -1)]
    found = everything_of(slices(*days))[ABERRATIONS.name]
    fever = next(each for key, each in found.items() if key.endswith("|fever") and each["count"])
    assert fever["count"] == 70
    assert fever["expected"] == pytest.approx(10 * (6 + 20 / 24))


def test_of_days_before_the_first_nothing_is_missing() -> None:
    live = Picture.of(ground(), SETTINGS)
    live.fold(cases(*in_two_reports()))
    now = live.curves()
    assert now.completeness(now.today, 7) < 1.0
    assert [now.completeness(now.first - ago, 7) for ago in (1, 2, 3)] == [1.0, 1.0, 1.0]
