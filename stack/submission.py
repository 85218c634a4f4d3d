"""Submitting jobs from a process of its own.

PyFlink brings a JVM along, and a job that cannot be planned must not take the keeper down.
Planning the first job takes most of the time, so all that are due go in one process. It may
begin while the JobManager is still starting: the order waits at its door.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import IO

from stack.keeping import Submit

TIMEOUT_S = 120
LONGEST_ERROR = 400
ANSWER = "hexline-job "
# The client lives for seconds: what its compiler would gain later is never earned.
CLIENT_JVM = "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

Orders = Mapping[str, Submit]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: a job id, or why there is none."""

    job_id: str | None
    error: str = ""
    city_version: str = ""


@dataclass(slots=True)
class Submission:
    """A process that submits jobs."""

    orders: Orders
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    deadline: float

    def outcomes(self) -> dict[str, Outcome] | None:
        """Give what became of every order; None while the process works."""
        code = self.process.poll()
        if code is None:
            if time.monotonic() > self.deadline:
                self.process.kill()
            return None
        self.output.seek(0)
        text = self.output.read().decode(errors="replace")
        self.output.close()
        return read_outcomes(self.orders, text)


def read_outcomes(orders: Orders, text: str) -> dict[str, Outcome]:
    """Find the answers in what a submission printed, among whatever else Java said."""
    found = {}
    for line in text.splitlines():
        if line.startswith(ANSWER):
            answer = json.loads(line.removeprefix(ANSWER))
            name = answer.pop("name")
            found[name] = Outcome(**answer)
    last_words = text.strip()[-LONGEST_ERROR:] or "the process ended without a word"
    return {name: found.get(name, Outcome(None, last_words)) for name in orders}


def starter(environ: Mapping[str, str]) -> Callable[[Orders], Submission]:
    """Give a function that starts a submission."""
    environment = dict(environ) | {"JVM_ARGS": CLIENT_JVM}

    def start(orders: Orders) -> Submission:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the outcomes
        words = json.dumps({name: asdict(order) for name, order in orders.items()})
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "stack.submission", words],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=environment,
        )  # fmt: skip
        return Submission(orders, process, output, time.monotonic() + TIMEOUT_S)

    return start


def main(words: str) -> None:
    """Submit jobs one after the other; one that fails does not keep the next from running."""
    for name, order in json.loads(words).items():
        print(ANSWER + json.dumps({"name": name, **carried_out(name, Submit(**order))}), flush=True)


def carried_out(name: str, order: Submit) -> dict[str, str | None]:
    """Submit one job; give its id, or why there is none."""
    from jobs import control  # noqa: PLC0415
    from jobs.submissions import recall  # noqa: PLC0415
    from jobs.surroundings import Surroundings  # noqa: PLC0415

    try:
        job_id = control.submit(
            name, os.environ, checkpoint=order.checkpoint, start_from_ms=order.start_from_ms
        )
    except Exception as error:
        return {"job_id": None, "error": f"{type(error).__name__}: {error}"[:LONGEST_ERROR]}
    remembered = recall(Surroundings.from_env(os.environ).submissions, job_id)
    return {"job_id": job_id, "city_version": remembered.city_version if remembered else ""}


if __name__ == "__main__":
    main(sys.argv[1])
