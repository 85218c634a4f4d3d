"""`python -m dashboard`: the war room; settings come from the environment."""

from __future__ import annotations

import os
import sys
import time

import uvicorn

from cities.errors import CityError
from cities.pack import load
from dashboard.asgi import make_asgi
from dashboard.config import DashboardConfig
from dashboard.hub.kafka import KafkaSource
from schemas.errors import SchemaError


def now_ms() -> int:
    """Give the wall clock."""
    return time.time_ns() // 1_000_000


def main() -> None:
    """Serve until told to stop."""
    try:
        config = DashboardConfig.from_env(os.environ)
        city = load(config.city)
    except (SchemaError, CityError) as error:
        sys.exit(f"war room: {error}")
    app = make_asgi(city, lambda: KafkaSource(config.broker), now_ms, config.limits, config.pace)
    uvicorn.run(
        app,
        host=config.host,
        port=config.port,
        log_level="warning",
        ws_max_size=16_384,
        ws_max_queue=8,
        ws_per_message_deflate=False,  # it would compress the same bytes once a viewer
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
