"""The jobs-keeper: a process that sees to it that every job runs, and goes on running.

    jobs.json --> decide <-- JobManager's REST
                    |--> submit (a process of its own, PyFlink brings a JVM along)
                    |--> watch: vertices, exceptions, age of the last checkpoint --> jobs.json
                    |--> set a state aside that cannot be restored: see `states`
                    |--> delete the checkpoints of jobs that are gone
                    `--> topics that are gone or were made anew: see `vanished`

A JobManager that was started again knows no job. So once it has been, all jobs are planned
anew at once, without waiting for it to answer.
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

from schemas.broker import Broker
from stack import cluster, keeping, launch, records, states, vanished
from stack.gateway import Gateway
from stack.keeping import MOST_TRIES, Cancel, FlinkJob, JobRecord, Leave, Submit, Watch
from stack.layout import Layout
from stack.ports import Ports
from stack.programs import JOBMANAGER, JOBS_KEEPER
from stack.rest import Rest
from stack.submission import Orders, Submission, starter
from stack.towns import is_replayed
from stack.vanished import Topics

POLL_S = 1.0
CLEAN_EVERY_MS = 30_000
TRY_AGAIN_MS = 5_000
ASK = 0
"""A keeper that was started again does not know what runs: it asks."""
FRESH = -1
"""Right after `up` nothing can run yet."""


@dataclass
class Keeper:
    """The keeper's state between two looks."""

    names: tuple[str, ...]
    layout: Layout
    rest: Rest
    replayed: bool
    submit: Callable[[Orders], Submission]
    topics: Topics
    lasting: frozenset[str] = frozenset()
    records: dict[str, JobRecord] = field(default_factory=dict)
    submission: Submission | None = None
    jobmanager_starts: int = ASK
    cleaned_ms: int = 0

    def look(self, now_ms: int) -> None:
        """Look once at every job and do what is needed."""
        before = dict(self.records)
        self._collect(now_ms)
        if not self._waits_for_topics(now_ms):
            self._look_at_all(now_ms)
        if self.records != before:
            records.save(self.records, self.layout.jobs_file)

    def _waits_for_topics(self, now_ms: int) -> bool:
        """See to topics that are gone or were made anew; say whether jobs must end first."""
        if not self.topics.look(now_ms) or self.submission is not None:
            return False
        names = self.topics.touching()
        jobs = cluster.jobs(self.rest)
        if jobs is None:
            return True
        left = [job for job in jobs if job.name in names and job.state not in keeping.ENDED]
        known = {name: self.records.get(name, JobRecord()) for name in names}
        forgotten = {name: vanished.forgotten(record) for name, record in known.items()}
        if left or forgotten != known:
            deleted = ", ".join(sorted(self.topics.gone))
            say(f"deleted: {deleted}; begins anew: {', '.join(names)}")
            self.records.update(forgotten)
            for job in left:
                cluster.cancel(self.rest, job.job_id)
            return True
        self.topics.begin_anew()
        return False

    def _look_at_all(self, now_ms: int) -> None:
        starts = launch.starts(self.layout, JOBMANAGER)
        anew = self.jobmanager_starts not in (ASK, starts)
        jobs = [] if anew else cluster.jobs(self.rest)
        if jobs is None:
            return
        self.jobmanager_starts = starts
        self._carry_out({name: self._decided(name, jobs, now_ms) for name in self.names}, now_ms)
        self._clean(now_ms)

    def _decided(self, name: str, jobs: list[FlinkJob], now_ms: int) -> keeping.Action:
        self.records[name] = states.refreshed(self.layout, self.records.get(name, JobRecord()))
        return keeping.decide(
            name,
            self.records[name],
            jobs,
            now_ms=now_ms,
            replayed=self.replayed,
            ages=name not in self.lasting,
        )

    def _carry_out(self, actions: Mapping[str, keeping.Action], now_ms: int) -> None:
        due = self._due(actions, now_ms)
        for name, action in actions.items():
            record = self.records[name]
            if name in due:
                self.records[name] = self._ordered(name, record, due[name], now_ms)
            elif isinstance(action, Watch):
                self.records[name] = self._watched(name, record, action.job, now_ms)
            elif isinstance(action, Cancel):
                cluster.cancel(self.rest, action.job.job_id)
            elif isinstance(action, Leave):
                self.records[name] = msgspec.structs.replace(
                    record, stopped=True, healthy=False, state="STOPPED", remark="stopped by hand"
                )
        if due:
            self.submission = self.submit(due)

    def _due(self, actions: Mapping[str, keeping.Action], now_ms: int) -> dict[str, Submit]:
        """Give what is submitted now; a state that cannot be restored is set aside instead."""
        if self.submission is not None:
            return {}  # one at a time; what runs already is watched meanwhile
        orders = {name: action for name, action in actions.items() if isinstance(action, Submit)}
        first = keeping.first_of({n: o for n, o in orders.items() if self._is_due(n, now_ms)})
        faults = {name: self._fault(order) for name, order in first.items()}
        for name, fault in faults.items():
            if fault:
                self.records[name] = self._set_aside(name, self.records[name], fault)
        return {name: order for name, order in first.items() if not faults[name]}

    def _fault(self, order: Submit) -> str:
        if order.checkpoint is None:
            return ""
        return states.fault(Path(order.checkpoint), self.layout.checkpoints)

    def _set_aside(self, name: str, record: JobRecord, why: str) -> JobRecord:
        """Take the state that is the newest out of the way: the next look finds an older one."""
        metadata = Path(str(record.checkpoint))
        remark = f"{metadata.parent.name} is set aside: {why}"
        say(f"{name}: {remark}")
        states.set_aside(metadata)
        return msgspec.structs.replace(record, tries=0, healthy=False, remark=remark)

    def _is_due(self, name: str, now_ms: int) -> bool:
        """Say whether a job may be submitted: not at once again after a failure."""
        record = self.records[name]
        return record.state != "REFUSED" or not 0 <= now_ms - record.refused_ms <= TRY_AGAIN_MS

    def _ordered(self, name: str, record: JobRecord, order: Submit, now_ms: int) -> JobRecord:
        say(f"{name}: submitting {order.because()}")
        return msgspec.structs.replace(
            record,
            submitted_ms=now_ms,
            submissions=record.submissions + 1,
            state="SUBMITTING",
            healthy=False,
            remark=f"submitting {order.because()}",
        )

    def _watched(self, name: str, record: JobRecord, job: FlinkJob, now_ms: int) -> JobRecord:
        seen = cluster.sight(self.rest, job.job_id)
        if seen is None:
            return record
        if seen.restarts > MOST_TRIES and keeping.began_with(record, seen.damaged):
            given_up = msgspec.structs.replace(record, job_id=None, given_up=job.job_id)
            return self._set_aside(name, given_up, "its files are damaged")
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

    def _collect(self, now_ms: int) -> None:
        """Note what became of the submission that is under way."""
        if self.submission is None or (outcomes := self.submission.outcomes()) is None:
            return
        orders, self.submission = self.submission.orders, None
        for name, outcome in outcomes.items():
            if outcome.job_id:
                say(f"{name}: submitted as {outcome.job_id}")
                changed: dict[str, str | int] = {
                    "job_id": outcome.job_id,
                    "city_version": outcome.city_version,
                    "state": "SUBMITTED",
                }
            else:
                say(f"{name}: not submitted: {outcome.error}")
                changed = {"state": "REFUSED", "remark": outcome.error, "refused_ms": now_ms}
            self.records[name] = msgspec.structs.replace(self.records[name], **changed)
            if not outcome.job_id and orders[name].checkpoint:
                self.records[name] = self._tried(name, self.records[name])

    def _tried(self, name: str, record: JobRecord) -> JobRecord:
        """Count a state with which a job could not begin; after some tries set it aside."""
        if not cluster.refuses_state(self.rest, name, record.submitted_ms):
            return record
        tries = record.tries + 1
        if tries >= MOST_TRIES:
            return self._set_aside(name, record, f"Flink refused it {tries} times")
        return msgspec.structs.replace(record, tries=tries)

    def _clean(self, now_ms: int) -> None:
        recently = 0 <= now_ms - self.cleaned_ms < CLEAN_EVERY_MS
        if recently or self.submission is not None:
            return
        self.cleaned_ms = now_ms
        records.remove(states.dead_folders(self.layout.checkpoints, self.records))


def say(text: str) -> None:
    """Write a line to the process's log."""
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}", flush=True)


def stop_politely(_signal: int, _frame: object) -> None:
    """End the process; a submission ends with its group."""
    sys.exit(0)


def from_env(environ: Mapping[str, str]) -> Keeper:
    """Make a keeper of the stack that the environment describes."""
    layout = Layout(Path(environ["HEXLINE_STATE"]))
    replayed = is_replayed(environ["HEXLINE_CITY"])
    topics = vanished.topics_of(Broker.from_env(environ), layout.topics_file, keep_all=replayed)
    return Keeper(
        names=tuple(topics.touched),
        layout=layout,
        rest=Rest(Ports(int(environ["HEXLINE_PORTS"])).flink),
        replayed=replayed,
        submit=starter(environ),
        topics=topics,
        lasting=vanished.lasting_jobs(),
        records=records.load(layout.jobs_file),
        jobmanager_starts=FRESH if launch.starts(layout, JOBS_KEEPER) == 1 else ASK,
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
