"""`up` and `down` as a person sees them."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from rich.console import Console

from stack import leftovers, preflight, supervision, towns
from stack.errors import NotRunningError
from stack.layout import Layout
from stack.ports import url
from stack.settings import load, merged
from stack.steps import Steps
from stack.up import Stack, fetch_jars
from stack.up import down as stop_all
from stack.up import up as start_all

LOOK_EVERY_S = 2.0


class Asked(msgspec.Struct, frozen=True):
    """What the command line asked for; None where it said nothing."""

    city: str | None
    ports: int | None
    stream: bool | None
    rate: float | None
    speed: str | None


class Interrupted(BaseException):
    """Somebody wants the stack to stop."""


def up(layout: Layout, asked: Asked, *, detach: bool) -> None:
    """Start everything; then return, or stay until told to stop."""
    console = Console()
    if asked.city is not None:
        asked = msgspec.structs.replace(asked, city=towns.lasting(asked.city))
    stored = load(layout.settings_file)
    if stored is not None:
        stored = msgspec.structs.replace(stored, city=towns.lasting(stored.city))
    settings = merged(stored, **msgspec.structs.asdict(asked))
    where = f"Hexline · city {settings.city} · state in {layout.root}"
    console.print(where, highlight=False, markup=False)
    with interruptible():
        try:
            began = time.monotonic()
            stack = start_all(layout, settings, console)
            announce(stack, console, time.monotonic() - began)
            if detach:
                return
            stay(stack, console)
        except (KeyboardInterrupt, Interrupted):
            console.print("Stopping …")
            stop_all(layout)
            console.print("Stopped. Everything is kept; ./hexline up continues.")


def fetch(layout: Layout) -> None:
    """Fetch what a start needs; nothing where it is all there."""
    console = Console()
    preflight.check_folder(layout.root)
    preflight.check_disk(layout.root)
    layout.make()
    fetch_jars(layout, Steps(console))
    console.print(f"All there: {layout.jars}", highlight=False, markup=False)


@contextmanager
def interruptible() -> Iterator[None]:
    """Take a closed terminal and a polite kill for a Ctrl-C."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise Interrupted

    old = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def announce(stack: Stack, console: Console, seconds: float) -> None:
    """Print where everything is."""
    console.print(f"Ready after {seconds:.0f} s.", highlight=False)
    console.print(f"  [bold]War room  {url(stack.ports.web)}[/]", highlight=False)
    console.print(f"  Flink     {url(stack.ports.flink)}", highlight=False)
    console.print(f"  Broker    {stack.bus.bootstrap}", highlight=False)


def stay(stack: Stack, console: Console) -> None:
    """Show a live line until the stack is stopped, from here or from elsewhere."""
    from stack.live import line  # noqa: PLC0415

    console.print("Ctrl-C stops all.")
    with console.status("") as status:
        while supervision.is_running(stack.layout):
            status.update(line(stack))
            time.sleep(LOOK_EVERY_S)
    console.print("Stopped from elsewhere.")


def down(layout: Layout) -> None:
    """Stop everything; say so where nothing ran."""
    console = Console()
    try:
        supervision.line(layout)
    except NotRunningError:
        # A supervisor that was killed leaves running what it started.
        if not any(leftovers.of_state(layout.root)):
            raise
    with console.status("Stopping …"):
        killed = stop_all(layout)
    extra = f" ({killed} processes had to be killed)" if killed else ""
    console.print(f"Stopped{extra}. Everything is kept; ./hexline up continues.")
