"""Start everything: from a state folder, or none, to cells on a map.

pre-flight --> jars --> configuration --> supervisor
                                             |--> broker --> topics --> keeper --.
                                             `--> Flink -------------------------|
                                                                                 v
                                    cells <-- war room <-- jobs count <-- city's stream
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from schemas.broker import Broker
from stack import (
    broker,
    bus,
    cluster,
    flink,
    jars,
    launch,
    leftovers,
    parts,
    preflight,
    records,
    states,
    supervision,
    towns,
)
from stack import programs as the_programs
from stack.errors import AlreadyRunningError, StackError
from stack.java import find_java_home
from stack.keeping import LATER, JobRecord
from stack.layout import Layout
from stack.ports import Ports, address
from stack.programs import BROKER, CITY_STREAM, JOBMANAGER, JOBS_KEEPER, TASKMANAGER, WAR_ROOM
from stack.rest import Rest
from stack.settings import Settings
from stack.settings import save as save_settings
from stack.steps import Steps

POLL_S = 0.25
# Long enough for a slow and busy machine; one that is idle needs a tenth.
ENGINE_WAIT_S = 240
JOBS_WAIT_S = 300
WEB_WAIT_S = 120
CELLS_WAIT_S = 240
MOST_STARTS = 4


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: where it lives, what it was started with, and its listeners."""

    layout: Layout
    settings: Settings
    java_home: Path

    @property
    def ports(self) -> Ports:
        """The stack's ports."""
        return Ports(self.settings.ports)

    @property
    def bus(self) -> Broker:
        """The stack's broker, for clients."""
        return Broker(address(self.ports.broker))

    @property
    def web(self) -> Rest:
        """The stack's war room."""
        return Rest(self.ports.web)

    @property
    def flink(self) -> Rest:
        """The stack's JobManager."""
        return Rest(self.ports.flink)


def up(layout: Layout, settings: Settings, console: Console) -> Stack:
    """Bring everything up; give the stack when the first cells are on the map."""
    steps = Steps(console)
    check(layout, settings)
    stack = Stack(layout, settings, find_java_home(os.environ))
    layout.make()
    with alone(layout):
        check_running(layout)
        leftovers.kill(list(leftovers.of_state(layout.root)))
        preflight.check_ports(stack.ports)
        fetch_jars(layout, steps)
        with steps.step("Configuration"):
            sweep(layout)
            write_configuration(stack)
        start_supervisor(stack)
    try:
        start_engines(stack, steps)
        start_stream(stack, steps)
        start_jobs(stack, steps)
        start_war_room(stack, steps)
        wait_for_cells(stack, steps)
    except BaseException:
        down(layout)
        raise
    return stack


def check(layout: Layout, settings: Settings) -> None:
    """Check everything that can be checked in an instant."""
    preflight.check_folder(layout.root)
    check_running(layout)
    preflight.check_disk(layout.root)
    if parts.is_there("cities.pack"):
        towns.settings_of(settings.city)
        towns.require_whole(settings.city)
    if not parts.absent(CITY_STREAM):
        towns.require_speed(settings.speed)


def check_running(layout: Layout) -> None:
    """Refuse to start what runs."""
    if layout.root.exists() and supervision.is_running(layout):
        raise AlreadyRunningError(
            f"already running in {layout.root}: see ./hexline status, stop it with ./hexline down"
        )


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Keep a second `up` out until the supervisor runs: each would kill what the other starts."""
    with layout.up_lock.open("w") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(
                f"another ./hexline up is starting in {layout.root}: wait for it"
            ) from None
        yield


def fetch_jars(layout: Layout, steps: Steps) -> None:
    """Fetch what is missing; only the first start does anything here."""
    wanted = jars.missing(jars.locked(), layout.jars)
    if not wanted:
        return
    left = [len(wanted)]
    with steps.step(f"{len(wanted)} jars fetched and checked") as status:

        def done(jar: jars.Jar) -> None:
            left[0] -= 1
            status.update(f"Fetching jars, {left[0]} to go: {jar.filename}")

        jars.install(wanted, layout.jars, jars.fetch_with(jars.maven()), done)


def sweep(layout: Layout) -> None:
    """Remove what a run that ended badly left behind."""
    leftovers.kill(list(leftovers.of_state(layout.root)))
    for file in (*layout.run.glob("*.pid"), *layout.run.glob("*.starts"), layout.socket):
        file.unlink(missing_ok=True)
    kept = records.load(layout.jobs_file)
    if kept:
        records.save({name: _again(record) for name, record in kept.items()}, layout.jobs_file)


def _again(record: JobRecord) -> JobRecord:
    """Take away what was true of the last run only; a job stopped by hand starts with `up`."""
    return JobRecord(
        job_id=record.job_id,
        checkpoint=record.checkpoint,
        checkpoint_ms=record.checkpoint_ms,
        city_version=record.city_version,
        output_version=record.output_version,
    )


def write_configuration(stack: Stack) -> None:
    """Write what every process reads when it starts."""
    layout = stack.layout
    save_settings(stack.settings, layout.settings_file)
    layout.java_file.write_text(f"{stack.java_home}\n")
    layout.hosts_file.write_text(the_programs.hosts_text(socket.gethostname()))
    settings = broker.properties(layout, stack.ports)
    broker.configuration_file(layout).write_text(broker.properties_text(settings))
    broker.format_storage(layout, stack.java_home)
    flink.write_configuration(layout, stack.ports, stack.java_home)
    programs = the_programs.programs(
        layout, stack.ports, stack.settings, stack.java_home, replayed=is_replayed(stack)
    )
    layout.programs_file.write_text(json.dumps({p.name: p.argv for p in programs}, indent=2))
    layout.supervisor_conf.write_text(supervision.configuration(layout, programs))


def start_supervisor(stack: Stack) -> None:
    """Start the supervisor, with the environment of every process."""
    environment = the_programs.environment(
        stack.layout, stack.ports, stack.settings, stack.java_home, os.environ
    )
    supervision.start(stack.layout, environment)


def start_engines(stack: Stack, steps: Steps) -> None:
    """Start broker and Flink side by side; make the topics and plan the jobs meanwhile."""
    for name in (BROKER, JOBMANAGER, TASKMANAGER):
        start(stack, name)
    with steps.step("Broker"):
        wait_for_broker(stack)
    with steps.step("Topics"):
        bus.ensure_topics(stack.bus, keep_all=is_replayed(stack))
    if not parts.absent(JOBS_KEEPER):
        start(stack, JOBS_KEEPER)  # planning takes as long as Flink's start
    with steps.step("Flink"):
        wait_for_flink(stack)


def wait_for_broker(stack: Stack) -> None:
    """Wait until the broker answers."""
    wait(stack, lambda: bus.answers(stack.bus), ENGINE_WAIT_S, "the broker is", BROKER)


def wait_for_flink(stack: Stack) -> None:
    """Wait until a TaskManager offers slots."""
    names = (JOBMANAGER, TASKMANAGER)
    wait(stack, lambda: cluster.slots(stack.flink) > 0, ENGINE_WAIT_S, "Flink is", *names)


def is_replayed(stack: Stack) -> bool:
    """Say whether the stack's arrival clock is that of a replay."""
    return parts.is_there("cities.pack") and towns.is_replayed(stack.settings.city)


