"""What the keeper decides about one job; no clock, no network, no file in here.

    lost with the JobManager --> submit again from the newest retained checkpoint
    failed for good          --> the same
    cannot be restored       --> from the next older state; where none is left, from the log
    never submitted          --> submit from the beginning
    stopped by somebody      --> leave it
    being cancelled          --> wait: two jobs of one name would write the same keys
    running                  --> watch its checkpoints

State ages by processing time: an entry is dropped `STATE_TTL_MS` after its last change.
A record may change a minute that is up to `LATENESS_MS` old. So a checkpoint may only be
continued while its oldest entry that can still change is alive; after a longer stop the job
starts without state and counts again from the log, from `start_from_ms` on.

    state of minute m dropped at m + 48 h
    |<------------------- TTL 48 h ------------------->|
    m ............ last checkpoint c = m + 24 h ....... |
                   |<---- may be stopped for 24 h ---->|

A job whose state does not age continues from its checkpoint however old that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

HOUR_MS = 3_600_000
LATENESS_MS = 24 * HOUR_MS
STATE_TTL_MS = LATENESS_MS + 24 * HOUR_MS
SKEW_MS = 5 * 60_000
# Catching up takes time too, in which the state goes on ageing.
MARGIN_MS = HOUR_MS
LONGEST_STOP_MS = STATE_TTL_MS - LATENESS_MS - MARGIN_MS
FRESH_CHECKPOINT_MS = 30_000
MOST_TRIES = 3

LATER = frozenset({"picture"})
"""Jobs that nothing waits for when a stack starts."""

ACTIVE = frozenset(
    {"INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "RECONCILING", "SUSPENDED"}
)
CANCELLING = "CANCELLING"
STOPPED = frozenset({"CANCELED", "FINISHED"})
ENDED = STOPPED | {"FAILED"}


class JobRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What jobs.json holds of one job.

    `checkpoint` is the newest state there is; with a time but no state, all were set aside.
    `tries` counts how often a job could not begin with it. `given_up` is a job that could not
    be restored, and is cancelled.
    """

    job_id: str | None = None
    submitted_ms: int = 0
    refused_ms: int = 0
    checkpoint: str | None = None
    checkpoint_ms: int = 0
    tries: int = 0
    given_up: str | None = None
    submissions: int = 0
    stopped: bool = False
    state: str = "UNKNOWN"
    healthy: bool = False
    remark: str = ""
    city_version: str = ""
    output_version: int = 1


@dataclass(frozen=True, slots=True)
class FlinkJob:
    """One job as the JobManager lists it."""

    job_id: str
    name: str
    state: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Submit:
    """Submit a job: from a checkpoint, from a time of the log, or from the beginning."""

    checkpoint: str | None = None
    start_from_ms: int | None = None

    def because(self) -> str:
        """Say in words where the job continues."""
        if self.checkpoint:
            return f"from checkpoint {Path(self.checkpoint).parent.name}"
        if self.start_from_ms is not None:
            return f"without state, counting again from the log since {self.start_from_ms}"
        return "from the beginning of the log"


@dataclass(frozen=True, slots=True)
class Watch:
    """The job is there; look after it."""

    job: FlinkJob


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody stopped the job; it stays stopped."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A job of this name is still ending."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """The job could not be restored: it must end before another is submitted."""

    job: FlinkJob


Action = Submit | Watch | Leave | Wait | Cancel


def decide(
    name: str,
    record: JobRecord,
    jobs: Iterable[FlinkJob],
    *,
    now_ms: int,
    replayed: bool,
    ages: bool = True,
) -> Action:
    """Say what to do about one job, given what the JobManager lists.

    Parameters
    ----------
    name : str
        The job's name, which is also the name it has in Flink.
    record : JobRecord
        What is remembered of it.
    jobs : iterable of FlinkJob
        Every job that the JobManager knows.
    now_ms : int
        Wall clock.
    replayed : bool
        The city's arrival clock is that of a replay, whose topics keep everything.
    ages : bool
        The job forgets what has not changed for `STATE_TTL_MS`.
    """
    mine = [job for job in jobs if job.name == name]
    given_up = next((job for job in mine if job.job_id == record.given_up), None)
    if given_up is not None and given_up.state not in ENDED:
        return Cancel(given_up)
    active = [job for job in mine if job.state in ACTIVE]
    if active:
        return Watch(max(active, key=lambda job: job.start_ms))
    known = next((job for job in mine if job.job_id == record.job_id), None)
    if record.stopped or (known is not None and known.state in STOPPED | {CANCELLING}):
        return Leave()
    if any(job.state == CANCELLING for job in mine):
        return Wait()
    return submission(record, now_ms=now_ms, replayed=replayed, ages=ages)


def first_of(due: Mapping[str, Submit]) -> Mapping[str, Submit]:
    """Choose what is submitted now: what the map needs goes before what it does not wait for."""
    return {name: order for name, order in due.items() if name not in LATER} or due


def submission(record: JobRecord, *, now_ms: int, replayed: bool, ages: bool = True) -> Submit:
    """Say from where a job is submitted."""
    lasts = not ages or now_ms - record.checkpoint_ms <= LONGEST_STOP_MS
    if record.checkpoint is not None and lasts:
        return Submit(checkpoint=record.checkpoint)
    if replayed or not ages or record.checkpoint_ms == 0:
        return Submit()
    return Submit(start_from_ms=record.checkpoint_ms - LATENESS_MS - SKEW_MS)


def began_with(record: JobRecord, state: str) -> bool:
    """Say whether a job's newest state is the one that Flink names, itself or by its folder."""
    if record.checkpoint is None:
        return False
    metadata = Path(record.checkpoint)
    return state in (str(metadata), str(metadata.parent))


def health(state: str, vertices: Iterable[str], checkpoint_age_ms: int | None) -> str:
    """Say what is wrong with a job that the JobManager calls active; empty where nothing is."""
    waiting = [vertex for vertex in vertices if vertex != "RUNNING"]
    if state != "RUNNING":
        return f"Flink says {state}"
    if waiting:
        return f"{len(waiting)} tasks are {waiting[0]}"
    if checkpoint_age_ms is None:
        return "no checkpoint completed yet"
    if checkpoint_age_ms > FRESH_CHECKPOINT_MS:
        return f"last checkpoint {checkpoint_age_ms // 1000} s ago"
    if checkpoint_age_ms < -FRESH_CHECKPOINT_MS:
        return "no checkpoint since the clock was set back"
    return ""
