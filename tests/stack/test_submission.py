"""What a submission printed, among whatever Java says, and what the keeper makes of it."""

import os
from pathlib import Path

import pytest

from cities.pack import load
from jobs.catalog import JOBS
from jobs.config import Start
from jobs.surroundings import Surroundings
from schemas.broker import Broker
from stack import records, vanished
from stack.keeper import FRESH, TRY_AGAIN_MS
from stack.keeping import Submit
from stack.programs import JOBMANAGER
from stack.submission import Outcome, read_outcomes
from tests.stack.fake_cluster import NOW_MS, listed

ORDERS = {"counts": Submit(), "rollups": Submit(checkpoint="/x/chk-1/_metadata")}


def test_answers_are_found_among_other_lines():
    text = """NOTE: Picked up JDK_JAVA_OPTIONS
hexline-job {"name": "counts", "job_id": "abc", "city_version": "7f"}
WARN something
hexline-job {"name": "rollups", "job_id": null, "error": "PlanError: no"}
"""
    assert read_outcomes(ORDERS, text) == {
        "counts": Outcome("abc", city_version="7f"), "rollups": Outcome(None, "PlanError: no"),
    }  # fmt: skip


def test_process_that_died_gives_its_last_words_as_the_reason():
    assert read_outcomes(ORDERS, "Killed\n")["counts"] == Outcome(None, "Killed")


def test_all_jobs_that_are_due_go_in_one_submission(keeper):
    keeper.look(NOW_MS)
    assert list(keeper.submission.orders) == ["counts", "rollups"]


def test_nothing_is_ordered_while_no_jobmanager_answers(keeper):
    keeper.rest.jobs = None
    keeper.look(NOW_MS)
    assert keeper.submission is None


def test_jobs_are_ordered_once_while_a_submission_is_under_way(keeper):
    keeper.look(NOW_MS)
    first = keeper.submission
    keeper.look(NOW_MS + 1_000)
    assert keeper.submission is first


def test_jobmanager_started_again_is_not_waited_for(keeper):
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.look(NOW_MS)
    keeper.rest.jobs = None
    keeper.layout.starts_of(JOBMANAGER).write_text("2")
    keeper.look(NOW_MS + 1_000)
    assert list(keeper.submission.orders) == ["counts", "rollups"]


def test_keeper_started_again_beside_running_jobs_leaves_them_running(keeper):
    keeper.layout.starts_of(JOBMANAGER).write_text("7")
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.look(NOW_MS)
    assert keeper.submission is None


def test_refused_job_is_tried_again_after_a_while(keeper):
    keeper.look(NOW_MS)
    keeper.submission.outcome = {
        "counts": Outcome(None, "no"), "rollups": Outcome("def"),
    }  # fmt: skip
    keeper.rest.jobs = [listed("rollups", "def")]
    keeper.look(NOW_MS + 1_000)
    assert keeper.submission is None
    assert records.load(keeper.layout.jobs_file)["counts"].remark == "no"
    keeper.look(NOW_MS + TRY_AGAIN_MS + 1_001)
    assert list(keeper.submission.orders) == ["counts"]


def test_refused_job_is_tried_again_though_the_clock_was_set_back(keeper):
    keeper.look(NOW_MS)
    keeper.submission.outcome = {name: Outcome(None, "no") for name in keeper.names}
    keeper.look(NOW_MS + 1_000)
    keeper.look(NOW_MS - 3_600_000)
    assert list(keeper.submission.orders) == ["counts", "rollups"]


def test_folders_are_deleted_though_the_clock_was_set_back(keeper):
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.look(NOW_MS)
    dead = keeper.layout.checkpoints / "dead"
    dead.mkdir()
    keeper.look(NOW_MS - 3_600_000)
    assert not dead.exists()


def test_job_that_is_being_cancelled_by_hand_is_not_submitted_again(keeper):
    keeper.records["counts"] = records.JobRecord(job_id="abc")
    keeper.rest.jobs = [listed("counts", "abc", "CANCELLING"), listed("rollups", "def")]
    keeper.look(NOW_MS)
    assert keeper.submission is None
    assert keeper.records["counts"].stopped


def test_job_whose_state_does_not_age_continues_after_any_stop(keeper):
    keeper.lasting = frozenset({"rollups"})
    for name in keeper.names:
        chk = keeper.layout.checkpoints / name / "chk-1"
        chk.mkdir(parents=True)
        (chk / "_metadata").write_bytes(b"state")
        os.utime(chk / "_metadata", (1, 1))
        keeper.records[name] = records.JobRecord(job_id=name)
    keeper.look(NOW_MS)
    assert keeper.submission.orders["counts"].checkpoint is None
    assert "rollups" in keeper.submission.orders["rollups"].checkpoint


@pytest.mark.parametrize("name", JOBS)
def test_catalog_tells_which_jobs_age_as_their_settings_do(name):
    around = Surroundings(Broker("nowhere:9092"), "wuhan", "http://nowhere:1", Path("/nowhere"))
    config = JOBS[name].config(around, load("wuhan"), Start())
    assert JOBS[name].ages == (config.state_ttl_ms > 0)
    assert (name in vanished.lasting_jobs()) == (config.state_ttl_ms == 0)


def test_job_stopped_by_hand_is_left_also_after_the_jobmanager_was_started_again(keeper):
    keeper.rest.jobs = [listed("counts", "abc", "FINISHED"), listed("rollups", "def")]
    keeper.records = {}
    keeper.look(NOW_MS)
    keeper.submission = None
    keeper.records["counts"] = records.JobRecord(job_id="abc")
    keeper.look(NOW_MS + 1_000)
    assert keeper.records["counts"].stopped
    keeper.layout.starts_of(JOBMANAGER).write_text("2")
    keeper.look(NOW_MS + 2_000)
    assert list(keeper.submission.orders) == ["rollups"]


def test_right_after_up_planning_does_not_wait_for_the_jobmanager(keeper):
    keeper.jobmanager_starts = FRESH
    keeper.rest.jobs = None
    keeper.look(NOW_MS)
    assert list(keeper.submission.orders) == ["counts", "rollups"]
