"""Health: may a load balancer send people here, and if not, why."""

from __future__ import annotations

from typing import Any

from dashboard.hub.layers import RESOLUTIONS

STUCK_MS = 5_000
"""The hub publishes each second; silence for this long means that its thread hangs."""


def health(status: dict[str, Any], age_ms: int, fresh_ms: int) -> dict[str, Any]:
    """Say whether the picture can be trusted; an empty one can, once all has been read.

    Parameters
    ----------
    status : dict
        What `/api/status` answers.
    age_ms : int
        How long ago the hub last published.
    fresh_ms : int
        The oldest picture that is still healthy on a live clock.
    """
    reasons = list(_reasons(status, age_ms, fresh_ms))
    return {
        "healthy": not reasons,
        "state": status["state"],
        "reasons": reasons,
        "freshness_s": status["freshness_s"],
        "resolutions": list(RESOLUTIONS),
    }


def _reasons(status: dict[str, Any], age_ms: int, fresh_ms: int) -> list[str]:
    reasons = []
    if age_ms > STUCK_MS:
        reasons.append(f"the hub has published nothing for {age_ms / 1000:.0f} s")
    if status["trouble"]:
        reasons.append(status["trouble"])
    if status["state"] == "loading":
        reasons.append("loading: still reading what was on the bus")
    if status["state"] == "catching":
        read = 100 * (status["completeness"] or 0)
        reasons.append(f"catching up with the log: {read:.1f} % is read")
    if status["state"] == "stalled":
        reasons.append(f"the counting job reads nothing: {status['lag']} messages wait in the log")
    freshness_s = status["freshness_s"]
    if status["clock"] == "live" and freshness_s is not None and freshness_s * 1000 > fresh_ms:
        reasons.append(f"the newest check-in is {freshness_s:.0f} s old")
    return reasons
