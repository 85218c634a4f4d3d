"""Serves the war room on it until Ctrl-C."""

from __future__ import annotations

import argparse

import uvicorn

from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from tests.dashboard.fake_city import fake_city
from tests.dashboard.fake_picture.stream import StreamWithPicture
from tests.dashboard.fake_stream import now_ms


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9800)
    parser.add_argument("--city", default="", help="a city pack; a made-up city without it")
    parser.add_argument("--rate", type=int, default=1000, help="made-up passages a second")
    parser.add_argument("--silent", action="store_true", help="the picture says nothing yet")
    args = parser.parse_args()
    if args.city:
        from cities.pack import load  # noqa: PLC0415 - not needed for the made-up city

        city = load(args.city)
    else:
        city = fake_city(side=16, places_per_grid=8)
    source = StreamWithPicture(city, args.rate, silent=args.silent)
    app = make_asgi(city, lambda: source, now_ms, Limits(), Pace())
    uvicorn.run(
        app, host="127.0.0.1", port=args.port, log_level="warning", ws_per_message_deflate=False
    )


if __name__ == "__main__":
    main()
