"""The Flink cluster as its REST address describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stack.keeping import FlinkJob
from stack.rest import Rest

LONGEST_EXCEPTION = 300
AT_BEGIN = "CheckpointCoordinator.restoreSavepoint("
# What RocksDB says of a damaged file. A full disk or a lost temporary folder keeps a job from
# being restored too, but is no fault of its state.
WHEN_RESTORED = "Could not restore"
DAMAGED = ("magic number", "checksum mismatch", "Corruption", "corrupted")


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen of one job.

    `damaged` is the checkpoint, or its folder, from which a job without one of its own cannot
    be restored; empty where no failure says so.
    """

    state: str
    vertices: tuple[str, ...]
    checkpoint_ms: int | None
    restarts: int
    exception: str
    damaged: str = ""


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
    failure = _failure(rest, job_id) if job["state"] != "RUNNING" else ""
    return Sight(
        state=job["state"],
        vertices=tuple(vertex["status"] for vertex in job["vertices"]),
        checkpoint_ms=int(latest["latest_ack_timestamp"]) if latest else None,
        restarts=int(points["counts"].get("restored", 0)),
        exception=failure[:LONGEST_EXCEPTION],
        damaged=_restored(points) if latest is None and _is_damage(failure) else "",
    )


def refuses_state(rest: Rest, name: str, since_ms: int) -> bool:
    """Say whether a job of this name, begun since, has failed for the state it was given."""
    return any(
        AT_BEGIN in _failure(rest, job.job_id)
        for job in jobs(rest) or []
        if job.name == name and job.state == "FAILED" and job.start_ms >= since_ms
    )


def _is_damage(failure: str) -> bool:
    return WHEN_RESTORED in failure and any(word in failure for word in DAMAGED)


def _restored(points: Any) -> str:
    restored = points["latest"].get("restored") or {}
    return str(restored.get("external_path", "")).removeprefix("file:")


def _failure(rest: Rest, job_id: str) -> str:
    said = rest.get(f"/jobs/{job_id}/exceptions?maxExceptions=1") or {}
    entries = said.get("exceptionHistory", {}).get("entries", [])
    return str(entries[0].get("stacktrace", "")) if entries else ""
