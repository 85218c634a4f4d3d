"""Status and lists as tables for people."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from stack.preflight import GIB, LEAST_FREE_BYTES

GOOD = {
    "running": "green",
    "healthy": "green",
    "starting": "yellow",
    "stopped": "dim",
    "finished": "dim",
}


def status_tables(known: dict[str, Any]) -> Group:
    """Draw a status."""
    return Group(_head(known), _processes(known["processes"]), _jobs(known["jobs"]))


def _head(known: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name in ("city", "state", "web", "broker", "flink"):
        table.add_row(f"[dim]{name}[/]", escape(str(known[name])))
    table.add_row("[dim]input[/]", _input(known))
    table.add_row("[dim]rate[/]", _rate(known))
    table.add_row("[dim]freshness[/]", _or_unknown(known["freshness_s"], "{:.1f} s"))
    table.add_row("[dim]disk[/]", _disk(known["disk_free_bytes"]))
    return table


def _input(known: dict[str, Any]) -> str:
    if known["read"] is None:
        return "[red]the broker is away[/]"
    parts = " + ".join(f"{known[name]:,} {name}" for name in ("accepted", "rejected", "late"))
    gone = f"; [red]{known['skipped']:,} gone before they were read[/]" if known["skipped"] else ""
    return f"{known['read']:,} read {'=' if known['adds_up'] else '[red]≠[/]'} {parts}{gone}"


def _rate(known: dict[str, Any]) -> str:
    read = _or_unknown(known["rates"]["read_per_s"], "{:,.0f} read/s")
    written = _or_unknown(known["rates"]["written_per_s"], "{:,.0f} written/s")
    return f"{read}, {written}, {_or_unknown(known['lag'], '{:,} waiting')}"


def _disk(free_bytes: int) -> str:
    room = f"{free_bytes / GIB:,.1f} GiB free"
    if free_bytes >= LEAST_FREE_BYTES:
        return room
    return f"[red]{room}: make room; broker and jobs stop where it is full[/]"


def _or_unknown(value: Any, form: str) -> str:
    return "unknown" if value is None else form.format(value)


def _processes(processes: list[dict[str, Any]]) -> Table:
    table = Table("process", "state", "pid", "up for", "restarts", box=None, header_style="dim")
    for one in processes:
        table.add_row(
            one["name"], _coloured(one["state"]), str(one["pid"] or ""),
            _duration(one["uptime_s"]), str(one["restarts"]),
        )  # fmt: skip
    return table


def _jobs(jobs: list[dict[str, Any]]) -> Table:
    table = Table("job", "state", "checkpoint", "restarts", "remark", box=None, header_style="dim")
    for one in jobs:
        age = _or_unknown(one["checkpoint_age_s"], "{:.0f} s ago")
        state = "healthy" if one["healthy"] else one["state"]
        restarts = _or_unknown(one["restarts"], "{}")
        table.add_row(one["name"], _coloured(state), age, restarts, escape(one["remark"]))
    return table


def _coloured(state: str) -> str:
    return f"[{GOOD.get(state, 'red')}]{state}[/]"


def _duration(seconds: float | None) -> str:
    """Write a duration with its two largest units.

    >>> _duration(3_725)
    '1 h 2 min'
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
