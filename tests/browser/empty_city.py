"""The war room of a city of which nothing is counted: python -m tests.browser.empty_city --port N.

With `--unread N` so many check-ins are in the log, and nobody has read them yet.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import uvicorn

from cities.pack import load
from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from dashboard.hub.source import Batch


class Silence:
    """A bus on which nothing was ever said, or nothing of what was said is counted."""

    def __init__(self, unread: int) -> None:
        self.unread, self.closed = unread, False

    def batches(self) -> Iterator[Batch]:
        """Give nothing, for ever."""
        while not self.closed:
            yield Batch(ends={0: self.unread})
            time.sleep(0.05)

    def close(self) -> None:
        """End the silence."""
        self.closed = True


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--city", default="wuhan")
    parser.add_argument("--unread", type=int, default=0)
    asked = parser.parse_args()
    source = lambda: Silence(asked.unread)  # noqa: E731
    now_ms = lambda: time.time_ns() // 1_000_000  # noqa: E731
    app = make_asgi(load(asked.city), source, now_ms, Limits(), Pace())
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
