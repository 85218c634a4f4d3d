"""Commands of other parts: described in the help, imported only when called.

A part that cannot be imported takes down its own command and no other.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from stack.errors import SettingsError, StackError


@dataclass(frozen=True, slots=True)
class Part:
    """A command of another part: where its Typer app is, and what it does.

    `one` is for an app with several commands of which only the one of that name is meant.
    """

    module: str
    about: str
    one: bool = False


PARTS = {
    "rejects": Part("stack.rejects_cli", "Look into rejected check-ins and send them again."),
    "jobs": Part("jobs.cli", "List, check, submit, stop and upgrade jobs."),
    "city": Part("cities.cli", "Check city packs and make them."),
    "simulate": Part("simulators.cli", "Send a simulated city's check-ins.", one=True),
    "replay": Part("simulators.cli", "Send real data again, at a speed.", one=True),
    "evaluate": Part("simulators.cli", "Score results against a simulator's truth.", one=True),
    "bench": Part("stack.bench.cli", "Measure the figures of docs/benchmarks.md."),
}


def mount(app: typer.Typer, called: str | None) -> None:
    """Add every part's command to the app; import only the one that is called."""
    for name, part in PARTS.items():
        if name != called:
            app.command(name, help=part.about)(_nothing)
        elif part.one:
            mount_one(app, name, imported(name, part))
        else:
            app.add_typer(imported(name, part), name=name, help=part.about)


def mount_one(app: typer.Typer, name: str, part: typer.Typer) -> None:
    """Add the one command of that name."""
    for command in part.registered_commands:
        function = command.callback
        if function is not None and (command.name or function.__name__) == name:
            command.name = name
            app.registered_commands.append(command)
            return
    raise StackError(f"{name} is not available in this checkout")


def imported(name: str, part: Part) -> typer.Typer:
    """Import a part's app; one line where it cannot be."""
    try:
        app = importlib.import_module(part.module).app
    except (ImportError, AttributeError) as error:
        raise StackError(f"{name} is not available in this checkout: {error}") from None
    if not isinstance(app, typer.Typer):
        raise StackError(f"{name} is not available in this checkout: {part.module} has no app")
    return app


def _nothing() -> None:
    """Stand for a command while the help is shown."""


def stack_options(arguments: list[str]) -> tuple[list[str], Path | None, int | None]:
    """Take `--state DIR` and `--ports N` out of a part's arguments; parts read the environment.

    >>> stack_options(["list", "--ports", "8700", "--state=x"])
    (['list'], PosixPath('x'), 8700)
    """
    left: list[str] = []
    found: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option in ("--state", "--ports"):
            found[option] = value if equals else next(words, "")
            if not found[option]:
                raise SettingsError(f"{option}: expected a value behind it")
        else:
            left.append(word)
    state, ports = found.get("--state"), found.get("--ports")
    if ports is not None and not ports.isdecimal():
        raise SettingsError(f"--ports {ports}: expected a whole number")
    return left, Path(state) if state else None, int(ports) if ports else None


def part_environment(
    environ: Mapping[str, str], state: Path | None, ports: int | None
) -> dict[str, str]:
    """Give what a part's command reads: the user's own word first, then the state folder's."""
    from stack import programs, settings  # noqa: PLC0415 - help must be fast
    from stack.cli import layout_of  # noqa: PLC0415
    from stack.java import bundled_home  # noqa: PLC0415
    from stack.ports import Ports  # noqa: PLC0415

    layout = layout_of(state)
    stored = settings.load(layout.settings_file) or settings.Settings()
    base = Ports(ports or stored.ports)
    java = layout.java_file
    home = Path(java.read_text().strip()) if java.exists() else bundled_home()
    ours = programs.environment(layout, base, stored, home, environ)
    chosen = (
        {} if state or ports else {k: v for k, v in environ.items() if k.startswith("HEXLINE_")}
    )
    return ours | chosen


def prepare(arguments: list[str]) -> tuple[list[str], str | None]:
    """Ready arguments and environment for a part, if it is a part that is called."""
    called = arguments[0] if arguments and arguments[0] in PARTS else None
    if called is None:
        return arguments, None
    left, state, ports = stack_options(arguments)
    os.environ.update(part_environment(os.environ, state, ports))
    return left, called


def main() -> None:
    """Run a command; an error of ours, a full disk or a folder of others is one line."""
    from schemas.errors import SchemaError  # noqa: PLC0415
    from stack.cli import app  # noqa: PLC0415

    try:
        arguments, called = prepare(sys.argv[1:])
        mount(app, called)
        app(arguments, prog_name="hexline")
    except (StackError, SchemaError, OSError) as error:
        typer.secho(f"hexline: {error}", fg=typer.colors.RED, err=True)
        raise SystemExit(1) from None
