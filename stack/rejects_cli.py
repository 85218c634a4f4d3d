"""`./hexline rejects`: look into what could not be used, repair it and send it again."""

from __future__ import annotations

import base64
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.broker import Broker
from schemas.records import Rejected
from stack import rejects
from stack.errors import SettingsError, StackError
from stack.settings import DEFAULT_CITY

app = typer.Typer(help="Look into rejected check-ins, repair them, send them again.")
console = Console(highlight=False, soft_wrap=True)

ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Only rejects whose reason holds this text.")
]
KeyArgument = Annotated[str, typer.Argument(help="topic-partition-offset of the input.")]


def broker() -> Broker:
    """Give the broker that the environment names; `--state` and `--ports` set it."""
    return Broker.from_env(os.environ)


def _moment(instant_ms: int) -> str:
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds")


@app.command("list")
def list_rejects(
    reason: ReasonOption = None,
    limit: Annotated[int, typer.Option("-n", help="At most so many, the newest.", min=1)] = 50,
) -> None:
    """List rejects, and count them by field."""
    found = list(rejects.matching(rejects.all_rejects(broker()).values(), reason))
    table = Table("key", "arrived", "bytes", "reason", box=None, header_style="dim")
    for record in found[-limit:]:
        table.add_row(
            rejects.key_of(record), _moment(record.arrival_ms), str(len(record.payload)),
            Text(record.reason),
        )  # fmt: skip
    console.print(table)
    fields = Counter(record.reason.partition(":")[0] for record in found)
    counted = ", ".join(f"{name} {count:,}" for name, count in fields.most_common())
    console.print(f"{len(found):,} rejected" + (f": {counted}" if counted else ""))


@app.command()
def show(
    key: KeyArgument,
    raw: Annotated[bool, typer.Option("--raw", help="The payload alone, byte by byte.")] = False,
) -> None:
    """Show one reject with its payload."""
    record = rejects.one(broker(), key)
    if raw:
        typer.echo(record.payload, nl=False)
        return
    _describe(record)


def _describe(record: Rejected) -> None:
    console.print(f"key      {rejects.key_of(record)}")
    console.print(f"arrived  {_moment(record.arrival_ms)}")
    console.print("reason   ", end="")
    console.print(record.reason, markup=False)
    console.print(f"payload  {len(record.payload)} bytes")
    try:
        console.print(_harmless(record.payload.decode()), markup=False)
    except UnicodeDecodeError:
        console.print(f"base64 {base64.b64encode(record.payload).decode()}", markup=False)


def _harmless(text: str) -> str:
    """Spell out what a terminal would obey; a payload is somebody else's text."""
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else repr(sign)[1:-1] for sign in text
    )


@app.command()
def replay(
    keys: Annotated[list[str] | None, typer.Argument(help="Keys of rejects.")] = None,
    reason: ReasonOption = None,
    payload: Annotated[
        Path | None, typer.Option("--payload", help="File with the repaired payload of one key.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send unchanged ones that are bad.")] = False,
) -> None:
    """Send rejects again: repaired from a file, or unchanged (after a repair of the city pack)."""
    bus = broker()
    chosen = _chosen(bus, keys or [], reason)
    if payload is not None and len(chosen) != 1:
        raise SettingsError(f"--payload repairs one reject: {len(chosen)} are chosen")
    again = [
        (rejects.key_of(record), payload.read_bytes() if payload else record.payload)
        for record in chosen
    ]
    bad = [key for key, text in again if rejects.verdict(text) != "sound in form"]
    if bad and not yes:
        raise SettingsError(
            f"{len(bad)} of {len(again)} would be rejected again, {bad[0]} for one: repair it "
            f"with --payload FILE, or send all the same with --yes"
        )
    arrival_ms = rejects.clock_ms(bus, os.environ.get("HEXLINE_CITY", DEFAULT_CITY))
    _report(rejects.send_again(bus, again, arrival_ms), arrival_ms)


def _chosen(bus: Broker, keys: list[str], reason: str | None) -> list[Rejected]:
    if keys:
        found = [rejects.one(bus, key) for key in dict.fromkeys(keys)]
        return list(rejects.matching(found, reason))
    if reason is None:
        raise SettingsError("nothing chosen: give keys, or --reason TEXT")
    return list(rejects.matching(rejects.all_rejects(bus).values(), reason))


def _report(sent: list[rejects.Sent], arrival_ms: int | None) -> None:
    for one in sent:
        where = "" if one.partition is None else f"checkins-{one.partition}-{one.offset}: "
        console.print(f"{one.key} -> {where}{one.remark}", markup=False)
    there = sum(one.partition is not None for one in sent)
    when = "now" if arrival_ms is None else f"at {_moment(arrival_ms)}, by the replay's clock"
    console.print(f"{there:,} sent; they arrive {when}, and count unless they are late by now")
    if there < len(sent):
        raise StackError(f"{len(sent) - there:,} of {len(sent):,} were not sent: see above")
