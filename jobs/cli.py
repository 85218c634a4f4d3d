"""`hexline jobs`: look after the Flink jobs of a running stack."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from cities.errors import CityError
from geo.errors import GeoError
from jobs import control
from jobs.catalog import JOBS, job_named
from jobs.checks import findings
from jobs.errors import JobError
from jobs.rest import Flink, FlinkJob
from jobs.surroundings import Surroundings
from schemas.errors import SchemaError

app = typer.Typer(help="List, check, submit, stop and upgrade jobs.", no_args_is_help=True)
out = Console()
Name = Annotated[str, typer.Argument(help=f"One of {', '.join(JOBS)}.")]
R = TypeVar("R")


@app.command("list")
def list_jobs() -> None:
    """List the jobs, what Flink says of each, and its newest checkpoint."""
    flink = Flink(_told(lambda: Surroundings.from_env(os.environ)).flink)
    known = _told(flink.jobs)
    table = Table("job", "state", "checkpoint", "remark", box=None, header_style="dim")
    for name, job in JOBS.items():
        mine = [each for each in known if each.name == name]
        if not mine:
            table.add_row(name, "not there", "", job.about)
            continue
        newest = max(mine, key=lambda each: (each.is_active, each.start_ms))
        table.add_row(name, *_seen(flink, newest, job.about))
    out.print(table)


def _seen(flink: Flink, job: FlinkJob, about: str) -> tuple[str, str, str]:
    """Give state, newest checkpoint and a remark; of a job that has ended only its state."""
    if not job.is_active:
        return job.state, "", about
    health = _told(lambda: flink.health(job.job_id))
    return health.state, (health.checkpoint_path or "").rpartition("/")[2], health.wrong or about


@app.command()
def check(name: Name) -> None:
    """Say whether a job could be submitted: topics, city, plan; submit nothing."""
    job, around = _told(lambda: job_named(name)), _told(lambda: Surroundings.from_env(os.environ))
    wrong = _told(lambda: findings(job, around))
    for finding in wrong:
        out.print(finding, style="red", markup=False)
    if wrong:
        raise typer.Exit(1)
    out.print(f"{name}: topics, city and plan are in order")


@app.command()
def submit(
    name: Name,
    checkpoint: Annotated[
        str | None, typer.Option("--from", help="Checkpoint or savepoint to continue.")
    ] = None,
    start_from_ms: Annotated[
        int | None, typer.Option(help="Without state, count again since this arrival.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait for the first checkpoint.")] = True,
) -> None:
    """Submit a job and wait until its first checkpoint is complete."""
    around = _told(lambda: Surroundings.from_env(os.environ))
    with out.status(f"planning {name}"):
        job_id = _told(
            lambda: control.submit(
                name, os.environ, checkpoint=checkpoint, start_from_ms=start_from_ms
            )
        )
    if wait:
        with out.status("waiting for the first checkpoint"):
            _told(lambda: Flink(around.flink).until_healthy(job_id, control.HEALTHY_WITHIN_S))
    out.print(job_id)


@app.command()
def stop(name: Name) -> None:
    """Stop a job with a savepoint; it stays stopped until it is submitted again."""
    with out.status(f"stopping {name}"):
        out.print(_told(lambda: control.stop(name, os.environ)), soft_wrap=True)


@app.command()
def savepoint(name: Name) -> None:
    """Take a savepoint of a job that goes on."""
    with out.status(f"saving {name}"):
        out.print(_told(lambda: control.save(name, os.environ)), soft_wrap=True)


@app.command()
def upgrade(
    name: Name,
    rederive: Annotated[
        bool, typer.Option("--rederive", help="Where state does not fit, count the log again.")
    ] = False,
) -> None:
    """Replace a running job by the present code and city; state is compared before the stop."""
    with out.status(f"upgrading {name}"):
        job_id = _told(lambda: control.upgrade(name, os.environ, rederive=rederive))
    out.print(job_id)


def _told(action: Callable[[], R]) -> R:
    """Do something; a failure is one clear line and a non-zero exit."""
    try:
        return action()
    except (JobError, SchemaError, CityError, GeoError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
