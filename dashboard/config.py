"""Settings of the war room: frozen, read once, units in the names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from schemas.broker import Broker
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of everything that could grow."""

    spare_places: int = 4_096
    max_places: int = 400_000
    max_cells: int = 200_000
    max_cases: int = 2_000_000
    max_statistics: int = 1_000_000  # records of one topic of the picture
    max_viewers: int = 2_000
    viewer_queue: int = 2
    kept_case_rejects: int = 100


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen, in milliseconds."""

    tick_ms: int = 200
    heartbeat_ms: int = 1_000
    busy_share: float = 0.25  # of one core, that making frames may take at most
    fresh_ms: int = 15_000  # older than this is not healthy on a live clock


@dataclass(frozen=True, slots=True)
class DashboardConfig:
    """Where the war room listens, which city it shows, and its bounds."""

    city: str
    broker: Broker
    host: str = "127.0.0.1"
    port: int = 8600
    limits: Limits = field(default_factory=Limits)
    pace: Pace = field(default_factory=Pace)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> DashboardConfig:
        """Read the settings; a missing or bad one is named with an example of its value."""
        if not (city := environ.get("HEXLINE_CITY", "")):
            raise ConfigError("HEXLINE_CITY is not set: try wuhan")
        host, port = _address(environ.get("HEXLINE_WEB", "http://127.0.0.1:8600"))
        return cls(city=city, broker=Broker.from_env(environ), host=host, port=port)


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise ConfigError(
            f"HEXLINE_WEB is {url!r}: expected an address such as http://127.0.0.1:8600"
        )
    return host, port
