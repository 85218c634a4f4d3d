"""What is right and wrong with this machine and state folder, one line a thing."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
from rich.console import Console
from rich.markup import escape

from stack import flink, jars, preflight, settings, supervision
from stack.errors import StackError
from stack.java import find_java_home, major_version
from stack.layout import Layout
from stack.ports import Ports

GIB = 1 << 30
COMFORTABLE_MEMORY_BYTES = 6 * GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and whether that keeps the stack from starting."""

    subject: str
    remark: str
    good: bool = True


def examine(layout: Layout, ports: int | None) -> bool:
    """Print every finding; say whether the stack could start."""
    console = Console(highlight=False)
    findings = list(look(layout, ports))
    for finding in findings:
        mark = "[green]✓[/]" if finding.good else "[red]✗[/]"
        console.print(f"{mark} {finding.subject:10} {escape(finding.remark)}", soft_wrap=True)
    return all(finding.good for finding in findings)


def look(layout: Layout, ports: int | None) -> Iterator[Finding]:
    """Look at one thing after the other."""
    yield Finding("Python", f"{platform.python_version()} at {sys.executable}")
    yield tried("Java", _java)
    yield tried("Flink", lambda: f"distribution in {flink.home()}")
    yield tried("Jars", lambda: _jars(layout))
    yield tried("Folder", lambda: _folder(layout))
    yield tried("Disk", lambda: _disk(layout))
    yield _memory()
    yield tried("Ports", lambda: _ports(layout, ports))
    yield _browser()


def tried(subject: str, look_at: Callable[[], str]) -> Finding:
    """Make a finding of what a look returned or raised."""
    try:
        return Finding(subject, look_at())
    except (StackError, ImportError, OSError) as error:
        return Finding(subject, str(error), good=False)


def _java() -> str:
    home = find_java_home(os.environ)
    return f"{major_version(home)} at {home}"


def _jars(layout: Layout) -> str:
    wanted = jars.locked()
    lacking = jars.missing(wanted, layout.jars)
    if not lacking:
        return f"{len(wanted)} in {layout.jars}"
    return f"{len(lacking)} of {len(wanted)} will be fetched at the first start"


def _folder(layout: Layout) -> str:
    preflight.check_folder(layout.root)
    return str(layout.root) if layout.root.exists() else f"{layout.root} will be made"


def _disk(layout: Layout) -> str:
    preflight.check_disk(layout.root)
    return f"{preflight.free_bytes(layout.root) / GIB:.0f} GiB free"


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    few = "" if free >= COMFORTABLE_MEMORY_BYTES else ": a running stack takes up to 5"
    cores = len(os.sched_getaffinity(0))
    return Finding("Memory", f"{free / GIB:.1f} GiB free{few}, {cores} cores")


def _ports(layout: Layout, ports: int | None) -> str:
    stored = settings.load(layout.settings_file) or settings.Settings()
    chosen = Ports(ports or stored.ports)
    running = layout.root.exists() and supervision.is_running(layout)
    if running:
        return f"{chosen.base} and the nine after it, in use by what runs here"
    preflight.check_ports(chosen)
    return f"{chosen.base} and the nine after it are free"


def _browser() -> Finding:
    from stack.suites import find_chromium  # noqa: PLC0415

    found = find_chromium()
    return Finding("Browser", found or "no chromium: the browser tests cannot run here")
