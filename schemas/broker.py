"""Where the broker is and how to reach it, read once at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Broker:
    """Address and security of one Kafka cluster."""

    bootstrap: str
    security: str = "PLAINTEXT"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Broker:
        """Read the settings; a missing one is named with an example of its value."""
        try:
            bootstrap = environ["HEXLINE_BROKER"]
        except KeyError:
            raise ConfigError("HEXLINE_BROKER is not set: try 127.0.0.1:8601") from None
        return cls(bootstrap=bootstrap, security=environ.get("HEXLINE_SECURITY", "PLAINTEXT"))

    def client(self, **more: str | int | bool) -> dict[str, str | int | bool]:
        """Give the settings of a confluent-kafka client of this broker."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security,
            **more,
        }
