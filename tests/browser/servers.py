"""Starts the war room on made-up slices for a test, and stops it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

UP_S = 90.0


@dataclass
class Server:
    """One war room on a port of its own; it can be killed and started again."""

    port: int
    city: str | None = None
    module: str = "tests.dashboard.fake_stream"
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it has counts to show."""
        command = [sys.executable, "-m", self.module, "--port", str(self.port)]
        if self.city:
            command += ["--city", self.city]
        command += self.options
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + UP_S
        while time.monotonic() < deadline:
            if self.is_up():
                return
            assert self.process.poll() is None, f"{command} ended at once"
            time.sleep(0.25)
        raise AssertionError(f"nothing to show on {self.url} within {UP_S:g} s")

    def is_up(self) -> bool:
        """Say whether it shows counts, or that there are none yet."""
        try:
            if self.get("/api/status")["state"] in ("empty", "catching", "stalled"):
                return True
            return self.get("/api/kpi")["tiles"]["passages"]["value"] is not None
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def get(self, path: str) -> dict:
        """Read one answer of the API."""
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
