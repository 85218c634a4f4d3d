"""kill -9 of any process of a stack, by name, and what must not be left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from functools import cache

import psutil

from stack import leftovers
from stack.bench.counts import decoded_per_s
from stack.layout import Layout
from stack.programs import BROKER, JOBMANAGER, TASKMANAGER, WAR_ROOM

PYTHON_WORKER = "python-worker"
TARGETS = (TASKMANAGER, JOBMANAGER, PYTHON_WORKER, BROKER, WAR_ROOM)
WORKER_WORDS = "pyflink.fn_execution"
MUST_S = 30.0
"""What a recovery may take where nothing else runs, on a machine of `USUAL_PER_S`."""
USUAL_PER_S = 1_200_000
"""Check-ins that a core of the usual machine decodes a second; machines differ by six."""


def kill_nine(layout: Layout, target: str) -> list[int]:
    """Kill a process of the stack with signal 9; give the ids killed.

    `target` is one of TARGETS. Of Python workers all are killed, as when memory runs out.
    """
    pids = worker_pids(layout) if target == PYTHON_WORKER else [pid_of(layout, target)]
    assert pids, f"no {target} is running"
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pids


def recovery_limit_s() -> float:
    """Give what a recovery may take now, on this machine.

    What waits for a core while other programs have it says nothing about us: beyond two
    runnable programs a core, which is what a recovery itself brings, the limit grows alike.
    """
    runnable = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return MUST_S * slowness() * max(1.0, runnable / 2)


@cache
def slowness() -> float:
    """Give how many times slower than the usual a core of this machine is; 1 if it is faster."""
    return max(1.0, USUAL_PER_S / decoded_per_s())


def pid_of(layout: Layout, name: str) -> int:
    """Give the id of a supervised process."""
    return int(layout.pid_of(name).read_text())


def worker_pids(layout: Layout) -> list[int]:
    """Give the ids of all Python workers of Flink, whoever started them."""
    return [process.pid for process in leftovers.of_state(layout.root) if _is_worker(process)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return any(WORKER_WORDS in word for word in process.cmdline())
    except psutil.Error:
        return False


def orphans(layout: Layout) -> list[int]:
    """Give the Python workers that do not belong to the TaskManager that runs now."""
    group = pid_of(layout, TASKMANAGER)
    return [pid for pid in worker_pids(layout) if _group(pid) not in (None, group)]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def resident_bytes(layout: Layout) -> int:
    """Give the memory that the TaskManager and its Python workers hold."""
    root = psutil.Process(pid_of(layout, TASKMANAGER))
    total = 0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def temporary_bytes(layout: Layout) -> int:
    """Give the size of everything that Flink's processes may lose."""
    total = 0
    for folder, _, files in os.walk(layout.flink_tmp):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


def wait_until_replaced(layout: Layout, target: str, killed: list[int], wait_s: float) -> None:
    """Wait until what was killed runs again under another id."""
    deadline = time.monotonic() + wait_s
    while not _successors(layout, target) - set(killed):
        assert time.monotonic() < deadline, f"{target} did not come back within {wait_s:.0f} s"
        time.sleep(0.2)


def _successors(layout: Layout, target: str) -> set[int]:
    if target == PYTHON_WORKER:
        return set(worker_pids(layout))
    with contextlib.suppress(OSError, ValueError):
        pid = pid_of(layout, target)
        return {pid} if psutil.pid_exists(pid) else set()
    return set()
