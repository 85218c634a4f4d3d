"""The bench of counts and those beside it give no figure of too little."""

import pytest
from typer.testing import CliRunner

from stack.bench import cli, counts, picture, pixel, up
from stack.bench.rows import at_most
from stack.errors import StackError

RECORDS = 1_000


def test_the_rate_is_that_past_the_warm_up_and_before_the_end_of_the_log():
    #  seconds   0    5         10        15        22 (the log ended at 16)
    #  records  100  450 | warm 550       900      1000
    points = [(0.0, 100, 1.0), (5.0, 450, 2.0), (10.0, 550, 3.0), (15.0, 900, 4.0)]
    figure = counts.steady([*points, (22.0, RECORDS, 9.0)], RECORDS)
    assert figure.per_second == (900 - 550) / 5
    assert figure.cpu_s_per_million == pytest.approx(1e6 / (900 - 550))


@pytest.mark.parametrize("read", [[], [RECORDS], [400, RECORDS], [400, 600, RECORDS]])
def test_too_few_checkpoints_give_no_rate(read):
    points = [(5.0 * number, n, 1.0) for number, n in enumerate(read)]
    with pytest.raises(StackError, match="take more records"):
        counts.steady(points, RECORDS)


def test_a_trial_that_is_none_is_named_before_anything_is_measured():
    assert counts.wanted_trials("") == {trial.name for trial in counts.TRIALS}
    assert counts.wanted_trials("ours,jvm") == {"ours", "jvm"}
    with pytest.raises(StackError, match="only=orus: expected jvm, jvm-bare, ours"):
        counts.wanted_trials("ours,orus")


@pytest.mark.parametrize(("rows", "code"), [([], 1), ([at_most("figure", 1, 2, "ms")], 0)])
def test_a_bench_that_measured_nothing_has_failed(rows, code, monkeypatch):
    monkeypatch.setattr("stack.bench.risk_evidence.run", lambda _: rows)
    said = CliRunner().invoke(cli.app, ["risk-evidence", "only=nowhere"])
    assert said.exit_code == code
    assert ("nothing was measured with only=nowhere" in said.stderr) == (code == 1)


def test_a_program_that_has_ended_is_not_taken_for_one_that_uses_nothing():
    up.all_there(dict.fromkeys(up.ALWAYS, 0.0), up.ALWAYS)
    with pytest.raises(StackError, match="broker, war-room: not running"):
        up.all_there({"jobmanager": 1.0, "taskmanager": 1.0, "jobs-keeper": 1.0}, up.ALWAYS)


class Web:
    """A war room that says this."""

    def __init__(self, said):
        self.said = said

    def get(self, _path):
        """Give the status."""
        return self.said


@pytest.mark.parametrize("said", [None, {}, {"lag": None}])
def test_what_is_not_yet_counted_is_not_none_where_nobody_tells(said):
    assert pixel.lag_of(Web({"lag": 0})) == 0
    with pytest.raises(StackError, match="does not tell"):
        pixel.lag_of(Web(said))


def test_a_tick_that_takes_longer_than_one_tick_is_not_taken_for_the_next_one():
    # due at 1,000, 1,010 and 1,020 s; the second says its first record 12 s later
    said = {1_000: [1_000_400], 1_010: [1_022_000, 1_023_500], 1_020: [1_024_000]}
    densities = [
        (written_ms, picture.Said(revision, 0))
        for revision, written in said.items()
        for written_ms in written
    ]
    assert picture.delays_of(densities, 10) == [13.5, 4.0]


@pytest.mark.parametrize("densities", [[], [(1_000_400, picture.Said(1_000, 0))]])
def test_too_few_ticks_give_no_delay(densities):
    with pytest.raises(StackError, match="take more seconds"):
        picture.delays_of(densities, 10)
