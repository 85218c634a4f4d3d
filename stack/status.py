"""How a running stack is: one answer for people and programs.

The accounts come from the compacted topic of the jobs' progress, so that they can be had
without the war room.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from schemas.topics import CHECKINS
from stack import accounts, bus, cluster, launch, preflight, progress, records, supervision
from stack.accounts import Accounts
from stack.errors import NotRunningError, StackError
from stack.java import bundled_home
from stack.keeping import JobRecord
from stack.layout import Layout
from stack.ports import url
from stack.settings import load
from stack.up import Stack, is_replayed

RATE_OVER_S = 1.0


def stack_in(layout: Layout) -> Stack:
    """Give the stack that was started in a state folder.

    Raises
    ------
    NotRunningError
        None was.
    """
    settings = load(layout.settings_file)
    if settings is None:
        raise NotRunningError(f"nothing was started in {layout.root}: start it with ./hexline up")
    return Stack(layout, settings, bundled_home())


def status(stack: Stack) -> dict[str, Any]:
    """Look at everything once, for about a second."""
    processes = supervision.processes(stack.layout)
    before = time.monotonic(), _accounts(stack)
    time.sleep(RATE_OVER_S)
    now_ms = int(time.time() * 1000)
    after = time.monotonic(), _accounts(stack)
    return {
        **addresses(stack),
        "disk_free_bytes": preflight.free_bytes(stack.layout.root),
        **_numbers(after[1], _web(stack), _freshness(stack, after[1], now_ms)),
        "rates": rates(before, after),
        "processes": [
            process(info, launch.starts(stack.layout, info["name"])) for info in processes
        ],
        "jobs": _jobs(stack, now_ms),
    }


def addresses(stack: Stack) -> dict[str, Any]:
    """Give where the parts listen, and what they were started with."""
    return {
        "city": stack.settings.city,
        "state": str(stack.layout.root),
        "broker": stack.bus.bootstrap,
        "web": url(stack.ports.web),
        "flink": url(stack.ports.flink),
    }


def _accounts(stack: Stack) -> Accounts | None:
    """Give the accounts; None while the broker is away."""
    try:
        parts = bus.extents(stack.bus, [CHECKINS.name])
        return accounts.accounts(progress.latest(stack.bus), parts)
    except StackError:
        return None


def _web(stack: Stack) -> dict[str, Any]:
    return stack.web.get("/api/status") or {}


def _freshness(stack: Stack, known: Accounts | None, now_ms: int) -> float | None:
    if known is None:
        return None
    return accounts.freshness_s(known, now_ms, replayed=is_replayed(stack))


def _numbers(known: Accounts | None, web: dict[str, Any], own: float | None) -> dict[str, Any]:
    """Give the accounts; freshness is the war room's where it runs, for it knows the clock."""
    names = ("read", "accepted", "rejected", "late", "lag", "lag_by_partition", "skipped")
    return {
        **{name: getattr(known, name) if known else None for name in names},
        "adds_up": known.adds_up() if known else None,
        "newest_arrival_ms": known.newest_arrival_ms if known else None,
        "freshness_s": web.get("freshness_s", own),
        "completeness": web.get("completeness"),
        "viewers": web.get("hub", {}).get("viewers"),
    }


def rates(
    before: tuple[float, Accounts | None], after: tuple[float, Accounts | None]
) -> dict[str, float | None]:
    """Give what happened a second between two looks; None where one of them saw nothing."""
    (began, first), (ended, last) = before, after
    if first is None or last is None or ended <= began:
        return {"read_per_s": None, "written_per_s": None}
    seconds = ended - began
    read = last.read - first.read
    return {
        "read_per_s": read / seconds,
        "written_per_s": (read + last.lag - first.lag) / seconds,
    }


def process(info: dict[str, Any], started: int) -> dict[str, Any]:
    """Give what is worth knowing of one process."""
    running = info["statename"] == "RUNNING"
    return {
        "name": info["name"],
        "state": supervision.state_of(info),
        "pid": info["pid"] or None,
        "uptime_s": info["now"] - info["start"] if running else None,
        "restarts": max(0, started - 1),
    }


def _jobs(stack: Stack, now_ms: int) -> list[dict[str, Any]]:
    kept = records.load(stack.layout.jobs_file)
    return [
        job(name, record, _sight(stack, record), now_ms) for name, record in sorted(kept.items())
    ]


def _sight(stack: Stack, record: JobRecord) -> cluster.Sight | None:
    return cluster.sight(stack.flink, record.job_id) if record.job_id else None


def job(name: str, record: JobRecord, sight: cluster.Sight | None, now_ms: int) -> dict[str, Any]:
    """Give what is worth knowing of one job."""
    completed = sight.checkpoint_ms if sight else record.checkpoint_ms or None
    return {
        "name": name,
        "job_id": record.job_id,
        "state": (sight.state if sight else record.state).lower(),
        "healthy": record.healthy,
        "checkpoint_age_s": None if completed is None else (now_ms - completed) / 1000,
        "restarts": sight.restarts if sight else None,
        "submissions": record.submissions,
        "remark": record.remark,
    }


def as_json(known: dict[str, Any]) -> str:
    """Write a status for programs."""
    return msgspec.json.format(msgspec.json.encode(known), indent=2).decode()
