"""How a start is shown: one line a step, with the seconds it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Steps:
    """Shows steps one after the other; a step may say how far it is."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[Status]:
        """Show a step while it runs, and its seconds when it is done."""
        began = time.monotonic()
        with self.console.status(f"{name} …") as status:
            yield status
        self.done(name, time.monotonic() - began)

    def done(self, name: str, seconds: float) -> None:
        """Show that a step is done."""
        self.console.print(f"  [green]✓[/] {name} [dim]{seconds:.1f} s[/]", highlight=False)

    def remark(self, text: str) -> None:
        """Show a remark."""
        self.console.print(f"  [yellow]·[/] {text}", highlight=False)

    def elapsed_s(self) -> float:
        """Give the seconds since the first step began."""
        return time.monotonic() - self.started
