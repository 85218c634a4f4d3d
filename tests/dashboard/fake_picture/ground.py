"""The city the records are made up of: residents, cases, places of raised and of lowered risk."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import h3
import msgspec
import numpy as np

from tests.dashboard.fake_stream import now_ms

PRIOR = 2.0
DAYS = 14


def encode(record: msgspec.Struct) -> bytes:
    """Write a record whose numbers may be NumPy's."""
    return msgspec.json.encode(record, enc_hook=lambda number: number.item())


@dataclass
class Ground:
    """Residents, expected and made-up cases of the cells of one city, by a seed."""

    city: object
    seed: int = 3
    revision: int = 0
    res: int = 8
    waves: int = 3
    people: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        g = self.city.gazetteer
        per_place = (
            g.residents[g.grid] / np.maximum(np.bincount(g.grid, minlength=len(g.grid)), 1)[g.grid]
        )
        people: dict[str, float] = defaultdict(float)
        for cell, n in zip(g.cells[:, 1].tolist(), per_place.tolist(), strict=True):
            people[h3.int_to_str(cell)] += n
        self.people = dict(people)
        self.cells = sorted(self.people)
        centres = np.array([h3.cell_to_latlng(c) for c in self.cells])
        n = np.array([self.people[c] for c in self.cells])
        self.truth = np.exp(self.rng.normal(0, 0.15, len(n)))
        busy = np.argsort(-n)[: max(6, len(n) // 8)]
        self.hearts = self.rng.choice(busy, self.waves, replace=False)
        for at, height in zip(self.hearts, (5.0, 2.5, 1.5), strict=False):
            away = ((centres - centres[at]) ** 2).sum(axis=1)
            self.truth *= 1 + height * np.exp(-away / (2 * 0.012**2))
        self.expected = 1_400 * n / n.sum()
        away = ((centres - centres[self.around(self.expected).argmax()]) ** 2).sum(axis=1)
        self.truth *= np.where(away < 0.02**2, 0.03, 1.0)
        self.cases = self.rng.poisson(self.expected * self.truth).astype(float)
        self.residents = n

    def stamp(self, formula: str, sample: float, completeness: float) -> dict:
        """Give what every record carries."""
        at = now_ms()
        return {
            "as_of_ms": at,
            "complete_to_ms": at - 400,
            "completeness": completeness,
            "revision": self.revision,
            "formula": formula,
            "sample_size": float(sample),
            "below_k": bool(0 < sample < self.city.small_count),
            "simulated": True,
        }

    def day(self, back: int = 0) -> str:
        """Give a day of the city's calendar, near enough."""
        return (datetime.now(tz=UTC) - timedelta(days=back)).date().isoformat()

    def around(self, values: np.ndarray, k: int = 1) -> np.ndarray:
        """Add up each cell and its neighbours."""
        at = {cell: i for i, cell in enumerate(self.cells)}
        near = [[at[c] for c in h3.grid_disk(cell, k) if c in at] for cell in self.cells]
        return np.array([values[rows].sum() for rows in near])

    def by_area(self, values: np.ndarray) -> np.ndarray:
        """Add cells up by the area that holds their first place, and by those above it."""
        g = self.city.gazetteer
        first = {}
        for cell, grid in zip(g.cells[:, 1].tolist(), g.grid.tolist(), strict=True):
            first.setdefault(h3.int_to_str(cell), grid)
        total = np.zeros(len(g.area_id))
        for cell, value in zip(self.cells, values.tolist(), strict=True):
            for area in g.lineage[first[cell]].tolist():
                if area >= 0:
                    total[area] += value
        return total
