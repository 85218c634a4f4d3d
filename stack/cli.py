"""The command line: `./hexline COMMAND`; every command's work is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stack.layout import DEFAULT_STATE, Layout

app = typer.Typer(
    help="Hexline: streaming heat maps for epidemic command centres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StateOption = Annotated[
    Path | None, typer.Option("--state", help="Folder with everything a stack keeps.")
]
PortsOption = Annotated[int | None, typer.Option("--ports", help="First of ten ports in a row.")]


def layout_of(state: Path | None) -> Layout:
    """Give the state folder asked for, or the checkout's own."""
    return Layout((state or DEFAULT_STATE).absolute())


@app.command()
def up(  # noqa: PLR0917 - one argument an option
    city: Annotated[
        str | None, typer.Option(help="A city pack by name (wuhan, nyc), or its folder.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Check-ins a second of a live city.", min=0.1)
    ] = None,
    speed: Annotated[
        str | None, typer.Option(help="Seconds of a replayed city a second, or max.")
    ] = None,
    stream: Annotated[
        bool | None, typer.Option("--stream/--no-stream", help="With the city's own stream.")
    ] = None,
    detach: Annotated[bool, typer.Option("-d", "--detach", help="Return when all runs.")] = False,
    state: StateOption = None,
    ports: PortsOption = None,
) -> None:
    """Start everything and print the address of the war room; Ctrl-C stops all."""
    from stack import running  # noqa: PLC0415 - help must be fast, here and below

    asked = running.Asked(city=city, ports=ports, stream=stream, rate=rate, speed=speed)
    running.up(layout_of(state), asked, detach=detach)


@app.command()
def down(state: StateOption = None) -> None:
    """Stop everything that runs in a state folder."""
    from stack import running  # noqa: PLC0415

    running.down(layout_of(state))
