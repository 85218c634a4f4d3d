"""Submissions: what is remembered of each submitted job, one file each.

A checkpoint says neither which plan wrote it nor from which minute on its job publishes. Both
must be known before another job takes it over.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

_CHECKPOINT = re.compile(r"/checkpoints/([0-9a-f]{32})/chk-\d+")
_SAVEPOINT = re.compile(r"/savepoint-([0-9a-f]{6})-[0-9a-f]+")


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One submitted job."""

    name: str
    job_id: str
    city_version: str
    layout: dict[str, Any]
    publish_from_ms: int = 0
    restored_from: str | None = None


def remember(folder: Path, submission: Submission) -> None:
    """Write one submission, in one step so that a crash leaves all of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{submission.job_id}.new"
    beside.write_bytes(msgspec.json.encode(submission))
    beside.replace(folder / f"{submission.job_id}.json")


def recall(folder: Path, job_id: str) -> Submission | None:
    """Give the submission of a job; None where it is not remembered or not readable."""
    try:
        return msgspec.json.decode((folder / f"{job_id}.json").read_bytes(), type=Submission)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def writer_of(folder: Path, state_path: str) -> Submission | None:
    """Give the submission that wrote a checkpoint or savepoint; None where nobody knows."""
    if found := _CHECKPOINT.search(state_path):
        return recall(folder, found[1])
    if found := _SAVEPOINT.search(state_path):
        ids = [path.stem for path in folder.glob(f"{found[1]}*.json")]
        return recall(folder, ids[0]) if len(ids) == 1 else None
    return None
