"""One real stack, driven through `./hexline` as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.broker import Broker
from stack.layout import CHECKOUT, Layout
from stack.ports import Ports, address
from stack.preflight import suggestion

UP_WAIT_S = 420
FIRST_BASE = 9100


@dataclass(frozen=True)
class RunningStack:
    """A stack in a state folder of its own, on ports of its own."""

    layout: Layout
    ports: Ports
    city: str

    @property
    def broker(self) -> Broker:
        """Its broker."""
        return Broker(address(self.ports.broker))

    def hexline(self, *words: str, wait_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command of the launcher on this stack; a failure is told by its exit code."""
        return subprocess.run(
            [CHECKOUT / "hexline", *words, "--state", str(self.layout.root)],
            capture_output=True, text=True, timeout=wait_s, check=False, env=environment(),
        )  # fmt: skip

    def up(self, *more: str) -> str:
        """Start it in the background; give what was said."""
        said = self.hexline(
            "up", "-d", "--city", self.city, "--ports", str(self.ports.base), *more,
            wait_s=UP_WAIT_S,
        )  # fmt: skip
        assert said.returncode == 0, f"{said.stdout}\n{said.stderr}\n{self.last_words()}"
        return said.stdout

    def down(self) -> str:
        """Stop it; give what was said."""
        return self.hexline("down").stdout

    def status(self) -> dict[str, Any]:
        """Ask for its status."""
        said = self.hexline("status", "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    def until(self, what: str, so: Callable[[dict[str, Any]], bool], wait_s: float) -> float:
        """Wait until its status is so; give the seconds that took."""
        began = time.monotonic()
        while not so(known := self.status()):
            waited = time.monotonic() - began
            assert waited < wait_s, f"not {what} within {wait_s} s: {known}\n{self.last_words()}"
        return time.monotonic() - began

    def until_healthy(self, wait_s: float) -> None:
        """Wait until each of its jobs runs and completes checkpoints."""
        self.until("healthy", lambda known: all(job["healthy"] for job in known["jobs"]), wait_s)

    def restarts(self, wait_s: float = 120) -> dict[str, int]:
        """Wait until each of its jobs is healthy; give how often each began anew."""
        found: dict[str, int | None] = {}

        def told(known: dict[str, Any]) -> bool:
            found.clear()
            found.update({job["name"]: job["restarts"] for job in known["jobs"] if job["healthy"]})
            return len(found) == len(known["jobs"]) > 0 and None not in found.values()

        self.until("healthy, with its restarts", told, wait_s)
        return {name: times for name, times in found.items() if times is not None}

    def last_words(self, lines: int = 15) -> str:
        """Give the end of every log, for a failure's message."""
        ends = []
        for log in sorted(self.layout.log.glob("*.log")):
            text = log.read_text(errors="replace").splitlines()[-lines:]
            ends.append("\n".join([f"--- {log.name}", *text]))
        return "\n".join(ends)


def environment() -> dict[str, str]:
    """Give an environment in which nothing can be fetched."""
    nowhere = "http://127.0.0.1:9"
    return os.environ | {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": "127.0.0.1"}


def make_stack(folder: Path, city: str) -> RunningStack:
    """Describe a stack on free ports; nothing is started."""
    return RunningStack(Layout(folder), Ports(suggestion(Ports(FIRST_BASE))), city)
