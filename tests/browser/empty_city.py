"""The war room of a city of which nothing is counted: python -m tests.browser.empty_city --port N.

With `--unread N` so many check-ins are in the log, and nobody has read them yet. With
`--a-second M` the counting job reads so many of them a second, and has counted none so far.
With `--pace P` the server's clock runs P times as fast as others, for what takes it a minute.
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
from schemas.codec import encode
from schemas.records import Progress
from schemas.times import HOUR_MS
from schemas.topics import CHECKINS


class Silence:
    """A bus on which nothing was ever said, or nothing of what was said is counted."""

    def __init__(self, unread: int, a_second: int) -> None:
        self.unread, self.a_second, self.closed = unread, a_second, False

    def batches(self) -> Iterator[Batch]:
        """Give nothing, for ever, but how far the log is read."""
        began_s = time.monotonic()
        while not self.closed:
            read = int((time.monotonic() - began_s) * self.a_second)
            progress = [self.progress(min(read, self.unread))] if read else []
            yield Batch(ends={0: self.unread}, progress=progress)
            time.sleep(0.05)

    def progress(self, read: int) -> bytes:
        """Write accounts in which everything that was read came too late to be counted."""
        return encode(
            Progress(
                topic=CHECKINS.name,
                partition=0,
                first_offset=0,
                offset=read - 1,
                read=read,
                accepted=0,
                rejected=0,
                late=read,
                arrival_ms=wall_ms() - HOUR_MS,
            )
        )

    def close(self) -> None:
        """End the silence."""
        self.closed = True


def wall_ms() -> int:
    """Give the time by the machine's clock."""
    return time.time_ns() // 1_000_000


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--city", default="wuhan")
    parser.add_argument("--unread", type=int, default=0)
    parser.add_argument("--a-second", type=int, default=0)
    parser.add_argument("--pace", type=int, default=1)
    asked = parser.parse_args()
    source = lambda: Silence(asked.unread, asked.a_second)  # noqa: E731
    began_ms = wall_ms()
    now_ms = lambda: began_ms + asked.pace * (wall_ms() - began_ms)  # noqa: E731
    app = make_asgi(load(asked.city), source, now_ms, Limits(), Pace())
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
