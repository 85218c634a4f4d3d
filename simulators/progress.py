"""Progress of a run: a live line on a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rich.console import Console

from simulators.play import Step, is_behind

_EVERY_S = 10.0


class Progress:
    """Shows how far a run is; `close` leaves the last word."""

    def __init__(self, what: str, console: Console) -> None:
        self._what = what
        self._console = console
        self._status = console.status(f"{what}: starting") if console.is_terminal else None
        self._shown_s = time.monotonic()
        self._shown_sent = 0
        if self._status is not None:
            self._status.start()

    def show(self, step: Step) -> None:
        """Show a step, at most once a second (ten seconds where there is no terminal)."""
        every_s = 1.0 if self._status is not None else _EVERY_S
        elapsed_s = time.monotonic() - self._shown_s
        if elapsed_s < every_s:
            return
        line = self._line(step, (step.sent - self._shown_sent) / elapsed_s)
        self._shown_s, self._shown_sent = time.monotonic(), step.sent
        if self._status is not None:
            self._status.update(line)
        else:
            self._console.print(line)

    def _line(self, step: Step, rate: float) -> str:
        line = f"{self._what}: {_clock(step.done_ms)}, {step.sent:,} sent, {rate:,.0f}/s"
        return f"{line}, {step.behind_s:.0f} s behind, catching up" if is_behind(step) else line

    def close(self) -> None:
        """Stop showing."""
        if self._status is not None:
            self._status.stop()


def _clock(instant_ms: int) -> str:
    return datetime.fromtimestamp(instant_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
