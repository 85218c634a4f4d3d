"""What the keeper remembers between two runs: jobs.json of each job, topics.json of topics."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from stack.files import write
from stack.keeping import JobRecord

T = TypeVar("T")


def load(path: Path) -> dict[str, JobRecord]:
    """Read the records; none where the file is missing or damaged.

    A damaged file costs a restart without state, never a wrong count.
    """
    return _read(path, dict[str, JobRecord])


def save(records: Mapping[str, JobRecord], path: Path) -> None:
    """Write the records in one step."""
    write(records, path)


def load_ids(path: Path) -> dict[str, str]:
    """Read the ids of topics; none where the file is missing or damaged: they are learnt anew."""
    return _read(path, dict[str, str])


def save_ids(ids: Mapping[str, str], path: Path) -> None:
    """Write the ids of topics in one step."""
    write(ids, path)


def _read(path: Path, kind: type[dict[str, T]]) -> dict[str, T]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def remove(folders: list[Path]) -> None:
    """Delete checkpoint folders of jobs that are gone."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
