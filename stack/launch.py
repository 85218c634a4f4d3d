"""What happens right before a program of the stack starts, each time the supervisor starts it.

    supervisor --> launch NAME --> kill what its last run left --> empty its folder --> exec

The started process keeps the id that the supervisor knows. A killed TaskManager leaves its
Python workers behind; a killed JobManager leaves a TaskManager whose jobs nobody knows any
more, and which could write the same keys as the jobs that are submitted anew.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from stack.layout import Layout
from stack.leftovers import kill_group_of
from stack.programs import CITY_STREAM, JOBMANAGER, TASKMANAGER

FLINK = (JOBMANAGER, TASKMANAGER)
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "1048576"}
"""Memory of large columns goes back to the system when they are dropped. Left alone the C library
keeps some 350 MB of what the city's stream needs once, for its first day with gates."""


def clear_the_way(layout: Layout, name: str) -> list[int]:
    """Kill what the last run of a program left behind; give the killed ids."""
    killed = []
    restarted = layout.pid_of(name).exists()
    for other in (name, TASKMANAGER) if name == JOBMANAGER and restarted else (name,):
        killed += kill_group_of(layout.pid_of(other), layout.root)
    return killed


def empty(folder: Path) -> None:
    """Leave a folder that exists and holds nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def starts(layout: Layout, name: str) -> int:
    """Count how often a program was started since `up`."""
    try:
        return int(layout.starts_of(name).read_text())
    except (OSError, ValueError):
        return 0


def main(name: str, root: Path) -> None:
    """Clear the way for a program, note its id and become it."""
    layout = Layout(root)
    argv = json.loads(layout.programs_file.read_text())[name]
    killed = clear_the_way(layout, name)
    if killed:
        print(f"launch: killed {len(killed)} processes left by the last run: {killed}")
    if name in FLINK:
        folder = layout.flink_tmp / name
        empty(folder)
        os.environ["TMPDIR"] = str(folder)
    if name == CITY_STREAM:
        for setting, value in GIVES_BACK.items():
            os.environ.setdefault(setting, value)
    layout.pid_of(name).write_text(str(os.getpid()))
    layout.starts_of(name).write_text(str(starts(layout, name) + 1))
    sys.stdout.flush()
    os.execv(argv[0], argv)  # noqa: S606 - the command line is our own


if __name__ == "__main__":
    main(sys.argv[1], Path(os.environ["HEXLINE_STATE"]))
