"""The supervisor: its configuration, and a line to it over a socket in the state folder."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from stack.errors import NotRunningError, StackError, StoppingError
from stack.layout import CHECKOUT, Layout
from stack.programs import Program

WAIT_S = 15
POLL_S = 0.1


def configuration(layout: Layout, programs: Iterable[Program]) -> str:
    """Write the supervisor's configuration; a % would be read as a substitution."""
    head = f"""\
[supervisord]
logfile={layout.log_of("supervisor")}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={layout.supervisor_pid}
childlogdir={layout.log}
nodaemon=true
silent=true

[unix_http_server]
file={layout.socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_section(layout, program) for program in programs)


def state_of(info: Mapping[str, Any]) -> str:
    """Name a process's state; one that came to its end is finished."""
    ended = info["statename"] == "EXITED" and info["exitstatus"] == 0
    return "finished" if ended else str(info["statename"]).lower()


def _section(layout: Layout, program: Program) -> str:
    return f"""
[program:{program.name}]
command="{_quoted(Path(sys.executable))}" -P -m stack.launch {program.name}
directory={_quoted(CHECKOUT)}
priority={program.priority}
autostart=false
autorestart={"unexpected" if program.ends else "true"}
startsecs=1
startretries=1000000
stopasgroup=true
killasgroup=true
stopwaitsecs={program.stop_wait_s}
redirect_stderr=true
stdout_logfile={layout.log_of(program.name)}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%%")


def start(layout: Layout, environment: Mapping[str, str]) -> None:
    """Start the supervisor by itself, so that it outlives the command that started it."""
    with layout.log_of("supervisor").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "supervisor.supervisord", "-c",
             str(layout.supervisor_conf)],
            cwd=CHECKOUT, env=dict(environment), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    deadline = time.monotonic() + WAIT_S
    while not is_running(layout):
        if time.monotonic() > deadline:
            raise StackError(
                f"the supervisor did not start within {WAIT_S} s: see {layout.log_of('supervisor')}"
            )
        time.sleep(POLL_S)


class _UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        """Connect to the socket, whatever the host's name."""
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(60)
        connection.sock.connect(os.fspath(self._path))
        return connection


def line(layout: Layout) -> Any:
    """Give the supervisor's own calls (`getAllProcessInfo`, `startProcess`, ...).

    Raises
    ------
    NotRunningError
        No supervisor answers in this state folder.
    """
    proxy = xmlrpc.client.ServerProxy(
        "http://localhost/RPC2", transport=_UnixTransport(layout.socket), allow_none=True
    )
    try:
        proxy.supervisor.getPID()
    except OSError:
        raise NotRunningError(
            f"nothing runs in {layout.root}: start it with ./hexline up"
        ) from None
    except xmlrpc.client.Fault:
        raise StoppingError(f"what runs in {layout.root} is being stopped: wait a moment") from None
    return proxy.supervisor


def is_running(layout: Layout) -> bool:
    """Say whether a supervisor answers in this state folder."""
    try:
        line(layout)
    except NotRunningError:
        return False
    except StoppingError:
        return True
    return True


def processes(layout: Layout) -> list[dict[str, Any]]:
    """Give what the supervisor knows of every process."""
    known: list[dict[str, Any]] = line(layout).getAllProcessInfo()
    return known


def shut_down(layout: Layout, wait_s: float = 60) -> None:
    """Stop every process in reverse order, then the supervisor."""
    pid = int(line(layout).getPID())
    line(layout).shutdown()
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and is_running(layout):
        time.sleep(POLL_S)
    while time.monotonic() < deadline and _alive(pid):
        time.sleep(POLL_S)


def _alive(pid: int) -> bool:
    """Say whether a process still runs; a child of ours that has ended is not gone yet."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
