"""Topics that are gone from the broker, or were made anew, and what must be done for them.

A job that reads such a topic remembers offsets, one that writes it has written results, that
mean nothing any more. So it is counted again from the log:

    gone, seen twice, or another id --> forget the states of the jobs that touch it, cancel them
                                    --> once they have ended, make the topics, learn their ids
                                    --> the jobs are submitted as if they never had been

Ids are learnt last: a keeper that dies on the way finds the same once more and goes on. They
are kept in a file, so that what happened while no keeper ran is seen too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from schemas.broker import Broker
from stack import bus, parts, records
from stack.keeping import JobRecord
from stack.programs import JOBS_KEEPER

if TYPE_CHECKING:
    from jobs.catalog import Job

ASK_EVERY_MS = 5_000


@dataclass
class Topics:
    """What became of the broker's topics.

    Attributes
    ----------
    told : function
        Gives the broker's own id of each topic, empty where there is none; nothing of what it
        does not tell.
    make : function
        Makes the topics that are not there.
    touched : mapping of str to set of str
        By job, the topics that it reads and writes.
    file : Path
        Where the ids are kept that the states of the jobs belong to.
    """

    told: Callable[[], Mapping[str, str]]
    make: Callable[[], object]
    touched: Mapping[str, frozenset[str]]
    file: Path
    asked_ms: int = 0
    seen: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Read the ids that are known."""
        self.ids = records.load_ids(self.file)

    def look(self, now_ms: int) -> frozenset[str]:
        """Give the topics that are gone or were made anew.

        A broker that has only just begun is asked twice before a topic is taken for gone.
        """
        if not 0 <= now_ms - self.asked_ms < ASK_EVERY_MS:
            told = self.told()
            lacking = frozenset(name for name, found in told.items() if not found)
            anew = frozenset(n for n, i in told.items() if i and i != self.ids.get(n, i))
            self.asked_ms, self.gone, self.seen = now_ms, (lacking & self.seen) | anew, lacking
            self._learn(told)
        return self.gone

    def _learn(self, told: Mapping[str, str]) -> None:
        """Remember the ids of topics of which none is known."""
        known = {name: found for name, found in told.items() if found} | self.ids
        if known != self.ids:
            self.ids = known
            records.save_ids(known, self.file)

    def begin_anew(self) -> None:
        """Make the topics that are gone; their ids are those that they have now."""
        self.make()
        self.ids = {name: known for name, known in self.ids.items() if name not in self.gone}
        self._learn(self.told())
        self.seen = self.gone = frozenset()

    def touching(self) -> tuple[str, ...]:
        """Give the jobs that read or write a topic that is gone or was made anew."""
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
        remark="a topic was deleted: everything is counted again",
    )


def topics_of(broker: Broker, file: Path, *, keep_all: bool) -> Topics:
    """Give the topics of a broker, whose ids are kept in a file."""
    client = bus.admin(broker)
    return Topics(
        told=lambda: bus.ids(client),
        make=lambda: bus.ensure_topics(broker, keep_all=keep_all),
        touched=topics_of_jobs(),
        file=file,
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
