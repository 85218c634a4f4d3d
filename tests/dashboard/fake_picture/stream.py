"""The made-up stream of slices, with the made-up picture beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dashboard.hub.source import Batch
from schemas.topics import (
    ABERRATIONS,
    AREA_RT,
    CELL_DENSITY,
    CELL_RISK,
    CLUSTERS,
    HOTSPOTS,
)
from tests.dashboard.fake_picture.aberrations import aberrations
from tests.dashboard.fake_picture.clusters import clusters
from tests.dashboard.fake_picture.density import density
from tests.dashboard.fake_picture.ground import Ground
from tests.dashboard.fake_picture.hotspots import hotspots
from tests.dashboard.fake_picture.risk import risk
from tests.dashboard.fake_picture.spread import areas
from tests.dashboard.fake_stream import FakeStream

DENSITY_EVERY = 50  # looks of 0.2 s
RISK_EVERY = 150


def slow(ground: Ground) -> dict[str, list[bytes]]:
    """Give everything but density."""
    ground.revision += 1
    return {
        CELL_RISK.name: risk(ground),
        HOTSPOTS.name: hotspots(ground),
        CLUSTERS.name: clusters(ground),
        AREA_RT.name: areas(ground),
        ABERRATIONS.name: aberrations(ground),
    }


@dataclass
class StreamWithPicture(FakeStream):
    """The made-up stream, with what the picture's topics would say of it."""

    silent: bool = False

    def batches(self) -> Iterator[Batch]:
        """Give slices as ever, and the picture beside them."""
        ground = Ground(self.city)
        for look, batch in enumerate(super().batches()):
            if self.silent or not batch.caught_up:
                yield batch
                continue
            said: dict[str, list[bytes | None]] = {}
            if look % RISK_EVERY == 0 or ground.revision == 0:
                said.update(slow(ground))
            if look % DENSITY_EVERY == 0 or ground.revision <= 1:
                ground.revision += 1
                hour = self.weight * self.per_second * 3600
                passed = np.random.default_rng(look).poisson(hour)
                said[CELL_DENSITY.name] = density(ground, passed)
            yield replace(batch, picture=said)
