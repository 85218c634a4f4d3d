"""One line that says how a running stack is."""

from __future__ import annotations

from typing import Any

from stack import preflight, supervision
from stack.errors import NotRunningError, StoppingError
from stack.up import Stack


def line(stack: Stack) -> str:
    """Look once and give the line."""
    try:
        known = supervision.processes(stack.layout)
    except (NotRunningError, StoppingError):
        return "stopping"
    free_bytes = preflight.free_bytes(stack.layout.root)
    return described(known, stack.web.get("/api/status"), free_bytes)


def described(
    processes: list[dict[str, Any]], war_room: dict[str, Any] | None, free_bytes: int
) -> str:
    """Say what is read, how fresh the picture is, and what is in trouble: a process, the disk."""
    # One that was never started is left out on purpose, as one that is done is: a city's stream.
    states = {one["name"]: supervision.state_of(one) for one in processes}
    wanted = {name: state for name, state in states.items() if state not in ("stopped", "finished")}
    trouble = [f"[red]{name} {state}[/]" for name, state in wanted.items() if state != "running"]
    if free_bytes < preflight.LEAST_FREE_BYTES:
        trouble.append(f"[red]{free_bytes / preflight.GIB:.1f} GiB left on the disk[/]")
    health = ", ".join(trouble) or f"{len(wanted)} processes run"
    return " · ".join([*_numbers(war_room), health])


def _numbers(war_room: dict[str, Any] | None) -> list[str]:
    if not war_room:
        return ["the war room does not answer"]
    words = {"read": "read", "rejected": "rejected", "late": "late", "lag": "waiting"}
    parts = [f"{_known(war_room.get(name))} {word}" for name, word in words.items()]
    fresh = war_room.get("freshness_s")
    return [*parts, "of unknown age" if fresh is None else f"{fresh:,.1f} s old"]


def _known(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"
