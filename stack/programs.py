"""The programs of a running stack: their names, command lines and order."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack import broker, flink
from stack.layout import CHECKOUT, Layout
from stack.ports import LOOPBACK, Ports, address, url
from stack.settings import Settings

BROKER = "broker"
JOBMANAGER = "jobmanager"
TASKMANAGER = "taskmanager"
JOBS_KEEPER = "jobs-keeper"
WAR_ROOM = "war-room"
CITY_STREAM = "city-stream"
NAMES = (BROKER, JOBMANAGER, TASKMANAGER, JOBS_KEEPER, WAR_ROOM, CITY_STREAM)


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process; one that `ends` is done when it exits with 0, and stays so."""

    name: str
    argv: tuple[str, ...]
    priority: int
    stop_wait_s: int = 10
    ends: bool = False


def programs(
    layout: Layout, ports: Ports, settings: Settings, java_home: Path, *, replayed: bool
) -> tuple[Program, ...]:
    """Give every program of a stack, in the order in which they start."""
    python = sys.executable
    stream = stream_arguments(settings, replayed=replayed)
    return (
        Program(BROKER, tuple(broker.command(layout, java_home)), 10, stop_wait_s=20),
        Program(JOBMANAGER, tuple(flink.jobmanager_command(layout, ports, java_home)), 20),
        Program(TASKMANAGER, tuple(flink.taskmanager_command(layout, ports, java_home)), 30),
        Program(JOBS_KEEPER, (python, "-P", "-m", "stack.keeper"), 40),
        Program(WAR_ROOM, (python, "-P", "-m", "dashboard"), 50),
        Program(CITY_STREAM, (python, "-P", "-m", "simulators", *stream), 60, ends=replayed),
    )


def stream_arguments(settings: Settings, *, replayed: bool) -> tuple[str, ...]:
    """Give the arguments of the city's stream: a live simulation, or a replay of real days."""
    kind = "replay" if replayed else "live"
    rate = ("--rate", f"{settings.rate:g}") if settings.rate else ()
    speed = ("--speed", settings.speed) if settings.speed else ()
    return (kind, "--city", settings.city, *rate, *speed)


def java_options(layout: Layout, environ: Mapping[str, str]) -> str:
    """Let every JVM look names up in our file alone.

    Flink asks for this machine's own name, which on a bare system resolves to nothing.
    """
    given = environ.get("JDK_JAVA_OPTIONS", "")
    return f'{given} "-Djdk.net.hosts.file={layout.hosts_file}"'.strip()


def hosts_text(hostname: str) -> str:
    """Write the names that a JVM may look up, in the form of a hosts file."""
    return f"{LOOPBACK} localhost\n{LOOPBACK} {hostname}\n"


def environment(
    layout: Layout, ports: Ports, settings: Settings, java_home: Path, environ: Mapping[str, str]
) -> dict[str, str]:
    """Give what every process sees: ours on top of the user's, less any proxy.

    Nothing is fetched at run time, and a proxy would only come between loopback listeners.
    """
    inherited = {
        name: value for name, value in environ.items() if not name.lower().endswith("_proxy")
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH", os.defpath)])
    return inherited | {
        "PATH": path,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "JAVA_HOME": str(java_home),
        "JDK_JAVA_OPTIONS": java_options(layout, environ),
        "FLINK_HOME": str(flink.home()),
        "FLINK_CONF_DIR": str(layout.flink_conf),
        "FLINK_LIB_DIR": str(layout.flink_lib),
        "FLINK_LOG_DIR": str(layout.log),
        "FLINK_PLUGINS_DIR": str(flink.home() / "plugins"),
        # Workers started by the TaskManager, not by the process that submits a job.
        "_python_worker_execution_mode": "process",
        "HEXLINE_BROKER": address(ports.broker),
        "HEXLINE_CITY": settings.city,
        "HEXLINE_STATE": str(layout.root),
        "HEXLINE_WEB": url(ports.web),
        "HEXLINE_FLINK": url(ports.flink),
        "HEXLINE_PORTS": str(ports.base),
    }
