"""Scores of risk, Rt, hot spots and clusters: on tables whose answer is plain."""

import math
from collections import Counter
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from simulators.errors import SourceError
from simulators.scenario import Epidemic, Scenario
from simulators.score.evaluation import shown
from simulators.score.picture import (
    Alarm,
    Outbreak,
    areas_that_rose,
    cells_at_risk,
    found_score,
    outbreaks_of,
    risk_score,
    rt_score,
)
from simulators.score.published import Picture, day_number
from simulators.score.run import evaluate, score
from simulators.truth import write_run
from simulators.truth_counts import rt_by_day
from tests.simulators.test_score import made_run
from tests.simulators.towns import CITY, simulation

DAY = 86_400_000


def true_risk(risk: list[float], day: int = 9) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "day": [day] * len(risk),
            "cell": [f"c{n}" for n in range(len(risk))],
            "relative_risk": risk,
        }
    )


def stated(rr: list[float], chance: list[float], day: int = 9) -> pl.DataFrame:
    cells = [f"c{n}" for n in range(len(rr))]
    return pl.DataFrame({"day": [day] * len(rr), "cell": cells, "rr": rr, "p_above_1": chance})


def test_a_risk_that_ranks_as_the_truth_has_an_auc_of_one_and_the_reverse_of_nought():
    true = true_risk([0.0, 0.5, 2.5, 4.0])
    right = risk_score(true, stated([0.2, 0.6, 1.5, 3.0], [0.05, 0.05, 0.95, 0.95]))
    wrong = risk_score(true, stated([3.0, 1.5, 0.6, 0.2], [0.95, 0.95, 0.05, 0.05]))
    assert (right.auc, wrong.auc) == (1.0, 0.0)
    assert right.calibration == [(0.05, 0.0, 2), (0.95, 1.0, 2)]
    assert right.cell_days == 4


def test_risk_of_other_days_than_the_runs_is_no_score():
    assert risk_score(true_risk([1.0]), stated([1.0], [0.5], day=8)) is None


def test_rt_is_compared_with_the_week_that_ends_on_the_day():
    true = pl.DataFrame(
        {
            "day": [*range(10), *range(10)],
            "area_id": ["a"] * 10 + ["b"] * 10,
            "onsets": [4] * 10 + [2] * 10,  # b has too few a week
            "onsets_local": [3] * 10 + [1] * 10,
            "pressure": [2.0, 1.0] * 10,
        }
    )
    week = 7 * 3 / (4 * 1.0 + 3 * 2.0)  # days 3 to 9
    seen = pl.DataFrame(
        {"day": [9, 9, 30], "area_id": ["a", "b", "a"], "rt": [week + 0.5, 1.0, 1.0],
         "rt_lo": [1.0, 0.5, 0.5], "rt_hi": [3.0, 2.0, 2.0]}
    )  # fmt: skip
    found = rt_score(true, seen)
    assert found.area_days == 1
    assert found.by_day == [(9, pytest.approx(week), pytest.approx(week + 0.5))]
    assert found.mean_error == pytest.approx(0.5)
    assert (found.bias, found.coverage) == (pytest.approx(0.5), 1.0)


def test_alarms_meet_outbreaks_by_cell_and_day():
    outbreaks = [Outbreak(frozenset({"a", "b"}), 3), Outbreak(frozenset({"z"}), 3)]
    alarms = [
        Alarm(frozenset({"b"}), 8),
        Alarm(frozenset({"b", "c"}), 6),
        Alarm(frozenset({"b"}), 1),  # before it began
        Alarm(frozenset({"q"}), 9),  # no outbreak, but truly at risk
    ]
    truly = pl.DataFrame({"cell": ["q", "q"], "day": [9, 10], "relative_risk": [2.5, 1.5]})
    assert cells_at_risk(truly) == {("q", 9)}
    found = found_score(outbreaks, alarms, cells_at_risk(truly))
    assert (found.recall, found.precision, found.right) == (0.5, 0.5, 0.75)
    assert found.delay_days == 3


def test_without_alarms_recall_is_nought_and_precision_unknown():
    found = found_score([Outbreak(frozenset({"a"}), 1)], [], frozenset())
    assert found.recall == 0.0
    assert math.isnan(found.precision)


def test_an_outbreak_is_where_those_it_infected_live():
    events = pl.DataFrame(
        {"kind": ["super_spreader", "surge"], "begin_ms": [2 * DAY + 5, 0], "people": [[1, 2], [3]]}
    )
    infections = pl.DataFrame(
        {
            "person": [1, 2, 3],
            "infected_day": [2.4, 9.0, 0.5],
            "cell": ["a", "b", "c"],
            "areas": [["district", "grid"], ["district"], ["other"]],
        }
    )
    assert outbreaks_of(events, infections, 0) == [Outbreak(frozenset({"a"}), 2)]
    in_areas = outbreaks_of(events, infections, 0, "areas")
    assert in_areas == [Outbreak(frozenset({"district", "grid"}), 2)]


