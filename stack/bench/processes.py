"""What the processes of one stack use, by program: memory that is theirs, and processor time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from stack import leftovers
from stack.layout import Layout
from stack.programs import NAMES

SUPERVISOR = "supervisor"


def memory_mib(layout: Layout) -> dict[str, float]:
    """Give the proportional set size of each program with its children: shared pages once."""
    sizes: dict[str, float] = {}
    for name, process in named(layout):
        try:
            size = process.memory_full_info().pss / (1 << 20)
        except psutil.Error:
            continue
        sizes[name] = sizes.get(name, 0.0) + size
    return sizes


def processor_s(layout: Layout) -> dict[str, float]:
    """Give the processor seconds of each program, those of children that have ended included."""
    seconds: dict[str, float] = {}
    for name, process in named(layout):
        try:
            used = sum(process.cpu_times()[:4])
        except psutil.Error:
            continue
        seconds[name] = seconds.get(name, 0.0) + used
    return seconds


def named(layout: Layout) -> Iterator[tuple[str, psutil.Process]]:
    """Give every process of a state folder with the name of its program."""
    groups = groups_of(layout.run)
    for process in leftovers.of_state(layout.root):
        try:
            group = os.getpgid(process.pid)
        except OSError:
            continue
        yield groups.get(group, SUPERVISOR), process


def groups_of(run: Path) -> Mapping[int, str]:
    """Give the process groups of the programs that run: a program's id is its group's."""
    files = {name: run / f"{name}.pid" for name in NAMES}
    return {int(file.read_text()): name for name, file in files.items() if file.exists()}
