"""What the keeper remembers between two runs: jobs.json of each job, topics.json of topics."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stack.keeping import JobRecord


def load(path: Path) -> dict[str, JobRecord]:
    """Read the records; none where the file is missing or damaged.

    A damaged file costs a restart without state, never a wrong count.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, JobRecord])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def save(records: Mapping[str, JobRecord], path: Path) -> None:
    """Write the records in one step."""
    _write(records, path)


def load_ids(path: Path) -> dict[str, str]:
    """Read the ids of topics; none where the file is missing or damaged: they are learnt anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def save_ids(ids: Mapping[str, str], path: Path) -> None:
    """Write the ids of topics in one step."""
    _write(ids, path)


def _write(known: Mapping[str, object], path: Path) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
    beside.replace(path)


def remove(folders: list[Path]) -> None:
    """Delete checkpoint folders of jobs that are gone."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
