"""The war room of a city without a single check-in: python -m tests.browser.empty_city --port N."""

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
    """A bus on which nothing was ever said."""

    closed = False

    def batches(self) -> Iterator[Batch]:
        """Give nothing, for ever."""
        while not self.closed:
            yield Batch(ends={0: 0})
            time.sleep(0.05)

    def close(self) -> None:
        """End the silence."""
        self.closed = True


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--city", default="wuhan")
    asked = parser.parse_args()
    now_ms = lambda: time.time_ns() // 1_000_000  # noqa: E731
    app = make_asgi(load(asked.city), Silence, now_ms, Limits(), Pace())
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
