"""Scores: right on what is right, and telling of the error where there is one."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import CHECKINS
from simulators.plots import bars, lines, round_marks
from simulators.scenario import Dirt, Epidemic, Scenario
from simulators.score.cases import CaseScore, case_score
from simulators.score.counts import COUNTERS, OccupancyScore, count_scores, occupancy_score
from simulators.score.evaluation import Evaluation, shown
from simulators.score.ranking import auc, calibration
from simulators.score.run import score
from simulators.truth import RunFile, Truth
from tests.simulators.test_city_stream import Collected, recounted
from tests.simulators.towns import CITY, stream

MINUTE = 60_000
DAY = 86_400_000


def counts(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Give place-minutes with some ins and nothing else."""
    frame = pl.DataFrame(rows, schema=["place_id", "minute_ms", "n_in"], orient="row")
    return frame.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in COUNTERS[1:])


def test_counts_that_agree_score_as_exact():
    true = counts(("a", 0, 3), ("a", 60_000, 1), ("b", 0, 2))
    first = count_scores(true, true)[0]
    assert (first.exact, first.bias, first.missing, first.extra, first.mean_error) == (
        1,
        0,
        0,
        0,
        0,
    )


def test_counts_of_a_minute_in_two_files_are_added_up():
    true = counts(("a", 0, 3), ("a", 0, 2))
    assert count_scores(true, counts(("a", 0, 5)))[0].exact == 1.0


def test_missing_extra_and_wrong_counts_are_told_apart():
    true, seen = counts(("a", 0, 3), ("b", 0, 2)), counts(("a", 0, 4), ("c", 0, 1))
    first = count_scores(true, seen)[0]
    assert (first.missing, first.extra, first.bias, first.exact) == (1, 1, 0, 0.0)
    assert first.mean_error == pytest.approx((1 + 2 + 1) / 3)


def test_occupancy_from_exact_counts_is_exact():
    times = [0, MINUTE, 3 * MINUTE]
    published = counts(*(("a", at, number) for at, number in zip(times, (3, 2, 1), strict=True)))
    true = pl.DataFrame({"place_id": ["a"] * 3, "minute_ms": times, "inside": [3, 5, 6]})
    found = occupancy_score(true, published, MINUTE)
    assert (found.mean_error, found.bias, found.place_hours) == (0.0, 0.0, 2)


@given(
    st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: 0 < sum(label for _, label in rows) < len(rows)
    )
)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    score_of = np.array([value for value, _ in rows])
    label = np.array([flag for _, flag in rows])
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high in score_of[label]
        for low in score_of[~label]
    ]
    assert auc(score_of, label) == pytest.approx(np.mean(pairs))


def test_calibration_of_honest_chances_lies_on_the_diagonal():
    chance = np.random.default_rng(1).random(50_000)
    happened = np.random.default_rng(2).random(50_000) < chance
    for stated, came, number in calibration(chance, happened):
        # five standard deviations of a share of some 5,000
        assert abs(stated - came) < 5 * 0.5 / number**0.5


def test_cases_are_found_where_a_report_stands():
    reports = pl.DataFrame(
        {
            "case_id": ["x", "x", "y", "z"],
            "revision": [1, 2, 1, 1],
            "category": ["suspected", "confirmed", "suspected", "confirmed"],
            "status": ["open", "open", "retracted", "open"],
            "report_ms": [4 * DAY, 5 * DAY, 4 * DAY, 6 * DAY],
            "person": [1, 1, 2, 9],
            "infected": [True, True, True, False],
        }
    )
    infections = pl.DataFrame({"person": [1, 2, 3], "infected_day": [1.0, 1.0, 1.0]})
    found = case_score(reports, infections, 0)
    assert (found.found, found.standing, found.delay_days) == (1, 2, 3.0)
    assert found.recall == pytest.approx(1 / 3)
    assert found.false_share == pytest.approx(1 / 2)

    none = case_score(reports, infections.clear(), 0)
    assert none.found == 0
    assert np.isnan(none.delay_days)


def test_what_nothing_was_found_of_has_no_delay_and_no_correlation():
    cases = CaseScore(5, 0, 0.0, 0, 0.0, float("nan"))
    inside = OccupancyScore(0, float("nan"), 0.0, 0.0)
    said = [part for part in shown(Evaluation(None, inside, cases, 0, None)) if type(part) is str]
    assert "correlation —" in said[1]
    assert "— days after infection" in said[2]


