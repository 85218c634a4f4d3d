"""Topics that are gone from the broker while jobs run, and what must be done anew for them.

A job that reads such a topic remembers offsets, one that writes it has written results, that
mean nothing any more. So it is counted again from the log:

    gone, seen twice --> forget the states of the jobs that touch it, cancel them
                     --> once they have ended, make the topics
                     --> the jobs are submitted as if they never had been

Topics are made last: a keeper that dies on the way finds them gone once more and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from schemas.broker import Broker
from stack import bus, parts
from stack.keeping import JobRecord
from stack.programs import JOBS_KEEPER

if TYPE_CHECKING:
    from jobs.catalog import Job

ASK_EVERY_MS = 5_000


@dataclass
class Topics:
    """What the broker lacks.

    Attributes
    ----------
    lacking : function
        Gives the names of the topics that are not there; none where no broker answers.
    make : function
        Makes the topics that are not there.
    touched : mapping of str to set of str
        By job, the topics that it reads and writes.
    """

    lacking: Callable[[], frozenset[str]]
    make: Callable[[], object]
    touched: Mapping[str, frozenset[str]]
    asked_ms: int = 0
    seen: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def look(self, now_ms: int) -> frozenset[str]:
        """Give the topics that are gone; a broker that has only just begun is asked twice."""
        if not 0 <= now_ms - self.asked_ms < ASK_EVERY_MS:
            lacking = self.lacking()
            self.asked_ms, self.gone, self.seen = now_ms, lacking & self.seen, lacking
        return self.gone

    def begin_anew(self) -> None:
        """Make the topics that are gone."""
        self.make()
        self.seen = self.gone = frozenset()

    def touching(self) -> tuple[str, ...]:
        """Give the jobs that read or write a topic that is gone."""
        return tuple(name for name, topics in self.touched.items() if topics & self.gone)


def forgotten(record: JobRecord) -> JobRecord:
    """Give a job's record without any state to go on from; one stopped by hand stays stopped."""
    return msgspec.structs.replace(
        record,
        job_id=None,
        checkpoint=None,
        checkpoint_ms=0,
        tries=0,
        refused_ms=0,
        state="STOPPED" if record.stopped else "UNKNOWN",
        healthy=False,
        remark="a topic was gone: everything is counted again",
    )


def topics_of(broker: Broker, *, keep_all: bool) -> Topics:
    """Give what a broker lacks."""
    client = bus.admin(broker)
    return Topics(
        lacking=lambda: bus.lacking(client),
        make=lambda: bus.ensure_topics(broker, keep_all=keep_all),
        touched=topics_of_jobs(),
    )


def topics_of_jobs() -> Mapping[str, frozenset[str]]:
    """Give, by each job that there is, the topics that it reads and writes."""
    return {
        name: frozenset(topic.name for topic in (*job.reads, *job.writes))
        for name, job in jobs_there().items()
    }


def lasting_jobs() -> frozenset[str]:
    """Give the jobs whose state does not age."""
    return frozenset(name for name, job in jobs_there().items() if not job.ages)


def jobs_there() -> Mapping[str, Job]:
    """Give the jobs that there are in this checkout."""
    if parts.absent(JOBS_KEEPER):
        return {}
    from jobs.catalog import JOBS  # noqa: PLC0415

    return JOBS
