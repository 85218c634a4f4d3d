"""JSON over HTTP from our own loopback listeners; never through a proxy."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from stack.ports import LOOPBACK

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Rest:
    """One web server on this machine."""

    port: int
    timeout_s: float = TIMEOUT_S

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where nothing, or nothing useful, answers."""
        return self._ask("GET", path)

    def patch(self, path: str) -> Any | None:
        """Send a PATCH without a body."""
        return self._ask("PATCH", path)

    def answers(self, path: str) -> bool:
        """Say whether a path is served."""
        try:
            return self._status("GET", path)[0] < 400
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, method: str, path: str) -> Any | None:
        try:
            status, body = self._status(method, path)
            return json.loads(body) if status < 400 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def _status(self, method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=self.timeout_s)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
