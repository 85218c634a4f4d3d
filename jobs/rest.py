"""Flink's REST address: what is asked of it, and what its answers mean."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.errors import ClusterError, NotHealthyError, NotRunningError

TIMEOUT_S = 10.0
POLL_S = 0.25
ACTIVE = frozenset({"INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "RECONCILING"})

# Loopback and cluster addresses are never behind a proxy of ours.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class FlinkJob:
    """One job as Flink lists it."""

    job_id: str
    name: str
    state: str
    start_ms: int

    @property
    def is_active(self) -> bool:
        """Say whether it runs, or tries to."""
        return self.state in ACTIVE


@dataclass(frozen=True, slots=True)
class Health:
    """What can be seen of one job; `wrong` is empty where all is well.

    RUNNING alone proves nothing: a job in a crash loop shows it too. It is healthy once every
    vertex runs and a checkpoint has been completed since it was submitted.
    """

    state: str
    checkpoint_ms: int | None
    checkpoint_path: str | None
    wrong: str


@dataclass(frozen=True, slots=True)
class Flink:
    """A Flink cluster by its REST address."""

    url: str

    def jobs(self) -> list[FlinkJob]:
        """List every job that the cluster remembers."""
        found = self._ask("GET", "/jobs/overview")["jobs"]
        return [FlinkJob(j["jid"], j["name"], j["state"], int(j["start-time"])) for j in found]

    def running(self, name: str) -> FlinkJob:
        """Find the job of this name that runs, or tries to.

        Raises
        ------
        NotRunningError
            There is none.
        """
        active = [job for job in self.jobs() if job.name == name and job.is_active]
        if not active:
            raise NotRunningError(f"job {name} is not running: submit it first")
        return max(active, key=lambda job: job.start_ms)

    def health(self, job_id: str) -> Health:
        """Look at one job: its vertices, its newest checkpoint, what failed last."""
        job = self._ask("GET", f"/jobs/{job_id}")
        latest = self._ask("GET", f"/jobs/{job_id}/checkpoints")["latest"]["completed"]
        still = [v["name"][:60] for v in job["vertices"] if v["status"] != "RUNNING"]
        wrong = ""
        if job["state"] != "RUNNING" or still:
            failure = self._last_failure(job_id)
            wrong = failure or f"{job['state']}: not running: {', '.join(still)}"
        elif latest is None:
            wrong = "no checkpoint completed yet"
        return Health(
            state=job["state"],
            checkpoint_ms=int(latest["latest_ack_timestamp"]) if latest else None,
            checkpoint_path=latest["external_path"] if latest else None,
            wrong=wrong,
        )

    def last_checkpoint_begun_s(self, job_id: str) -> float | None:
        """Give when the newest completed checkpoint was begun, in seconds since 1970."""
        latest = self._ask("GET", f"/jobs/{job_id}/checkpoints")["latest"]["completed"]
        return latest["trigger_timestamp"] / 1000 if latest else None

    def until_healthy(self, job_id: str, wait_s: float) -> Health:
        """Wait for a job's first completed checkpoint.

        Raises
        ------
        NotHealthyError
            It did not come in time; the message says what was wrong last.
        """
        deadline = time.monotonic() + wait_s
        while (health := self._seen(job_id)).wrong:
            if time.monotonic() > deadline:
                raise NotHealthyError(f"job {job_id} after {wait_s:g} s: {health.wrong}")
            time.sleep(POLL_S)
        return health

    def _seen(self, job_id: str) -> Health:
        """Look at a job that may just be starting: what cannot be seen yet is not well yet.

        Flink answers with an error of its own while it sets up a job's checkpoints.
        """
        try:
            return self.health(job_id)
        except ClusterError as error:
            return Health("UNKNOWN", None, None, str(error))

    def savepoint(self, job_id: str, wait_s: float = 120) -> str:
        """Take a savepoint of a running job; give where it is."""
        return self._triggered(job_id, "savepoints", {"cancel-job": False}, wait_s)

    def stop(self, job_id: str, wait_s: float = 120) -> str:
        """Stop a job with a savepoint, nothing after which it publishes; give where it is."""
        return self._triggered(job_id, "stop", {"drain": False}, wait_s)

    def cancel(self, job_id: str) -> None:
        """Cancel a job; its last checkpoint remains."""
        self._ask("PATCH", f"/jobs/{job_id}?mode=cancel")

    def _triggered(self, job_id: str, verb: str, order: Mapping[str, bool], wait_s: float) -> str:
        trigger = self._ask("POST", f"/jobs/{job_id}/{verb}", order)["request-id"]
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            said = self._ask("GET", f"/jobs/{job_id}/savepoints/{trigger}")
            if said["status"]["id"] == "COMPLETED":
                return _location(said["operation"])
            time.sleep(POLL_S)
        raise ClusterError(f"no savepoint of job {job_id} within {wait_s:g} s: see its checkpoints")

    def _last_failure(self, job_id: str) -> str:
        said = self._ask("GET", f"/jobs/{job_id}/exceptions?maxExceptions=1")
        entries = said.get("exceptionHistory", {}).get("entries", [])
        return str(entries[0].get("stacktrace", "")).strip()[:300] if entries else ""

    def _ask(self, method: str, path: str, order: Mapping[str, bool] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
            self.url + path,
            method=method,
            data=None if order is None else json.dumps(order).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _opener.open(request, timeout=TIMEOUT_S) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise ClusterError(f"Flink at {self.url}{path}: {_said(error)}") from None
        except (OSError, ValueError) as error:
            raise ClusterError(f"Flink at {self.url} does not answer: {error}") from None


def _location(operation: Mapping[str, Any]) -> str:
    if "failure-cause" in operation:
        cause = str(operation["failure-cause"].get("stack-trace", ""))
        raise ClusterError(f"no savepoint: {cause.strip().splitlines()[0]}")
    return str(operation["location"])


def _said(error: urllib.error.HTTPError) -> str:
    try:
        errors = json.loads(error.read())["errors"]
        lines = str(errors[-1]).strip().splitlines()
        # Of an exception within Flink the first line says only that it is one.
        return " ".join(line.strip() for line in lines[: 1 + lines[0].startswith("<")])
    except (ValueError, KeyError, IndexError):
        return str(error)
