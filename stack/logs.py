"""The logs of the stack's processes."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

import typer

from stack.errors import SettingsError
from stack.layout import Layout

POLL_S = 0.3


def show(layout: Layout, name: str, *, lines: int, follow: bool) -> None:
    """Print the end of a process's log, and what comes after."""
    path = layout.log_of(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in layout.log.glob("*.log")))
        raise SettingsError(f"no log of {name!r} in {layout.root}: expected one of {known or '-'}")
    with path.open(errors="replace") as file:
        for line in deque(file, maxlen=lines):
            typer.echo(line, nl=False)
        while follow:
            typer.echo(file.read(), nl=False)
            time.sleep(POLL_S)
            if replaced(path, file.tell()):
                file.seek(0)


def replaced(path: Path, read: int) -> bool:
    """Say whether a log began anew since we read from it."""
    return path.exists() and path.stat().st_size < read
