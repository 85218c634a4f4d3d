"""Control: submit, stop, save and upgrade jobs on a Flink cluster.

Submitting plans the job in this process, which brings a JVM along, and leaves it with the
cluster. Nothing here is called healthy before its first completed checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cities.pack import CityPack, load
from jobs.catalog import JOBS, PICTURE, Job, job_named
from jobs.config import Start
from jobs.errors import StateLayoutError
from jobs.layout import differences
from jobs.log import uncounted, whole_since_ms
from jobs.planned import Planned
from jobs.rest import Flink
from jobs.steps.restart import read_until, start_again, start_of_log
from jobs.submissions import Submission, recall, remember, writer_of
from jobs.surroundings import Surroundings
from schemas.times import CHECKIN_LIMITS

__all__ = ["JOBS", "save", "stop", "submit", "upgrade"]

HEALTHY_WITHIN_S = 120.0
Say = Callable[[str], None]


def submit(
    name: str,
    environ: Mapping[str, str],
    *,
    checkpoint: str | None = None,
    start_from_ms: int | None = None,
    parallelism: int = 1,
    say: Say = print,
) -> str:
    """Submit a job and give its id; the cluster runs it from now on.

    Parameters
    ----------
    name : str
        One of `JOBS`.
    environ : mapping of str
        Where everything is, see `jobs.surroundings`.
    checkpoint : str, optional
        Checkpoint or savepoint whose state to continue. Where the present plan cannot read
        that state, or nobody knows, which is said, the job counts the whole log again.
    start_from_ms : int, optional
        Without state: count again what may have changed since this arrival, less the lateness
        and the skew. Without both: count the whole log.
    """
    order = Order(job_named(name), Surroundings.from_env(environ), parallelism)
    if checkpoint is not None:
        writer = writer_of(order.around.submissions, checkpoint)
        start = Start(publish_from_ms=writer.publish_from_ms if writer else 0)
        try:
            return order.carry_out(start, checkpoint, writer)
        except StateLayoutError as error:
            say(f"{name}: {error}: counting the whole log again")
    return order.carry_out(order.start(start_from_ms))


@dataclass(frozen=True, slots=True)
class Order:
    """An order to submit one job in some surroundings."""

    job: Job
    around: Surroundings
    parallelism: int = 1

    def start(self, start_from_ms: int | None) -> Start:
        """Say from where to read and publish without state."""
        if start_from_ms is None:
            return start_of_log(self._whole_since_ms(), CHECKIN_LIMITS)
        checkpoint_ms = start_from_ms + CHECKIN_LIMITS.lateness_ms + CHECKIN_LIMITS.skew_ms
        accounts = uncounted(self.around.broker)
        return start_again(read_until(checkpoint_ms, accounts), CHECKIN_LIMITS)

    def _whole_since_ms(self) -> int:
        if self.job is PICTURE:  # always reads whole topics, and says what holds
            return 0
        return whole_since_ms(self.around.broker, self.job.reads[0])

    def carry_out(
        self, start: Start, restore: str | None = None, writer: Submission | None = None
    ) -> str:
        """Plan, compare layouts where state is taken over, send to the cluster, remember."""
        pack = load(self.around.city)
        planned = self.plan(pack, start, restore)
        if restore is not None:
            check_takeover(writer, pack, planned)
        job_id = planned.execute()
        submission = Submission(
            name=self.job.name,
            job_id=job_id,
            city_version=pack.version,
            layout=planned.layout,
            publish_from_ms=start.publish_from_ms,
            restored_from=restore,
        )
        remember(self.around.submissions, submission)
        return job_id

    def plan(self, pack: CityPack, start: Start, restore: str | None = None) -> Planned:
        """Plan the job without sending it."""
        config = self.job.config(self.around, pack, start)
        return Planned.of(
            self.job, config, self.around, restore=restore, parallelism=self.parallelism
        )


def check_takeover(writer: Submission | None, pack: CityPack, planned: Planned) -> None:
    """Raise StateLayoutError unless a plan can go on with the state that a job wrote."""
    if obstacle := _obstacle(writer, pack, planned):
        raise StateLayoutError(f"state cannot be taken over: {obstacle}")


def _obstacle(writer: Submission | None, pack: CityPack, planned: Planned) -> str:
    if writer is None:
        return "nobody remembers which plan wrote it"
    if writer.city_version != pack.version:
        return f"city {writer.city_version} is now {pack.version}, places may have moved"
    return "; ".join(differences(writer.layout, planned.layout))


def stop(name: str, environ: Mapping[str, str]) -> str:
    """Stop a job with a savepoint and give where it is."""
    flink = Flink(Surroundings.from_env(environ).flink)
    return flink.stop(flink.running(job_named(name).name).job_id)


def save(name: str, environ: Mapping[str, str]) -> str:
    """Take a savepoint of a job, which goes on, and give where it is."""
    flink = Flink(Surroundings.from_env(environ).flink)
    return flink.savepoint(flink.running(job_named(name).name).job_id)


def upgrade(name: str, environ: Mapping[str, str], *, rederive: bool = False) -> str:
    """Put the present code and city in the place of a running job; give the new job's id.

    The new plan is made, and its layout compared, before the old job is stopped. Where they
    differ, or the city has changed, old state does not fit: then `rederive` counts the whole
    log again, and without it nothing is done.

    Raises
    ------
    StateLayoutError
        State does not fit and `rederive` is not given; the old job still runs.
    NotHealthyError
        The new job completed no checkpoint in time.
    """
    order = Order(job_named(name), Surroundings.from_env(environ))
    flink = Flink(order.around.flink)
    running = flink.running(name)
    writer = recall(order.around.submissions, running.job_id)
    pack = load(order.around.city)
    fits = _fits(order, pack, writer, rederive=rederive)
    savepoint = flink.stop(running.job_id)
    if fits and writer is not None:
        job_id = order.carry_out(Start(publish_from_ms=writer.publish_from_ms), savepoint, writer)
    else:
        job_id = order.carry_out(order.start(None))
    flink.until_healthy(job_id, HEALTHY_WITHIN_S)
    return job_id


def _fits(order: Order, pack: CityPack, writer: Submission | None, *, rederive: bool) -> bool:
    """Say whether a new plan can take over; raise where it cannot and that is not accepted."""
    start = Start(publish_from_ms=writer.publish_from_ms if writer else 0)
    try:
        check_takeover(writer, pack, order.plan(pack, start))
    except StateLayoutError as error:
        if rederive:
            return False
        raise StateLayoutError(f"{error}: --rederive counts the whole log again") from None
    return True
