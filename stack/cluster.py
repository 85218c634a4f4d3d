"""The Flink cluster as its REST address describes it."""

from __future__ import annotations

from dataclasses import dataclass

from stack.keeping import FlinkJob
from stack.rest import Rest

LONGEST_EXCEPTION = 300


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen of one job."""

    state: str
    vertices: tuple[str, ...]
    checkpoint_ms: int | None
    restarts: int
    exception: str


def jobs(rest: Rest) -> list[FlinkJob] | None:
    """List every job; None where no JobManager answers."""
    said = rest.get("/jobs/overview")
    if said is None:
        return None
    return [
        FlinkJob(job["jid"], job["name"], job["state"], int(job["start-time"]))
        for job in said["jobs"]
    ]


def cancel(rest: Rest, job_id: str) -> None:
    """Ask for a job to be cancelled; it has ended only some time later."""
    rest.patch(f"/jobs/{job_id}?mode=cancel")


def slots(rest: Rest) -> int:
    """Give the number of slots that TaskManagers offer; 0 where nobody answers."""
    said = rest.get("/overview")
    return int(said["slots-total"]) if said else 0


def sight(rest: Rest, job_id: str) -> Sight | None:
    """Look at one job; None where it is not known."""
    job = rest.get(f"/jobs/{job_id}")
    points = rest.get(f"/jobs/{job_id}/checkpoints")
    if job is None or points is None:
        return None
    latest = points["latest"]["completed"]
    return Sight(
        state=job["state"],
        vertices=tuple(vertex["status"] for vertex in job["vertices"]),
        checkpoint_ms=int(latest["latest_ack_timestamp"]) if latest else None,
        restarts=int(points["counts"].get("restored", 0)),
        exception=_exception(rest, job_id) if job["state"] != "RUNNING" else "",
    )


def _exception(rest: Rest, job_id: str) -> str:
    said = rest.get(f"/jobs/{job_id}/exceptions?maxExceptions=1") or {}
    entries = said.get("exceptionHistory", {}).get("entries", [])
    return str(entries[0].get("stacktrace", ""))[:LONGEST_EXCEPTION] if entries else ""
