"""Stop when asked: Ctrl-C and SIGTERM end a run after its present step, with its account."""

from __future__ import annotations

import signal
from types import FrameType


class Stopping:
    """Becomes true once the process was asked to end; a second Ctrl-C ends it at once."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True

    def __call__(self) -> bool:
        """Say whether the run should end."""
        return self._asked
