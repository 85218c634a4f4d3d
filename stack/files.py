"""Files of a state folder that are read again after a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


def write(known: Any, path: Path) -> None:
    """Write as JSON in one step, so that a crash leaves the old file or the new."""
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
    beside.replace(path)
