"""What is on the bus: topics with their offsets and sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from schemas.topics import TOPICS
from stack import bus
from stack.bus import Extent
from stack.up import Stack

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class TopicSize:
    """One topic as a row: offsets over all partitions, and its bytes on this disk."""

    name: str
    partitions: int
    first: int
    end: int
    messages: int
    disk_bytes: int


def sizes(extents: Iterable[Extent], disk_bytes: dict[str, int]) -> list[TopicSize]:
    """Sum extents a topic; compaction leaves fewer messages than `end - first`."""
    parts: dict[str, list[Extent]] = {}
    for extent in extents:
        parts.setdefault(extent.topic, []).append(extent)
    return [
        TopicSize(
            name=name,
            partitions=len(of_topic),
            first=sum(part.first for part in of_topic),
            end=sum(part.end for part in of_topic),
            messages=sum(part.end - part.first for part in of_topic),
            disk_bytes=disk_bytes.get(name, 0),
        )
        for name, of_topic in parts.items()
    ]


def folder_sizes(kafka: Path) -> dict[str, int]:
    """Give the bytes on disk of each topic, from the broker's own folder."""
    found: dict[str, int] = {}
    for part in kafka.iterdir():
        name, _, number = part.name.rpartition("-")
        if part.is_dir() and name and number.isdigit():
            found[name] = found.get(name, 0) + sum(map(_bytes_in_use, part.iterdir()))
    return found


def _bytes_in_use(file: Path) -> int:
    """Give the blocks of a file, for index files are laid out sparsely; 0 where it is gone."""
    try:
        return file.stat().st_blocks * 512
    except FileNotFoundError:
        return 0  # the broker deletes and renames segments while we look


def topics_table(stack: Stack) -> Table:
    """Draw every topic."""
    table = Table("topic", box=None, header_style="dim")
    for name in ("partitions", "first", "end", "offsets", "MiB"):
        table.add_column(name, justify="right")
    table.add_column("about")
    for row in sizes(bus.extents(stack.bus), folder_sizes(stack.layout.kafka)):
        numbers = (row.partitions, row.first, row.end, row.messages)
        mib = f"{row.disk_bytes / MIB:,.1f}"
        about = TOPICS[row.name].about
        table.add_row(row.name, *(f"{number:,}" for number in numbers), mib, about)
    return table
