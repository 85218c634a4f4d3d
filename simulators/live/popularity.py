"""How popular each place is: heavy-tailed for good, and raised where a hot spot passes by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.chance import generator

Reals = NDArray[np.float64]
HOT_SPOTS = 14
_KM_A_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Popularity:
    """Places with a lasting weight each, and spots that wander among them.

    A hot spot lives where people go: around a busy place, on a slow ellipse of its own, and it
    swells and fades over some hours.
    """

    x_km: Reals
    y_km: Reals
    lasting: Reals
    spot_x_km: Reals
    spot_y_km: Reals
    spot_phase: Reals
    spot_hours: Reals
    spot_radius_km: Reals

    @classmethod
    def of(cls, lat: Reals, lng: Reals, seed: int) -> Popularity:
        """Draw weights and spots for places, the same for the same seed.

        The weights are Pareto distributed with exponent 1.2 (a few places see a thousand
        passages where most see some), capped so that no place takes a whole district's.
        """
        chance = generator(seed, "live/popularity")
        lasting = np.minimum(1.0 + chance.pareto(1.2, len(lat)), 400.0)
        x_km = (lng - lng.mean()) * _KM_A_DEGREE * np.cos(np.radians(lat.mean()))
        y_km = (lat - lat.mean()) * _KM_A_DEGREE
        at = generator(seed, "live/hot-spots").choice(
            len(lat), HOT_SPOTS, p=lasting / lasting.sum()
        )
        draw = generator(seed, "live/hot-spot-lives")
        return cls(
            x_km,
            y_km,
            lasting,
            x_km[at],
            y_km[at],
            spot_phase=draw.uniform(0, 2 * np.pi, HOT_SPOTS),
            spot_hours=draw.uniform(3.0, 9.0, HOT_SPOTS),
            spot_radius_km=draw.uniform(0.5, 1.8, HOT_SPOTS),
        )

    def weights(self, minute_ms: int) -> Reals:
        """Give the weight of every place in one minute."""
        turn = self.spot_phase + 2 * np.pi * minute_ms / 3_600_000 / self.spot_hours
        centre_x = self.spot_x_km + 2.0 * np.cos(turn)
        centre_y = self.spot_y_km + 1.3 * np.sin(turn)
        height = 5.0 * np.maximum(0.0, np.sin(0.7 * turn + self.spot_phase))
        boost = np.ones_like(self.lasting)
        for x, y, high, radius in zip(centre_x, centre_y, height, self.spot_radius_km, strict=True):
            far2 = (self.x_km - x) ** 2 + (self.y_km - y) ** 2
            boost += high * np.exp(-0.5 * far2 / radius**2)
        return np.asarray(self.lasting * boost)
