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
from stack.keeper import FRESH, TRY_AGAIN_MS, Keeper
from stack.keeping import Submit
from stack.layout import Layout
from stack.programs import JOBMANAGER
from stack.submission import Outcome, read_outcomes
from stack.vanished import ASK_EVERY_MS, Topics

ORDERS = {"counts": Submit(), "rollups": Submit(checkpoint="/x/chk-1/_metadata")}
NOW_MS = 1_700_000_000_000


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


class FakeSubmission:
    """A submission whose outcome the test decides."""

    def __init__(self, orders):
        self.orders = orders
        self.outcome = None

    def outcomes(self):
        """Give what the test decided."""
        return self.outcome


class FakeRest:
    """A JobManager that says what the test says; None is no answer at all."""

    def __init__(self):
        self.jobs = []
        self.said = {}
        self.cancelled = []

    def patch(self, path):
        """Begin to cancel a job."""
        self.cancelled.append(path)

    def get(self, path):
        """Answer what a look asks."""
        if path != "/jobs/overview" or self.jobs is None:
            return self.said.get(path)
        return {"jobs": self.jobs}

    def fails(self, job_id, *lines):
        """Let a job have failed for a reason."""
        entries = [{"stacktrace": "\n".join(lines)}]
        self.said[f"/jobs/{job_id}/exceptions?maxExceptions=1"] = {
            "exceptionHistory": {"entries": entries}
        }


@pytest.fixture
def keeper(tmp_path):
    layout = Layout(tmp_path)
    layout.make()
    layout.starts_of(JOBMANAGER).write_text("1")
    return Keeper(("counts", "rollups"), layout, FakeRest(), False, FakeSubmission, FakeTopics())


class FakeTopics(Topics):
    """Topics of which the test takes some away; made again, they are all there."""

    def __init__(self):
        self.away = set()
        touched = {"counts": frozenset({"in", "between"}), "rollups": frozenset({"between", "out"})}
        super().__init__(lambda: frozenset(self.away), self.away.clear, touched)


def listed(name, job_id, state="RUNNING"):
    return {"jid": job_id, "name": name, "state": state, "start-time": 1}


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


# As Flink 2.3 says them, less the lines between.
REFUSED_STATE = (
    "org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.",
    "Caused by: java.io.EOFException",
    "\tat org.apache.flink.runtime.checkpoint.CheckpointCoordinator.restoreSavepoint("
    "CheckpointCoordinator.java:1912)",
)
DAMAGED_FILE = (
    "java.lang.Exception: Exception while creating StreamOperatorStateContext.",
    *["\tat org.apache.flink.streaming.runtime.tasks.StreamTask.restore(StreamTask.java:789)"] * 9,
    "Caused by: org.apache.flink.util.FlinkException: Could not restore keyed state backend for "
    "KeyedProcessOperator_90bea66d_(1/1) from any of the 1 provided restore options.",
    "Caused by: java.io.IOException: Error while opening RocksDB instance.",
    "Caused by: org.rocksdb.RocksDBException: Bad table magic number: expected 98, found 0",
)
FULL_DISK = (*DAMAGED_FILE[:-1], "Caused by: org.rocksdb.RocksDBException: No space left on device")
NO_BROKER = ("org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node",)


