"""State is taken over only by a plan with the same layout; what was submitted is remembered."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.layout import differences, layout_of, numbered_by_place
from jobs.submissions import Submission, recall, remember, writer_of
from jobs.surroundings import Surroundings
from schemas.errors import ConfigError

PLAN = {
    "flinkVersion": "2.3",
    "nodes": [
        {"id": 41, "type": "stream-exec-table-source-scan_2", "outputType": "ROW<`payload` BYTES>",
         "scanTableSource": {"table": {"options": {"scan.startup.mode": "earliest-offset"}}}},
        {"id": 45, "type": "stream-exec-global-group-aggregate_1", "grouping": [0],
         "aggCalls": [{"internalName": "$SUM$1", "type": "BIGINT"}],
         "outputType": "ROW<`n` BIGINT>",
         "state": [{"index": 0, "ttl": "2 d", "name": "globalGroupAggregateState"}]},
    ],
    "edges": [{"source": 41, "target": 45}],
}  # fmt: skip
JOB_ID = "0123456789abcdef0123456789abcdef"


def layout(change=None):
    plan = copy.deepcopy(PLAN)
    if change:
        change(plan)
    return json.loads(json.dumps(layout_of(numbered_by_place(json.dumps(plan)))))


def renumber(plan):
    plan["nodes"][0]["id"] = plan["edges"][0]["source"] = 7


def start_elsewhere(plan):
    plan["nodes"][0]["scanTableSource"]["table"]["options"]["scan.startup.mode"] = "timestamp"


def add_counter(plan):
    plan["nodes"][1]["aggCalls"].append({"internalName": "$SUM$1", "type": "BIGINT"})


def widen_type(plan):
    plan["nodes"][1]["outputType"] = "ROW<`n` DECIMAL(38, 0)>"


def add_step(plan):
    plan["nodes"].append({"id": 46, "type": "stream-exec-calc_1"})


@pytest.mark.parametrize("change", [renumber, start_elsewhere])
def test_what_state_does_not_depend_on_may_change(change):
    assert differences(layout(), layout(change)) == []


@pytest.mark.parametrize("change", [add_counter, widen_type, add_step])
def test_what_state_depends_on_may_not_change(change):
    assert differences(layout(), layout(change))


def test_difference_names_the_step_and_what_changed():
    (said,) = differences(layout(), layout(add_counter))
    assert "global-group-aggregate" in said
    assert "aggCalls" in said


def submission(**changes):
    known = {"name": "counts", "job_id": JOB_ID, "city_version": "c1", "layout": layout()}
    return Submission(**(known | changes))


def test_writer_of_a_checkpoint_and_of_a_savepoint_is_found(tmp_path: Path):
    remember(tmp_path, submission(publish_from_ms=60_000))
    for path in (f"file:/s/checkpoints/{JOB_ID}/chk-12", f"/s/checkpoints/{JOB_ID}/chk-3/_metadata",
                 f"file:/s/savepoints/savepoint-{JOB_ID[:6]}-abc123"):  # fmt: skip
        found = writer_of(tmp_path, path)
        assert found is not None
        assert found.publish_from_ms == 60_000


def test_unknown_or_damaged_submission_is_nobody(tmp_path: Path):
    assert recall(tmp_path, JOB_ID) is None
    (tmp_path / f"{JOB_ID}.json").write_bytes(b"{")
    assert recall(tmp_path, JOB_ID) is None
    assert writer_of(tmp_path, "/somewhere/else") is None


def test_missing_setting_is_named_with_an_example():
    with pytest.raises(ConfigError, match="HEXLINE_FLINK is not set: try http"):
        Surroundings.from_env({"HEXLINE_CITY": "wuhan"})


@pytest.mark.parametrize("command", [["stop", "countz"], ["check", "countz"]])
def test_unknown_job_is_one_clear_line(command, monkeypatch):
    for name, value in {"CITY": "wuhan", "FLINK": "http://127.0.0.1:9", "STATE": "/nowhere",
                        "BROKER": "127.0.0.1:9"}.items():  # fmt: skip
        monkeypatch.setenv(f"HEXLINE_{name}", value)
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 1
    assert said.stderr.strip() == "job 'countz' is not one of Hexline's: counts, picture, rollups"


def test_cluster_that_does_not_answer_is_one_clear_line(monkeypatch):
    for name, value in {"CITY": "wuhan", "FLINK": "http://127.0.0.1:9", "STATE": "/nowhere",
                        "BROKER": "127.0.0.1:9"}.items():  # fmt: skip
        monkeypatch.setenv(f"HEXLINE_{name}", value)
    said = CliRunner().invoke(app, ["list"])
    assert said.exit_code == 1
    assert len(said.stderr.strip().splitlines()) == 1
    assert "does not answer" in said.stderr
