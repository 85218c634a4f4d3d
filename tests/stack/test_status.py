"""What `status` says of rates, processes, jobs and the disk, and how it is drawn for people."""

import io
import json

import pytest
from rich.console import Console

from stack import status
from stack.accounts import Accounts
from stack.cluster import Sight
from stack.keeping import JobRecord
from stack.preflight import GIB
from stack.tables import status_tables
from tests.dashboard.served import FULL, client_of, wait_for

NOW_MS = 1_700_000_000_000


def known(read, lag):
    return Accounts(
        read=read, accepted=read, rejected=0, late=0, lag=lag, lag_by_partition={}, skipped=0,
        newest_arrival_ms=None, written_ms=None,
    )  # fmt: skip


def test_rates_are_what_happened_between_two_looks_by_the_seconds_between():
    #  read 1,000 --> 1,600 in 2 s while the queue grew from 10 to 210
    assert status.rates((5.0, known(1_000, 10)), (7.0, known(1_600, 210))) == {
        "read_per_s": 300, "written_per_s": 400,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [((5.0, None), (7.0, known(1, 0))), ((5.0, known(1, 0)), (7.0, None)),
     ((5.0, known(1, 0)), (5.0, known(1, 0)))],
)  # fmt: skip
def test_rate_that_nobody_saw_is_unknown_and_not_zero(before, after):
    assert status.rates(before, after) == {"read_per_s": None, "written_per_s": None}


def test_process_that_was_started_again_says_how_often_and_since_when():
    info = {"name": "broker", "statename": "RUNNING", "pid": 7, "now": 100, "start": 40}
    assert status.process(info, 3) == {
        "name": "broker", "state": "running", "pid": 7, "uptime_s": 60, "restarts": 2,
    }  # fmt: skip
    gone = status.process(info | {"statename": "BACKOFF", "pid": 0}, 3)
    assert (gone["state"], gone["pid"], gone["uptime_s"]) == ("backoff", None, None)


def test_job_is_told_as_the_cluster_sees_it_and_else_as_it_was_last_known():
    record = JobRecord(job_id="abc", checkpoint_ms=NOW_MS - 9_000, state="RUNNING", healthy=True)
    seen = Sight("RESTARTING", (), NOW_MS - 2_000, 3, "")
    told = status.job("counts", record, seen, NOW_MS)
    assert (told["state"], told["checkpoint_age_s"], told["restarts"]) == ("restarting", 2.0, 3)
    told = status.job("counts", record, None, NOW_MS)
    assert (told["state"], told["checkpoint_age_s"], told["restarts"]) == ("running", 9.0, None)


def test_viewers_are_those_of_whom_the_war_room_tells():
    with client_of(FULL) as war_room:
        wait_for(war_room, "live")
        numbers = status._numbers(None, war_room.get("/api/status").json(), None)
    assert numbers["viewers"] == 0
    assert status._numbers(None, {}, None)["viewers"] is None


def told(**changes):
    """Draw a status with some things changed."""
    numbers = {"read": 5, "accepted": 3, "rejected": 1, "late": 1, "lag": 2, "skipped": 0}
    everything = {
        **dict.fromkeys(("city", "state", "web", "broker", "flink"), "x"), **numbers,
        "adds_up": True, "freshness_s": 1.25, "disk_free_bytes": 9 * GIB, "processes": [],
        "rates": {"read_per_s": 1_234.4, "written_per_s": 1_200.0},
        "jobs": [status.job("counts", JobRecord(healthy=True), None, NOW_MS)],
    }  # fmt: skip
    text = io.StringIO()
    Console(file=text, width=160).print(status_tables(everything | changes))
    return text.getvalue()


def test_people_see_sums_rates_age_and_room():
    said = told()
    for part in ("5 read = 3 accepted + 1 rejected + 1 late", "1,234 read/s", "2 waiting",
                 "1.2 s", "9.0 GiB free", "healthy"):  # fmt: skip
        assert part in said


def test_people_see_what_does_not_add_up_is_gone_unknown_or_nearly_full():
    assert "5 read ≠" in told(adds_up=False)
    assert "7 gone before they were read" in told(skipped=7)
    assert "the broker is away" in told(read=None)
    assert "unknown" in told(rates={"read_per_s": None, "written_per_s": None})
    assert "1.0 GiB free: make room" in told(disk_free_bytes=GIB)


def test_people_see_what_flink_says_word_by_word_and_no_restarts_where_it_says_nothing():
    record = JobRecord(remark="failed: [/127.0.0.1:8604] of [pekko.tcp://flink]")
    said = told(jobs=[status.job("counts", record, None, NOW_MS)], state="/srv/[dev]/state")
    assert "failed: [/127.0.0.1:8604] of [pekko.tcp://flink]" in said
    assert "/srv/[dev]/state" in said
    # Its state, its last checkpoint, and how often it began again.
    assert said.count("unknown") == 3


def test_programs_get_the_same_as_json():
    assert json.loads(status.as_json({"read": None, "rates": {"read_per_s": 1.5}})) == {
        "read": None, "rates": {"read_per_s": 1.5},
    }  # fmt: skip
