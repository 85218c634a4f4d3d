"""States on disk: which there are of a job, the newest first, and which cannot be restored.

    checkpoints/<job id>/chk-<n>/_metadata    names the files of the state by their whole paths
    savepoints/savepoint-<id>-<x>/_metadata   has its files beside it

Flink does not wait until what it wrote is on the disk: after a power cut a file may be empty,
shorter than it was, or gone. In a state folder that was moved or copied, the metadata still
names files of the old place. Such a state is set aside, under another name: then the next
older one is the newest.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from stack.keeping import JobRecord
from stack.layout import Layout

ASIDE = "_metadata.unusable"
# As Flink writes a FileStateHandle: 2, the size in 8 bytes, the path's length in 2, the path.
# Small states lie in the metadata itself; their paths follow a 1 and name no file.
FILE = re.compile(rb"\x02(\x00{3}.{7})(?=file:/)", re.DOTALL)


def refreshed(layout: Layout, record: JobRecord) -> JobRecord:
    """Give a job's record with the newest state on disk in it.

    Where all were set aside, the time of the last one stays: the log is read again from there.
    """
    found = newest(layout, record)
    if found is None and record.checkpoint is None:
        return record
    if found is None:
        aside = here(layout, str(record.checkpoint)).with_name(ASIDE)
        checkpoint_ms = record.checkpoint_ms if aside.exists() else 0
        return msgspec.structs.replace(record, checkpoint=None, checkpoint_ms=checkpoint_ms)
    checkpoint, checkpoint_ms = found
    tries = record.tries if checkpoint == record.checkpoint else 0
    return msgspec.structs.replace(
        record, checkpoint=checkpoint, checkpoint_ms=checkpoint_ms, tries=tries
    )


def newest(layout: Layout, record: JobRecord) -> tuple[str, int] | None:
    """Find the newest complete state of a job: its metadata's path and its time.

    A job that has not completed a checkpoint yet continues where it was submitted from. A job
    that was stopped with a savepoint has no checkpoints any more. A time once known stays: that
    of the file may be when it was copied.
    """
    kept = here(layout, record.checkpoint) if record.checkpoint else None
    there = _of_job(layout, record.job_id) if record.job_id else []
    if kept is not None:
        there += [kept] if kept.is_file() else []
        there += _complete(kept.parent.parent)
    if not there:
        return None
    first = there[0]
    known_ms = record.checkpoint_ms if first == kept else 0
    return str(first), known_ms or first.stat().st_mtime_ns // 1_000_000


def here(layout: Layout, checkpoint: str) -> Path:
    """Give where a remembered state lies in this state folder, which may have been moved."""
    parts = Path(checkpoint).parts
    if parts[-2].startswith("chk-"):
        return layout.checkpoints.joinpath(*parts[-3:])
    return layout.savepoints.joinpath(*parts[-2:])


def _of_job(layout: Layout, job_id: str) -> list[Path]:
    saved = layout.savepoints.glob(f"savepoint-{job_id[:6]}-*/_metadata")
    by_time = sorted(saved, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return _complete(layout.checkpoints / job_id) + by_time


def _complete(folder: Path) -> list[Path]:
    """Find the metadata of the complete checkpoints of one job, the highest first."""
    complete = [
        (int(path.parent.name.removeprefix("chk-")), path)
        for path in folder.glob("chk-*/_metadata")
        if path.parent.name.removeprefix("chk-").isdigit()
    ]
    return [path for _, path in sorted(complete, reverse=True)]


def fault(metadata: Path, checkpoints: Path) -> str:
    """Say why a state cannot be restored from where it lies; empty where nothing is seen."""
    written = metadata.read_bytes()
    if not written:
        return "its metadata is empty"
    for file, size in files_of(written):
        folder = file.parent.parent.parent
        if folder.name == checkpoints.name and not _is_same(folder, checkpoints):
            return f"its files belong to {folder}"
        if not file.is_file():
            return f"{file} is gone"
        if file.stat().st_size < size:
            return f"{file} has lost its end"
    return ""


def files_of(metadata: bytes) -> Iterator[tuple[Path, int]]:
    """Give the files that metadata name, and how many bytes each holds."""
    for found in FILE.finditer(metadata):
        size, length = struct.unpack(">qH", found[1])
        path = metadata[found.end() : found.end() + length].removeprefix(b"file:")
        yield Path(os.fsdecode(path)), size


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def set_aside(metadata: Path) -> None:
    """Take a state that cannot be restored out of the way; its files stay where they are."""
    with contextlib.suppress(FileNotFoundError):
        metadata.replace(metadata.with_name(ASIDE))


def dead_folders(checkpoints: Path, records: Mapping[str, JobRecord]) -> list[Path]:
    """Give the checkpoint folders that nothing needs any more.

    A job's own folder is needed, and the folder of the checkpoint it was restored from until
    it has completed one itself.
    """
    needed = {record.job_id for record in records.values()} | {
        Path(record.checkpoint).parent.parent.name
        for record in records.values()
        if record.checkpoint
    }
    return [folder for folder in checkpoints.iterdir() if folder.name not in needed]
