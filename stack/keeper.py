"""The jobs-keeper: a process that sees to it that every job runs, and goes on running.

jobs.json --> decide <-- JobManager's REST
                |--> submit (a process of its own, PyFlink brings a JVM along)
                |--> watch: vertices, exceptions, age of the last checkpoint --> jobs.json
                `--> delete the checkpoints of jobs that are gone
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from stack import cluster, keeping, records
from stack.gateway import Gateway
from stack.keeping import JobRecord, Submit, Watch
from stack.layout import Layout
from stack.ports import Ports
from stack.rest import Rest
from stack.submission import Submission

POLL_S = 1.0
CLEAN_EVERY_MS = 30_000


@dataclass
class Keeper:
    """The keeper's state between two looks."""

    names: tuple[str, ...]
    layout: Layout
    rest: Rest
    replayed: bool
    submit: Callable[[str, Submit], Submission]
    records: dict[str, JobRecord] = field(default_factory=dict)
    running: dict[str, Submission] = field(default_factory=dict)
    cleaned_ms: int = 0

    def look(self, now_ms: int) -> None:
        """Look once at every job and do what is needed."""
        self._collect()
        jobs = cluster.jobs(self.rest)
        if jobs is None:
            return
        before = dict(self.records)
        for name in self.names:
            if name not in self.running:
                self._look_at(name, jobs, now_ms)
        if self.records != before:
            records.save(self.records, self.layout.jobs_file)
        if now_ms - self.cleaned_ms > CLEAN_EVERY_MS:
            self.cleaned_ms = now_ms
            self._clean()

    def _look_at(self, name: str, jobs: list[keeping.FlinkJob], now_ms: int) -> None:
        record = self._refreshed(name)
        action = keeping.decide(name, record, jobs, now_ms=now_ms, replayed=self.replayed)
        if isinstance(action, Submit):
            self.records[name] = self._submitted(name, record, action, now_ms)
        elif isinstance(action, Watch):
            self.records[name] = self._watched(record, action.job, now_ms)
        else:
            self.records[name] = msgspec.structs.replace(
                record, stopped=True, healthy=False, state="STOPPED", remark="stopped by hand"
            )

    def _refreshed(self, name: str) -> JobRecord:
        """Give a job's record with the newest checkpoint on disk in it."""
        record = self.records.get(name, JobRecord())
        found = (
            keeping.newest_checkpoint(self.layout.checkpoints / record.job_id)
            if record.job_id
            else None
        )
        if found is None:
            return record
        return msgspec.structs.replace(record, checkpoint=found[0], checkpoint_ms=found[1])

    def _submitted(self, name: str, record: JobRecord, action: Submit, now_ms: int) -> JobRecord:
        say(f"{name}: submitting {action.because()}")
        self.running[name] = self.submit(name, action)
        return msgspec.structs.replace(
            record,
            submitted_ms=now_ms,
            submissions=record.submissions + 1,
            state="SUBMITTING",
            healthy=False,
            remark=action.because(),
        )

    def _watched(self, record: JobRecord, job: keeping.FlinkJob, now_ms: int) -> JobRecord:
        seen = cluster.sight(self.rest, job.job_id)
        if seen is None:
            return record
        age_ms = None if seen.checkpoint_ms is None else now_ms - seen.checkpoint_ms
        wrong = keeping.health(seen.state, seen.vertices, age_ms)
        return msgspec.structs.replace(
            record,
            job_id=job.job_id,
            state=seen.state,
            stopped=False,
            healthy=not wrong,
            remark=": ".join(part for part in (wrong, seen.exception) if part),
        )

    def _collect(self) -> None:
        """Note what became of the submissions that are under way."""
        for name, submission in list(self.running.items()):
            outcome = submission.outcome()
            if outcome is None:
                continue
            del self.running[name]
            if outcome.job_id:
                say(f"{name}: submitted as {outcome.job_id}")
                self.records[name] = msgspec.structs.replace(
                    self.records[name], job_id=outcome.job_id
                )
            else:
                say(f"{name}: submission failed: {outcome.error}")

    def _clean(self) -> None:
        if not self.running and self.layout.checkpoints.is_dir():
            records.remove(keeping.dead_folders(self.layout.checkpoints, self.records))


def say(text: str) -> None:
    """Write a line to the process's log."""
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}", flush=True)


def stop_politely(_signal: int, _frame: object) -> None:
    """End the process; submissions end with its group."""
    sys.exit(0)


def from_env(environ: Mapping[str, str]) -> Keeper:
    """Make a keeper of the stack that the environment describes."""
    from stack.submission import job_names, starter  # noqa: PLC0415
    from stack.towns import is_replayed  # noqa: PLC0415

    layout = Layout(Path(environ["HEXLINE_STATE"]))
    return Keeper(
        names=job_names(),
        layout=layout,
        rest=Rest(Ports(int(environ["HEXLINE_PORTS"])).flink),
        replayed=is_replayed(environ["HEXLINE_CITY"]),
        submit=starter(environ),
        records=records.load(layout.jobs_file),
    )


def main() -> None:
    """Keep the jobs until told to stop."""
    signal.signal(signal.SIGTERM, stop_politely)
    keeper = from_env(os.environ)
    ports = Ports(int(os.environ["HEXLINE_PORTS"]))
    for port in (ports.jobmanager_metrics, ports.taskmanager_metrics):
        Gateway(port).serve_beside()
    say(f"keeping {', '.join(keeper.names)}")
    while True:
        keeper.look(int(time.time() * 1000))
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()
