"""What is checked before anything starts; each failure is one line with what to do."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import psutil

from stack.errors import FolderError, PortTakenError, StackError
from stack.ports import LOOPBACK, Ports

GIB = 1 << 30
LEAST_FREE_BYTES = 2 * GIB
# What supervisor (% and remarks), broker (lists) and Java (class paths, options) take for signs.
MISREAD = re.compile(r'[%,:"]|\s[#;]')


def check_folder(root: Path) -> None:
    """Check that the state folder can be read and written, or can be made.

    Raises
    ------
    FolderError
        It cannot, or something in its path would be taken for a sign.
    """
    if sign := MISREAD.search(str(root)):
        raise FolderError(
            f"{root} has a {sign.group().strip()} in its path: "
            f"choose another folder with --state DIR"
        )
    nearest = nearest_there(root)
    if not nearest.is_dir():
        raise FolderError(f"{nearest} is a file: choose a folder with --state DIR")
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        raise FolderError(
            f"{nearest} cannot be read and written by this user: "
            f"change its owner, or choose another folder with --state DIR"
        )


def check_disk(root: Path, free: int | None = None) -> None:
    """Check that the disk of the state folder has room.

    Raises
    ------
    StackError
        Less than 2 GiB is free.
    """
    free = free_bytes(root) if free is None else free
    if free < LEAST_FREE_BYTES:
        raise StackError(
            f"the disk of {nearest_there(root)} has {free / GIB:.1f} GiB free: expected at least "
            f"{LEAST_FREE_BYTES / GIB:g}; make room, or choose another disk with --state DIR"
        )


def free_bytes(root: Path) -> int:
    """Give the room on the disk of a state folder, in bytes."""
    return shutil.disk_usage(nearest_there(root)).free


def nearest_there(root: Path) -> Path:
    """Give a folder, or the nearest above it that exists."""
    return next(folder for folder in (root, *root.parents) if folder.exists())


def check_ports(ports: Ports, listener: Callable[[int], str | None] | None = None) -> None:
    """Check that nobody listens on a port of ours.

    Raises
    ------
    PortTakenError
        Somebody does; the message says who, where that can be known.
    """
    for name, port in ports.named().items():
        if is_free(port):
            continue
        owner = (listener or listener_of)(port)
        by = f" by {owner}" if owner else ""
        raise PortTakenError(
            f"port {port} ({name}) is taken{by}: stop it, or choose other ports with "
            f"--ports {suggestion(ports)}"
        )


def is_free(port: int) -> bool:
    """Say whether we could listen on a port; one of a connection just closed is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def listener_of(port: int) -> str | None:
    """Name the program that listens on a port; None where this user may not know."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return named(connection.pid)
    return None


def named(pid: int | None) -> str | None:
    """Give a program's name and id, and the state folder where it is one of ours."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        state = process.environ().get("HEXLINE_STATE")
        whose = f" of the stack in {state}" if state else ""
        return f"{process.name()} (process {pid}){whose}"
    except (psutil.Error, OSError):
        return f"process {pid}"


def suggestion(ports: Ports) -> int:
    """Give the next base whose ports are all free; the next one at all if none is."""
    candidates = range(ports.base + 20, min(ports.base + 400, 65_000), 20)
    for base in candidates:
        if all(is_free(port) for port in Ports(base).named().values()):
            return base
    return ports.base + 20
