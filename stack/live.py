"""One line that says how a running stack is."""

from __future__ import annotations

from typing import Any

from stack import supervision
from stack.errors import NotRunningError, StoppingError
from stack.up import Stack


def line(stack: Stack) -> str:
    """Look once and give the line."""
    try:
        known = supervision.processes(stack.layout)
    except (NotRunningError, StoppingError):
        return "stopping"
    return described(known, stack.web.get("/api/status"))


def described(processes: list[dict[str, Any]], war_room: dict[str, Any] | None) -> str:
    """Say what is read, how fresh the picture is, and which process is in trouble."""
    # One that was never started is left out on purpose, as one that is done is: a city's stream.
    states = {one["name"]: supervision.state_of(one) for one in processes}
    wanted = {name: state for name, state in states.items() if state not in ("stopped", "finished")}
    trouble = [f"[red]{name} {state}[/]" for name, state in wanted.items() if state != "running"]
    health = ", ".join(trouble) or f"{len(wanted)} processes run"
    return " · ".join([*_numbers(war_room), health])


def _numbers(war_room: dict[str, Any] | None) -> list[str]:
    if not war_room:
        return ["the war room does not answer"]
    parts = [
        f"{war_room.get('read') or 0:,} read",
        f"{war_room.get('rejected') or 0:,} rejected",
        f"{war_room.get('late') or 0:,} late",
        f"{war_room.get('lag') or 0:,} waiting",
    ]
    fresh = war_room.get("freshness_s")
    return parts if fresh is None else [*parts, f"{fresh:,.1f} s old"]
