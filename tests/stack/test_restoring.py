"""A state that cannot be restored gives way to an older one; in other trouble it is kept."""

import os

import pytest

from stack import records
from stack.keeping import Submit
from stack.submission import Outcome
from tests.stack.fake_cluster import NOW_MS, listed

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
