"""The logs of the stack's processes."""

from __future__ import annotations

import os
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

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
    file = path.open("rb")
    for line in deque(file, maxlen=lines):
        typer.echo(line.decode(errors="replace"), nl=False)
    if follow:
        for text in grown(path, file):
            typer.echo(text, nl=False)
            time.sleep(POLL_S)
    file.close()


def grown(path: Path, file: IO[bytes]) -> Iterator[str]:
    """Give what is written behind what was read of a log, for ever; also where it turns over.

    A log that is full is moved away and another begins in its place: the rest of the old one
    comes first. One that was cut off is read from its begin.
    """
    decoder = getincrementaldecoder("utf-8")("replace")
    while True:
        moved = turned_over(path, file)
        yield decoder.decode(file.read())
        if moved:
            file.close()
            file = path.open("rb")
        elif os.fstat(file.fileno()).st_size < file.tell():
            file.seek(0)


def turned_over(path: Path, file: IO[bytes]) -> bool:
    """Say whether another log has taken the place of the one that is open."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False  # between the two
