"""Planned: a job wired and planned in this process, ready to be sent to the cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jobs.catalog import Config, Job
from jobs.config import Cluster
from jobs.errors import PlanError
from jobs.layout import layout_of, layout_of_streams, numbered_by_place
from jobs.surroundings import Surroundings

# Read by PyFlink when it starts its JVM. Without it the workers would look for a server in the
# submitting process, and crash one after the other once that has ended.
WORKER_MODE = "_python_worker_execution_mode"


@dataclass(frozen=True)
class Planned:
    """A planned job; `layout` is what its state depends on, `run` sends it and gives its id.

    What runs of tables alone is the compiled plan: its operators have names, so that a later
    plan finds their state again. A job with a function on a stream cannot be compiled; its
    function has a name of its own, and the rest is found again by its place.
    """

    run: Callable[[], str]
    layout: dict[str, Any]

    @classmethod
    def of(
        cls,
        job: Job,
        config: Config,
        around: Surroundings,
        *,
        restore: str | None = None,
        parallelism: int = 1,
    ) -> Planned:
        """Plan a job for the cluster of these surroundings."""
        _prepare_gateway(around)
        from jobs.flink.settings import settings  # noqa: PLC0415 - brings the JVM along

        cluster = Cluster(
            rest_url=around.flink,
            # As Flink reads it, where %20 would be a folder's name.
            state_uri=f"file://{around.flink_folder}",
            parallelism=parallelism,
        )
        chosen = settings(job.name, cluster, config.pace, config.state_ttl_ms, restore)
        with _planning(job.name):
            return cls(*(_of_streams if job.on_streams else _of_tables)(job, config, chosen))

    def execute(self) -> str:
        """Send the job to the cluster and give its id."""
        with _planning("job"):
            return self.run()


Plan = tuple[Callable[[], str], dict[str, Any]]


def _of_tables(job: Job, config: Config, chosen: Mapping[str, str]) -> Plan:
    """Compile the plan of a job of tables alone."""
    from pyflink.table import CompiledPlan, PlanReference  # noqa: PLC0415

    from jobs.flink.environment import environment  # noqa: PLC0415

    tables = environment(chosen)
    plan = numbered_by_place(job.build(tables, config).compile_plan().as_json_string())
    loaded = tables.load_plan(PlanReference.from_json_string(plan))
    # PyFlink 2.3 hands the plan the Java environment where the Python one is wanted.
    compiled = CompiledPlan(loaded._j_compiled_plan, tables)
    return lambda: str(compiled.execute().get_job_client().get_job_id()), layout_of(plan)


def _of_streams(job: Job, config: Config, chosen: Mapping[str, str]) -> Plan:
    """Plan a job with a function on a stream."""
    from jobs.flink.environment import StreamPlan, stream_environment  # noqa: PLC0415

    streams, tables = stream_environment(chosen)
    job.build(tables, config).attach_as_datastream()
    plan = StreamPlan(streams, job.name)
    return plan.execute, layout_of_streams(plan.as_json, job.state_version)


@contextmanager
def _planning(name: str) -> Iterator[None]:
    """Turn what Java throws into one line: the last cause says what is wrong."""
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415
    from pyflink.util.exceptions import JavaException  # noqa: PLC0415

    try:
        yield
    except (JavaException, Py4JJavaError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        causes = [line for line in lines if line.startswith("Caused by:")] or lines
        raise PlanError(f"{name}: {causes[-1].removeprefix('Caused by: ')}") from None


def _prepare_gateway(around: Surroundings) -> None:
    os.environ[WORKER_MODE] = "process"
    jars = around.flink_folder / "lib"
    if jars.is_dir():
        os.environ.setdefault("FLINK_LIB_DIR", str(jars))
