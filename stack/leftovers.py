"""Processes of a state folder that outlived their parent: found by what they were told.

Every process of a stack, a Python worker of Flink included, carries HEXLINE_STATE in its
environment and lives in the process group of the program that started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "HEXLINE_STATE"


def of_state(root: Path) -> Iterator[psutil.Process]:
    """Give every process started for a state folder, this one and its parents left out."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        if process.pid not in mine and belongs(process, root):
            yield process


def belongs(process: psutil.Process, root: Path) -> bool:
    """Say whether a process was started for this state folder."""
    try:
        return bool(process.environ().get(MARK) == str(root))
    except (psutil.Error, OSError):
        return False


def group_members(group: int, root: Path) -> list[psutil.Process]:
    """Give the processes of a group that belong to this state folder."""
    return [process for process in of_state(root) if _group_of(process.pid) == group]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def kill(processes: list[psutil.Process]) -> list[int]:
    """Kill processes at once and give the ids of those that were still there."""
    killed = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
            killed.append(process.pid)
    psutil.wait_procs(processes, timeout=5)
    return killed


def kill_group_of(pid_file: Path, root: Path) -> list[int]:
    """Kill what is left of the program whose id a file holds; its id may be reused by now."""
    try:
        group = int(pid_file.read_text())
    except (OSError, ValueError):
        return []
    return kill(group_members(group, root))
