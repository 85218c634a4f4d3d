"""What the keeper decides about one job; no clock, no network, no file in here.

    lost with the JobManager --> submit again from the newest retained checkpoint
    failed for good          --> the same
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

from stack.layout import Layout

HOUR_MS = 3_600_000
LATENESS_MS = 24 * HOUR_MS
STATE_TTL_MS = LATENESS_MS + 24 * HOUR_MS
SKEW_MS = 5 * 60_000
# Catching up takes time too, in which the state goes on ageing.
MARGIN_MS = HOUR_MS
LONGEST_STOP_MS = STATE_TTL_MS - LATENESS_MS - MARGIN_MS
FRESH_CHECKPOINT_MS = 30_000

LATER = frozenset({"picture"})
"""Jobs that nothing waits for when a stack starts."""

ACTIVE = frozenset(
    {"INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "RECONCILING", "SUSPENDED"}
)
CANCELLING = "CANCELLING"
STOPPED = frozenset({"CANCELED", "FINISHED"})
ENDED = STOPPED | {"FAILED"}


class JobRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What jobs.json holds of one job."""

    job_id: str | None = None
    submitted_ms: int = 0
    refused_ms: int = 0
    checkpoint: str | None = None
    checkpoint_ms: int = 0
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


Action = Submit | Watch | Leave | Wait


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
    if record.checkpoint is None:
        return Submit()
    if not ages or now_ms - record.checkpoint_ms <= LONGEST_STOP_MS:
        return Submit(checkpoint=record.checkpoint)
    if replayed:
        return Submit()
    return Submit(start_from_ms=record.checkpoint_ms - LATENESS_MS - SKEW_MS)


def newest_state(layout: Layout, record: JobRecord) -> tuple[str, int] | None:
    """Find the newest complete state of a job: its metadata's path and its time.

    A job that has not completed a checkpoint yet continues where it was submitted from. A job
    that was stopped with a savepoint has no checkpoints any more.
    """
    candidates = [Path(record.checkpoint)] if record.checkpoint else []
    if record.job_id:
        candidates += newest_checkpoint(layout.checkpoints / record.job_id)
        candidates += layout.savepoints.glob(f"savepoint-{record.job_id[:6]}-*/_metadata")
    there = [(path.stat().st_mtime_ns, path) for path in candidates if path.is_file()]
    if not there:
        return None
    written_ns, path = max(there)
    return str(path), written_ns // 1_000_000


def newest_checkpoint(folder: Path) -> list[Path]:
    """Find the metadata of the highest complete checkpoint of one job; nothing where none is."""
    complete = [
        (int(path.parent.name.removeprefix("chk-")), path)
        for path in folder.glob("chk-*/_metadata")
        if path.parent.name.removeprefix("chk-").isdigit()
    ]
    return [max(complete)[1]] if complete else []


def dead_folders(checkpoints: Path, records: Mapping[str, JobRecord]) -> list[Path]:
    """Give the checkpoint folders that nothing needs any more.

    A job's own folder is needed, and the folder of the checkpoint it was restored from until
    it has completed one itself.
    """
    needed = {record.job_id for record in records.values()} | {
        Path(record.checkpoint).parent.parent.name
        for record in records.values()
        if record.checkpoint
    }
    return [folder for folder in checkpoints.iterdir() if folder.name not in needed]


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