def made_run(tmp_path, days: int = 3) -> RunFile:
    """Write the truth of a small epidemic; nothing of it is published."""
    made = stream(Scenario(name="small", days=days, epidemic=Epidemic(seeds=60)))
    made.watch = Truth(tmp_path / "truth", made.simulation, CITY)
    for _ in made.between(made.begin_ms, made.begin_ms + days * DAY):
        pass
    made.watch.close()
    return run_file(made.begin_ms, made.begin_ms + days * DAY)


def run_file(begin_ms: int, done_ms: int) -> RunFile:
    """Describe a run."""
    return RunFile(
        scenario=b"{}",
        city="town",
        city_version="x",
        people=1,
        seed=1,
        begin_ms=begin_ms,
        done_ms=done_ms,
        ended=True,
        sent={},
    )


def evaluated(tmp_path, scenario: Scenario):
    """Count the stream as a perfect reader would, and score that."""
    made, out = stream(scenario), Collected()
    truth = Truth(tmp_path / "truth", made.simulation, CITY)
    made.watch = truth
    end = made.begin_ms + scenario.days * DAY
    for messages in made.between(made.begin_ms, end):
        out.send(messages)
    truth.close()
    keys: dict[tuple[str, int], dict[str, int]] = {}
    for (place, minute, name), number in recounted(out.rows[CHECKINS.name]).items():
        keys.setdefault((place, minute), dict.fromkeys(COUNTERS, 0))[name] = number
    rows = [{"place_id": p, "minute_ms": m} | row for (p, m), row in keys.items()]
    until = end - MINUTE
    published = pl.DataFrame(rows).filter(pl.col("minute_ms") < until)
    run = run_file(made.begin_ms, end)
    return score(tmp_path, run, published, 0)


def test_a_perfect_reader_of_a_clean_run_scores_exactly(tmp_path):
    found = evaluated(tmp_path, Scenario(name="clean", days=2, epidemic=Epidemic(seeds=20)))
    assert all(one.exact == 1.0 for one in found.counts)
    assert sum(one.true_total for one in found.counts) > 10_000
    assert found.occupancy.mean_error == 0.0
    assert found.malformed == 0


def test_gates_that_miss_people_bias_the_counts_by_their_share(tmp_path):
    scenario = Scenario(name="missing", days=2, dirt=Dirt(missed=0.1))
    first = evaluated(tmp_path, scenario).counts[0]
    # five standard deviations of a share of 0.1 among the true ins
    assert abs(first.bias_share + 0.1) < 5 * (0.09 / first.true_total) ** 0.5


def test_resent_records_bias_a_reader_that_does_not_look_for_them(tmp_path):
    scenario = Scenario(name="twice", days=2, dirt=Dirt(duplicates=0.05))
    first = evaluated(tmp_path, scenario).counts[0]
    assert abs(first.bias_share - 0.05) < 5 * (0.05 / first.true_total) ** 0.5


def test_plots_are_the_same_bytes_for_the_same_numbers():
    curve = [("a", [(0.0, 1.0), (1.0, 3.0)])]
    assert lines("t", ("x", "y"), curve) == lines("t", ("x", "y"), curve)
    assert bars("<&>", [("a", -1.0), ("b", 2.0)]).count("<rect") == 3


@pytest.mark.parametrize(
    ("ends", "marks"),
    [
        ((0.0, 23.0), [0, 5, 10, 15, 20]),
        ((0.0, 599.0), [0, 200, 400]),
        ((-1.0, 1.6), [-1, 0, 1]),
        ((-0.2, 0.3), [-0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        ((3.0, 4.0), [3, 3.2, 3.4, 3.6, 3.8, 4]),
    ],
)
def test_marks_of_an_axis_are_round_numbers_within_it(ends, marks):
    assert round_marks(ends) == pytest.approx(marks)


def test_names_of_curves_stand_above_what_is_drawn():
    curves = [(f"curve {n}", [(0.0, 0.0), (1.0, 1.0)]) for n in range(4)]
    drawn = lines("t", ("x", "y"), curves)
    names = re.findall(r'y="([0-9.]+)"[^>]*>curve', drawn)
    highest = min(
        float(y)
        for points in re.findall(r'points="([^"]*)"', drawn)
        for y in re.findall(r",([0-9.]+)", points)
    )
    assert len(names) == 4
    assert max(map(float, names)) < highest