@pytest.fixture
def counting(keeper):
    """Give a keeper whose job counts is lost and has the checkpoints 7 and 8."""
    for number in (7, 8):
        chk = keeper.layout.checkpoints / "abc" / f"chk-{number}"
        chk.mkdir(parents=True)
        (chk / "_metadata").write_bytes(b"state")
        os.utime(chk / "_metadata", (NOW_MS // 1000 + number, NOW_MS // 1000 + number))
    keeper.names = ("counts",)
    keeper.records = {"counts": records.JobRecord(job_id="abc")}
    return keeper


def refuse(keeper, times, *reason):
    """Let a keeper submit some times, each time refused for a reason."""
    for now_ms in range(NOW_MS, NOW_MS + times * 10_000, 10_000):
        keeper.look(now_ms)
        keeper.rest.jobs = [listed("counts", "bad", "FAILED") | {"start-time": now_ms}]
        keeper.rest.fails("bad", *reason)
        keeper.submission.outcome = {"counts": Outcome(None, "no")}
        keeper.look(now_ms + 1_000)
    keeper.look(NOW_MS + times * 10_000)
    return keeper.submission.orders["counts"]


def test_state_that_flink_refuses_gives_way_to_the_next_older_and_at_last_to_the_log(counting):
    assert "chk-8" in refuse(counting, 2, *REFUSED_STATE).checkpoint
    counting.submission = None
    assert "chk-7" in refuse(counting, 1, *REFUSED_STATE).checkpoint
    counting.submission = None
    assert refuse(counting, 3, *REFUSED_STATE) == Submit(
        start_from_ms=NOW_MS + 7_000 - 24 * 3_600_000 - 300_000
    )


def test_job_refused_for_another_reason_keeps_its_state(counting):
    assert "chk-8" in refuse(counting, 9, *NO_BROKER).checkpoint


def test_state_that_is_empty_is_not_submitted_at_all(counting):
    (counting.layout.checkpoints / "abc/chk-8/_metadata").write_bytes(b"")
    counting.look(NOW_MS)
    assert counting.submission is None
    assert counting.records["counts"].remark == "chk-8 is set aside: its metadata is empty"
    counting.look(NOW_MS + 1_000)
    assert "chk-7" in counting.submission.orders["counts"].checkpoint


def restarting(keeper, *reason, completed=None):
    """Let a job restart for a reason, again and again, after it began with checkpoint 8."""
    chk = keeper.layout.checkpoints / "abc/chk-8"
    keeper.rest.jobs = [listed("counts", "bad", "RESTARTING")]
    keeper.rest.fails("bad", *reason)
    keeper.rest.said["/jobs/bad"] = {"state": "RESTARTING", "vertices": []}
    keeper.rest.said["/jobs/bad/checkpoints"] = {
        "latest": {"completed": completed, "restored": {"external_path": f"file:{chk}"}},
        "counts": {"restored": 20},
    }
    for looks in range(3):
        keeper.look(NOW_MS + looks * 1_000)


def test_job_whose_state_is_damaged_is_cancelled_and_goes_on_from_an_older_one(counting):
    restarting(counting, *DAMAGED_FILE)
    assert set(counting.rest.cancelled) == {"/jobs/bad?mode=cancel"}
    assert counting.records["counts"].remark == "chk-8 is set aside: its files are damaged"
    assert counting.submission is None
    for state in ("CANCELLING", "CANCELED"):
        assert counting.submission is None
        counting.rest.jobs = [listed("counts", "bad", state)]
        counting.look(NOW_MS + 9_000)
    assert "chk-7" in counting.submission.orders["counts"].checkpoint


@pytest.mark.parametrize("reason", [NO_BROKER, FULL_DISK, ()])
def test_job_that_restarts_for_another_reason_keeps_its_state(counting, reason):
    restarting(counting, *reason)
    assert counting.rest.cancelled == []
    assert "chk-8" in counting.records["counts"].checkpoint


def test_job_that_has_completed_a_checkpoint_itself_is_not_given_up(counting):
    restarting(counting, *DAMAGED_FILE, completed={"latest_ack_timestamp": NOW_MS})
    assert counting.rest.cancelled == []


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


def test_topic_that_is_gone_is_made_once_the_jobs_that_touch_it_have_ended(keeper):
    state = {"checkpoint": "/x/chk-1/_metadata", "checkpoint_ms": NOW_MS}
    keeper.records = {
        "counts": records.JobRecord(job_id="abc", **state),
        "rollups": records.JobRecord(job_id="def", **state),
    }
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.topics.away.add("out")
    for looks in (1, 2):  # a broker that has only just begun may not know all of its topics yet
        assert keeper.rest.cancelled == []
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert keeper.rest.cancelled == ["/jobs/def?mode=cancel"]
    kept = records.load(keeper.layout.jobs_file)["rollups"]
    assert (kept.job_id, kept.checkpoint) == (None, None)
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def", "CANCELLING")]
    keeper.look(NOW_MS + 2 * ASK_EVERY_MS + 1_000)
    assert keeper.topics.away  # what still ends may still write
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def", "CANCELED")]
    keeper.look(NOW_MS + 2 * ASK_EVERY_MS + 2_000)
    assert not keeper.topics.away
    assert keeper.submission.orders == {"rollups": Submit()}


def test_topics_are_looked_at_though_the_clock_was_set_back(keeper):
    keeper.topics.look(NOW_MS)
    keeper.topics.away.add("out")
    for looks in (1, 2):
        gone = keeper.topics.look(NOW_MS - 3_600_000 + looks * ASK_EVERY_MS)
    assert gone == {"out"}


def test_job_stopped_by_hand_stays_stopped_when_its_topic_is_made_again(keeper):
    keeper.records = {"rollups": records.JobRecord(job_id="def", stopped=True)}
    keeper.rest.jobs = [listed("counts", "abc")]
    keeper.topics.away.add("out")
    for looks in range(1, 5):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    assert not keeper.topics.away
    assert keeper.submission is None
    assert keeper.records["rollups"].stopped


def test_keeper_that_died_between_forgetting_and_making_goes_on(keeper):
    keeper.rest.jobs = [listed("counts", "abc"), listed("rollups", "def")]
    keeper.topics.away.add("between")
    for looks in (1, 2):
        keeper.look(NOW_MS + looks * ASK_EVERY_MS)
    again = Keeper(
        keeper.names, keeper.layout, keeper.rest, False, FakeSubmission, keeper.topics,
        records=records.load(keeper.layout.jobs_file),
    )  # fmt: skip
    again.rest.jobs = []
    again.look(NOW_MS + 3 * ASK_EVERY_MS)
    assert not again.topics.away
    assert again.submission.orders == {"counts": Submit(), "rollups": Submit()}
