"""`hexline bench NAME`: run one bench, print its figures, write them as JSON."""

from __future__ import annotations

import importlib
import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stack.bench import BENCHES, Bench
from stack.bench.rows import Row
from stack.errors import StackError
from stack.leftovers import MARK
from stack.running import Interrupted, interruptible

app = typer.Typer(
    help="Measure the figures of docs/benchmarks.md; exit 1 if one is not what it must be.",
    no_args_is_help=True,
)
out = Console()


def add_bench(name: str, bench: Bench) -> None:
    """Make one bench a command: `bench null-data [name=value …] [--json FILE]`."""

    def measure(
        options: Annotated[list[str] | None, typer.Argument(help="name=value, see above.")] = None,
        json_file: Annotated[
            Path | None, typer.Option("--json", help="Write figures here.")
        ] = None,
    ) -> None:
        show(name, options or [], json_file)

    dashed = name.replace("_", "-")
    app.command(dashed, help=bench.text(), short_help=bench.about)(measure)
    if dashed != name:
        app.command(name, help=bench.text(), hidden=True)(measure)


for _name, _bench in BENCHES.items():
    add_bench(_name, _bench)


def show(name: str, options: list[str], json_file: Path | None) -> None:
    """Run one bench and print its figures; one line where it cannot run."""
    try:
        with interruptible():
            rows = run(name, options)
    except Interrupted:
        typer.echo(f"bench {name}: stopped; what it started has ended", err=True)
        raise typer.Exit(130) from None
    except StackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    out.print(table(name, rows))
    if json_file is not None:
        json_file.write_text(json.dumps(report(name, rows), indent=2, ensure_ascii=False) + "\n")
    if not all(row.good for row in rows):
        raise typer.Exit(1)


def run(name: str, options: list[str]) -> list[Row]:
    """Run one bench by name; `risk-evidence` is `risk_evidence`."""
    name = name.replace("-", "_")
    if name not in BENCHES:
        raise StackError(f"bench {name!r} is not one of {', '.join(BENCHES)}")
    words = chosen(name, options)
    # With it, what a bench starts would be ended by the next `up` or `down` of another stack.
    os.environ.pop(MARK, None)
    rows: list[Row] = importlib.import_module(f"stack.bench.{name}").run(words)
    if not rows:  # all of nothing is good, and would pass for a bench that was run
        raise StackError(f"bench {name}: nothing was measured with {' '.join(options) or 'this'}")
    return rows


def chosen(name: str, options: list[str]) -> dict[str, str]:
    """Read the `name=value` words; one that the bench does not know is refused.

    >>> chosen("map", ["rounds=3"])
    {'rounds': '3'}
    """
    known = BENCHES[name].options
    words: dict[str, str] = {}
    for option in options:
        word, equals, value = option.partition("=")
        if not equals or not value or word not in known:
            may = ", ".join(f"{each}=…" for each in known)
            raise StackError(f"bench {name}: {option!r} is not an option: expected {may}")
        words[word] = value
    return words


def table(name: str, rows: list[Row]) -> Table:
    """Draw the figures."""
    drawn = Table("", title=f"bench {name}", box=None, header_style="dim")
    for column in ("figure", "", "must be"):
        drawn.add_column(column, justify="right" if column == "figure" else "left")
    for row in rows:
        colour = "green" if row.good else "red"
        must = f"[{colour}]{row.must}[/]" if row.must else ""
        drawn.add_row(row.name, f"{row.value:,.10g}", row.unit, must)
    return drawn


def report(name: str, rows: list[Row]) -> dict[str, object]:
    """Give the figures with when and on what they were measured."""
    return {
        "bench": name,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "load_average": os.getloadavg()[0],
        "rows": [asdict(row) for row in rows],
    }
