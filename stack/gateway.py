"""Flink's metrics for Prometheus, on the loopback address.

    JobManager, TaskManager --push--> gateway --scraped by--> Prometheus

Flink's own listener for Prometheus binds every interface and cannot be told otherwise. So its
processes push to here, in the form of a push gateway, and here they can be scraped.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack.ports import LOOPBACK, url

PUSH_EVERY_S = 15
LARGEST_PUSH_BYTES = 64 << 20
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def reporter(port: int, name: str) -> dict[str, object]:
    """Give the settings that let one of Flink's processes push its metrics to a port."""
    key = "metrics.reporter.push"
    factory = "org.apache.flink.metrics.prometheus.PrometheusPushGatewayReporterFactory"
    return {
        f"{key}.factory.class": factory,
        f"{key}.hostUrl": url(port),
        f"{key}.jobName": name,
        f"{key}.randomJobNameSuffix": "false",
        f"{key}.deleteOnShutdown": "false",
        f"{key}.interval": f"{PUSH_EVERY_S} SECONDS",
    }


class Gateway(ThreadingHTTPServer):
    """Keeps the last push of each process and hands it to whoever scrapes."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((LOOPBACK, port), Exchange)
        self.pushed: dict[str, bytes] = {}

    def serve_beside(self) -> None:
        """Serve until the process ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Exchange(BaseHTTPRequestHandler):
    """One request: a push, or a scrape."""

    server: Gateway

    def do_PUT(self) -> None:
        """Keep what a process pushes."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_PUSH_BYTES or not self.path.startswith("/metrics/job/"):
            self.answer(400, b"expected metrics in text form at /metrics/job/NAME\n")
            return
        self.server.pushed[self.path] = self.body(length)
        self.answer(202, b"")

    do_POST = do_PUT  # noqa: N815

    def body(self, length: int) -> bytes:
        """Read what is pushed, sent whole or in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(length)
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def do_GET(self) -> None:
        """Give everything pushed so far."""
        self.answer(200, b"".join(self.server.pushed.values()))

    def answer(self, code: int, body: bytes) -> None:
        """Send an answer."""
        self.send_response(code)
        self.send_header("Content-Type", TEXT)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet: a push every few seconds is no news."""
