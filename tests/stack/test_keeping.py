"""What the keeper decides: what to do about a job, and from where a lost one continues."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stack import keeping
from stack.keeping import HOUR_MS, Cancel, FlinkJob, JobRecord, Leave, Submit, Wait, Watch

NOW_MS = 1_700_000_000_000
CHECKPOINT = "/state/flink/checkpoints/abc/chk-7/_metadata"


def decided(record, *jobs, replayed=False, ages=True):
    return keeping.decide("counts", record, jobs, now_ms=NOW_MS, replayed=replayed, ages=ages)


def stopped_for(duration_ms):
    return JobRecord(job_id="abc", checkpoint=CHECKPOINT, checkpoint_ms=NOW_MS - duration_ms)


def test_job_never_submitted_starts_from_the_beginning():
    assert decided(JobRecord()) == Submit()


def test_what_the_map_does_not_wait_for_is_submitted_after_the_rest():
    due = {"picture": Submit(), "counts": Submit()}
    assert keeping.first_of(due) == {"counts": Submit()}
    assert keeping.first_of({"picture": Submit()}) == {"picture": Submit()}
    assert keeping.first_of({}) == {}


def test_job_lost_with_its_jobmanager_continues_from_its_checkpoint():
    assert decided(stopped_for(5_000)) == Submit(checkpoint=CHECKPOINT)


def test_job_that_failed_for_good_continues_from_its_checkpoint():
    failed = FlinkJob("abc", "counts", "FAILED", 1)
    assert decided(stopped_for(5_000), failed) == Submit(checkpoint=CHECKPOINT)


@pytest.mark.parametrize("state", ["RUNNING", "RESTARTING", "CREATED", "FAILING"])
def test_active_job_is_watched(state):
    job = FlinkJob("abc", "counts", state, 1)
    assert decided(stopped_for(5_000), job) == Watch(job)


@pytest.mark.parametrize("state", ["CANCELLING", "CANCELED", "FINISHED"])
def test_job_stopped_by_hand_stays_stopped(state):
    assert decided(stopped_for(5_000), FlinkJob("abc", "counts", state, 1)) == Leave()


def test_job_stopped_by_hand_stays_stopped_when_the_jobmanager_has_forgotten_it():
    assert decided(JobRecord(job_id="abc", stopped=True)) == Leave()


def test_nothing_is_submitted_beside_a_job_of_the_same_name_that_still_ends():
    ending = FlinkJob("old", "counts", "CANCELLING", 1)
    assert decided(stopped_for(5_000), ending) == Wait()
    assert decided(JobRecord(), ending) == Wait()


def test_job_submitted_by_somebody_else_is_adopted():
    newer = FlinkJob("def", "counts", "RUNNING", 9)
    assert decided(stopped_for(5_000), FlinkJob("abc", "counts", "CANCELED", 1), newer) == Watch(
        newer
    )


def test_other_jobs_are_not_mistaken_for_this_one():
    assert decided(JobRecord(), FlinkJob("x", "rollups", "RUNNING", 1)) == Submit()


def test_after_a_stop_longer_than_the_state_lives_counting_begins_in_the_log():
    #  start                crash              now
    #    |<-- 24 h 5 min -->|<----- 24 h ----->|
    action = decided(stopped_for(24 * HOUR_MS))
    assert action == Submit(start_from_ms=NOW_MS - 48 * HOUR_MS - 5 * 60_000)


def test_replay_begins_anew_after_such_a_stop_for_its_log_keeps_everything():
    assert decided(stopped_for(24 * HOUR_MS), replayed=True) == Submit()


def test_state_that_does_not_age_is_continued_after_any_stop():
    stopped = stopped_for(30 * 24 * HOUR_MS)
    assert decided(stopped, ages=False) == Submit(checkpoint=CHECKPOINT)
    assert decided(stopped, replayed=True, ages=False) == Submit(checkpoint=CHECKPOINT)


def test_job_whose_states_were_all_set_aside_counts_again_from_their_time():
    aside = JobRecord(job_id="abc", checkpoint_ms=NOW_MS - 5_000)
    assert decided(aside) == Submit(start_from_ms=NOW_MS - 5_000 - 24 * HOUR_MS - 5 * 60_000)
    assert decided(aside, replayed=True) == Submit()
    assert decided(aside, ages=False) == Submit()


def test_job_given_up_is_cancelled_until_it_has_ended():
    record = JobRecord(checkpoint=CHECKPOINT, checkpoint_ms=NOW_MS, given_up="bad")
    for state in ("RESTARTING", "RUNNING", "CANCELLING"):
        bad = FlinkJob("bad", "counts", state, 1)
        assert decided(record, bad) == Cancel(bad)
    ended = FlinkJob("bad", "counts", "CANCELED", 1)
    assert decided(record, ended) == Submit(checkpoint=CHECKPOINT)


@given(st.integers(0, 96 * HOUR_MS))
def test_state_continued_is_never_older_than_it_lives(duration_ms):
    """Second road: follow the oldest entry that a record may still change."""
    action = decided(stopped_for(duration_ms))
    dropped_at_ms = NOW_MS - duration_ms - keeping.LATENESS_MS + keeping.STATE_TTL_MS
    if action.checkpoint:
        assert dropped_at_ms > NOW_MS
    else:
        assert dropped_at_ms <= NOW_MS + keeping.MARGIN_MS


def test_running_job_is_not_healthy_before_its_first_checkpoint():
    assert keeping.health("RUNNING", ["RUNNING"], None) == "no checkpoint completed yet"


def test_job_whose_tasks_still_wait_is_not_healthy():
    assert "DEPLOYING" in keeping.health("RUNNING", ["RUNNING", "DEPLOYING"], 10)


def test_job_whose_checkpoints_have_stopped_is_not_healthy():
    assert keeping.health("RUNNING", ["RUNNING"], 31_000) == "last checkpoint 31 s ago"


def test_job_without_a_checkpoint_since_the_clock_was_set_back_is_not_healthy():
    assert keeping.health("RUNNING", ["RUNNING"], -1_000) == ""
    assert "clock" in keeping.health("RUNNING", ["RUNNING"], -31_000)


def test_job_with_running_tasks_and_a_fresh_checkpoint_is_healthy():
    assert keeping.health("RUNNING", ["RUNNING"], 30_000) == ""
