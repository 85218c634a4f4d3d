"""One line that says how a running stack is."""

from __future__ import annotations

from stack import supervision
from stack.errors import NotRunningError, StoppingError
from stack.up import Stack


def line(stack: Stack) -> str:
    """Give the line."""
    try:
        known = supervision.processes(stack.layout)
    except (NotRunningError, StoppingError):
        return "stopping"
    return ", ".join(f"{process['name']} {process['statename'].lower()}" for process in known)