def start(stack: Stack, name: str) -> None:
    """Tell the supervisor to start a process, without waiting for it."""
    supervision.line(stack.layout).startProcess(name, False)


def wait(stack: Stack, done: Callable[[], bool], seconds: float, what: str, *names: str) -> None:
    """Wait until something is so; a slow machine is given time, a process that dies is not.

    Raises
    ------
    StackError
        It is not within `seconds`, or one of the named processes ends again and again; the
        message names the log to look into.
    """
    deadline = time.monotonic() + seconds
    while not done():
        for name in names:
            if launch.starts(stack.layout, name) > MOST_STARTS:
                raise StackError(f"{name} ends again and again: see ./hexline logs {name}")
        if time.monotonic() > deadline:
            raise StackError(
                f"{what} not ready within {seconds:g} s: see ./hexline logs {names[-1]}"
            )
        time.sleep(POLL_S)


def start_jobs(stack: Stack, steps: Steps) -> None:
    """Wait until every job that the map needs has completed a checkpoint."""
    if parts.absent(JOBS_KEEPER):
        steps.remark("no jobs in this checkout yet")
        return
    with steps.step("Jobs") as status:

        def healthy() -> bool:
            kept = records.load(stack.layout.jobs_file)
            said = [f"{name}: {r.remark or 'healthy'}" for name, r in sorted(kept.items())]
            status.update("Jobs … " + "; ".join(said))
            needed = [record for name, record in kept.items() if name not in LATER]
            return bool(needed) and all(record.healthy for record in needed)

        wait(stack, healthy, JOBS_WAIT_S, "the jobs are", TASKMANAGER, JOBS_KEEPER)


def start_war_room(stack: Stack, steps: Steps) -> None:
    """Start the war room and wait until it answers."""
    if parts.absent(WAR_ROOM):
        steps.remark("no war room in this checkout yet")
        return
    start(stack, WAR_ROOM)
    with steps.step("War room"):
        wait(stack, lambda: stack.web.answers("/"), WEB_WAIT_S, "the war room is", WAR_ROOM)


def start_stream(stack: Stack, steps: Steps) -> None:
    """Start the city's stream: it lives through its past while the jobs start."""
    if stack.settings.stream and parts.absent(CITY_STREAM):
        steps.remark("no simulators in this checkout yet")
    elif stack.settings.stream:
        start(stack, CITY_STREAM)


def wait_for_cells(stack: Stack, steps: Steps) -> None:
    """Wait for the first cells on the map, where everything is there that they need."""
    needed = (CITY_STREAM, WAR_ROOM, JOBS_KEEPER)
    if not stack.settings.stream or any(parts.absent(name) for name in needed):
        return
    with steps.step("First cells on the map"):
        wait(
            stack, lambda: on_the_map(stack.web.get("/api/status")), CELLS_WAIT_S, "cells are",
            WAR_ROOM, CITY_STREAM,
        )  # fmt: skip


def on_the_map(status: Any) -> bool:
    """Say whether the war room has accepted check-ins to draw."""
    return bool(status) and int(status.get("accepted") or 0) > 0


def down(layout: Layout) -> int:
    """Stop everything in reverse order; give the number of processes that had to be killed."""
    if supervision.is_running(layout):
        supervision.shut_down(layout)
    killed = leftovers.kill(list(leftovers.of_state(layout.root)))
    for file in layout.run.glob("*.pid"):
        file.unlink(missing_ok=True)
    note_states(layout)
    return len(killed)


def note_states(layout: Layout) -> None:
    """Remember when the last state of each job was written: a copy of it may not tell."""
    kept = records.load(layout.jobs_file)
    if kept:
        last = {name: states.refreshed(layout, record) for name, record in kept.items()}
        records.save(last, layout.jobs_file)
