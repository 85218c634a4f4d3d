"""Submitting a job from a process of its own.

PyFlink brings a JVM along, and a job that cannot be planned must not take the keeper down.
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
from importlib.util import find_spec
from typing import IO

from stack.keeping import Submit

TIMEOUT_S = 120
LONGEST_ERROR = 500
ANSWER = "hexline-job-id "


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a submission: a job id, or why there is none."""

    job_id: str | None
    error: str = ""


@dataclass(slots=True)
class Submission:
    """One submission under way."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    deadline: float

    def outcome(self) -> Outcome | None:
        """Give the outcome; None while it is not known."""
        code = self.process.poll()
        if code is None:
            if time.monotonic() > self.deadline:
                self.process.kill()
            return None
        self.output.seek(0)
        text = self.output.read().decode(errors="replace")
        self.output.close()
        return read_outcome(code, text)


def read_outcome(code: int, text: str) -> Outcome:
    """Find the job id, or the reason, in what a submission printed."""
    ids = [line.removeprefix(ANSWER) for line in text.splitlines() if line.startswith(ANSWER)]
    if code == 0 and ids:
        return Outcome(ids[-1].strip())
    return Outcome(None, text.strip()[-LONGEST_ERROR:] or f"exit code {code}")


def job_names() -> tuple[str, ...]:
    """Give the names of the jobs that there are."""
    if find_spec("jobs") is None or find_spec("jobs.control") is None:
        return ()
    from jobs import control  # noqa: PLC0415

    return tuple(control.JOBS)


def starter(environ: Mapping[str, str]) -> Callable[[str, Submit], Submission]:
    """Give a function that starts a submission."""

    def start(name: str, action: Submit) -> Submission:
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the outcome
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "stack.submission", name, json.dumps(asdict(action))],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=dict(environ),
        )  # fmt: skip
        return Submission(process, output, time.monotonic() + TIMEOUT_S)

    return start


def main(name: str, action: Submit) -> None:
    """Submit one job and print its id."""
    from jobs import control  # noqa: PLC0415

    job_id = control.submit(
        name,
        os.environ,
        checkpoint=action.checkpoint,
        start_from_ms=action.start_from_ms,
    )
    print(ANSWER + job_id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Submit(**json.loads(sys.argv[2])))
