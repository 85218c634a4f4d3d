"""Surroundings: what a job is told by the environment of the process that submits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.broker import Broker
from schemas.errors import ConfigError

EXAMPLES = {
    "HEXLINE_CITY": "wuhan",
    "HEXLINE_FLINK": "http://127.0.0.1:8603",
    "HEXLINE_STATE": "/srv/hexline",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Broker, city, Flink's REST address, and the folder that holds all state."""

    broker: Broker
    city: str
    flink: str
    state: Path

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Surroundings:
        """Read the settings; a missing one is named with an example of its value."""
        for name, example in EXAMPLES.items():
            if not environ.get(name):
                raise ConfigError(f"{name} is not set: try {example}")
        return cls(
            broker=Broker.from_env(environ),
            city=environ["HEXLINE_CITY"],
            flink=environ["HEXLINE_FLINK"],
            state=Path(environ["HEXLINE_STATE"]).absolute(),
        )

    @property
    def flink_folder(self) -> Path:
        """Where checkpoints and savepoints are, and what is remembered of submitted jobs."""
        return self.state / "flink"

    @property
    def submissions(self) -> Path:
        """One file a submitted job."""
        return self.flink_folder / "submissions"
