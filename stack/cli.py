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


def layout_of(state: Path | None, ports: int | None = None) -> Layout:
    """Give the state folder asked for, or the checkout's own; its ports must be those asked for."""
    from stack.settings import require_ports  # noqa: PLC0415 - help must be fast, here and below

    layout = Layout((state or DEFAULT_STATE).absolute())
    if ports is not None:
        require_ports(layout, ports)
    return layout


@app.command()
def up(  # noqa: PLR0917 - one argument an option
    city: Annotated[
        str | None, typer.Option(help="A city pack by name (wuhan, nyc), or its folder.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Check-ins a second of a live city.", min=0.1, max=1e6)
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
    from stack import running  # noqa: PLC0415

    asked = running.Asked(city=city, ports=ports, stream=stream, rate=rate, speed=speed)
    running.up(layout_of(state), asked, detach=detach)


@app.command()
def fetch(state: StateOption = None) -> None:
    """Fetch everything that a start needs, without starting: for images and offline machines."""
    from stack import running  # noqa: PLC0415

    running.fetch(layout_of(state))


@app.command()
def down(state: StateOption = None, ports: PortsOption = None) -> None:
    """Stop everything that runs in a state folder."""
    from stack import running  # noqa: PLC0415

    running.down(layout_of(state, ports))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    state: StateOption = None,
    ports: PortsOption = None,
) -> None:
    """Say how everything is: processes, jobs, what was read and what became of it."""
    from rich import print as show  # noqa: PLC0415

    from stack import status as look  # noqa: PLC0415
    from stack.tables import status_tables  # noqa: PLC0415

    known = look.status(look.stack_in(layout_of(state, ports)))
    if as_json:
        typer.echo(look.as_json(known))
    else:
        show(status_tables(known))


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="A process, for example war-room.")],
    lines: Annotated[int, typer.Option("-n", help="Lines from the end.", min=0)] = 50,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as it grows.")] = False,
    state: StateOption = None,
    ports: PortsOption = None,
) -> None:
    """Show the log of one process."""
    from stack import logs as the_logs  # noqa: PLC0415

    the_logs.show(layout_of(state, ports), name, lines=lines, follow=follow)


@app.command()
def topics(state: StateOption = None, ports: PortsOption = None) -> None:
    """List the topics with their offsets and sizes."""
    from rich import print as show  # noqa: PLC0415

    from stack.status import stack_in  # noqa: PLC0415
    from stack.topics import topics_table  # noqa: PLC0415

    show(topics_table(stack_in(layout_of(state, ports))))


@app.command()
def doctor(state: StateOption = None, ports: PortsOption = None) -> None:
    """Check this machine and the state folder, one line a thing."""
    from stack import doctor as the_doctor  # noqa: PLC0415

    if not the_doctor.examine(layout_of(state), ports):
        raise typer.Exit(1)


@app.command()
def check() -> None:
    """Check the code: ruff, mypy, import contracts, doctests."""
    from stack import suites  # noqa: PLC0415

    raise typer.Exit(suites.check())


@app.command()
def test(
    suite: Annotated[str, typer.Argument(help="unit, stream, browser, drill or all.")] = "all",  # noqa: PT028
) -> None:
    """Run the tests."""
    from stack import suites  # noqa: PLC0415

    raise typer.Exit(suites.test(suite))