def test_an_area_rose_when_its_week_holds_twice_and_five_more_than_the_month_before():
    steady = [float(day) for day in range(40) for _ in range(2)]
    burst = [40.5] * 13  # 12 of the six days before and 13: more than the 14 due, 25 < 28
    few = {"infected_day": [*steady, *burst], "areas": [["district", "grid"]] * 93}
    assert areas_that_rose(pl.DataFrame(few)) == set()
    more = {"infected_day": [*steady, *burst, *[40.7] * 3], "areas": [["district", "grid"]] * 96}
    rose = areas_that_rose(pl.DataFrame(more))
    assert rose == {(area, day) for area in ("district", "grid") for day in range(40, 62)}


def test_days_are_counted_from_the_runs_first_local_day():
    shanghai, new_york = 1_586_102_400_000, 1_586_145_600_000  # both 2020-04-06 00:00 there
    for begin_ms in (shanghai, new_york):
        assert day_number("2020-04-06", begin_ms) == 0
        assert day_number("2020-04-16", begin_ms) == 10


def test_what_was_not_published_is_said_to_be_so(tmp_path: Path):
    run = made_run(tmp_path)
    found = score(tmp_path, run, None, None, Picture(None, None, None, None))
    words = "\n".join(str(part) for part in shown(found))
    for what in ("counts", "risk", "Rt", "hot spots", "clusters", "unusual areas"):
        assert f"{what}: not" in words


def test_a_truth_of_another_version_is_one_line_that_names_what_it_lacks(tmp_path: Path):
    write_run(tmp_path, made_run(tmp_path))
    days = sorted((tmp_path / "truth" / "infections").glob("*.parquet"))
    for last, line in ((1, "not the same columns"), (len(days), "infected_day")):
        for path in days[:last]:
            pl.read_parquet(path).drop("infected_day", strict=False).write_parquet(path)
        with pytest.raises(SourceError, match=line) as found:
            evaluate(tmp_path, None, Console())
        assert "\n" not in str(found.value)


def test_a_truth_without_areas_is_refused_only_where_areas_are_scored(tmp_path: Path):
    run = made_run(tmp_path)
    for path in (tmp_path / "truth" / "infections").glob("*.parquet"):
        pl.read_parquet(path).drop("areas").write_parquet(path)
    assert score(tmp_path, run, None, None, Picture(None, None, [], [])).hotspots is not None
    with pytest.raises(SourceError, match="areas"):
        score(tmp_path, run, None, None, Picture(None, None, None, None, []))


def test_evaluate_says_where_its_plots_are_and_leaves_none_of_before(tmp_path: Path):
    write_run(tmp_path, made_run(tmp_path))
    old, said = tmp_path / "evaluation-rt.svg", StringIO()
    old.write_text("of another evaluation")
    evaluate(tmp_path, None, Console(file=said))
    assert f"in {tmp_path}: evaluation.json" in said.getvalue()
    assert not old.exists()


def test_the_truth_itself_published_ranks_perfectly(tmp_path: Path):
    run = made_run(tmp_path)
    risk = pl.read_parquet(tmp_path / "truth" / "risk.parquet")
    as_published = risk.filter(pl.col("relative_risk").is_not_nan()).select(
        pl.col("day").cast(pl.Int64),
        "cell",
        rr="relative_risk",
        p_above_1=(pl.col("relative_risk") > 1).cast(pl.Float64),
    )
    found = score(tmp_path, run, None, None, Picture(as_published, None, [], []))
    assert found.risk.auc == 1.0
    assert {(said, true) for said, true, _ in found.risk.calibration} == {(0.0, 0.0), (1.0, 1.0)}
    assert np.isnan(found.hotspots.precision)


def test_the_true_rt_follows_from_who_infected_whom():
    made = simulation(Scenario(name="wave", days=12, epidemic=Epidemic(seeds=60, per_hour=0.06)))
    list(made.days())
    health, area = made.health, made.ground.town.district[made.ground.people.home]
    frame = rt_by_day(health, made.ground, CITY, 12)
    infected = [int(p) for p in np.flatnonzero(np.isfinite(health.infected))]
    pairs = [(int(health.infector[p]), p) for p in infected if health.infector[p] >= 0]
    onset = {p: math.floor(health.onset[p]) for p in infected}
    shares = Counter(min(30, max(1, onset[who] - onset[source])) for source, who in pairs)
    children = Counter(source for source, _ in pairs)
    assert len(pairs) > 100
    for row in frame.iter_rows(named=True):
        here = [p for p in infected if CITY.area_id[area[p]] == row["area_id"]]
        new = [p for p in here if math.floor(health.infected[p]) == row["day"]]
        assert row["infections"] == len(new)
        if new:
            assert row["rt"] == pytest.approx(sum(children[p] for p in new) / len(new))
        ill = [p for p in here if onset[p] == row["day"]]
        assert row["onsets"] == len(ill)
        assert row["onsets_local"] == sum(health.infector[p] >= 0 for p in ill)
        known = [p for p in here if onset[p] >= 0]
        pressure = sum(shares[row["day"] - onset[p]] for p in known) / len(pairs)
        assert row["pressure"] == pytest.approx(pressure)
