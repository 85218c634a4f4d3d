"""The war room on a made-up picture beside made-up slices, for whoever works on its layers.

    python -m tests.dashboard.fake_picture --port 9800 [--city wuhan] [--silent]

Three places of raised risk are put into an even city; what the records say is worked out from
made-up cases with the library's own Poisson-gamma law, so that intervals and probabilities
belong together. Everything is marked as simulated. `./hexline up` never starts it.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import h3
import msgspec
import numpy as np
import uvicorn
from scipy.stats import gamma, nbinom, norm

from dashboard.asgi import make_asgi
from dashboard.config import Limits, Pace
from dashboard.hub.source import Batch
from schemas.records import Aberration, AreaRt, CellDensity, CellRisk, Cluster, Hotspot
from schemas.records.picture import RiskShares
from schemas.topics import (
    ABERRATIONS,
    AREA_RT,
    CELL_DENSITY,
    CELL_RISK,
    CLUSTERS,
    HOTSPOTS,
)
from tests.dashboard.fake_city import fake_city
from tests.dashboard.fake_stream import FakeStream, now_ms

PRIOR = 2.0
DAYS = 14
DENSITY_EVERY = 50  # looks of 0.2 s
RISK_EVERY = 150


def encode(record: msgspec.Struct) -> bytes:
    """Write a record whose numbers may be NumPy's."""
    return msgspec.json.encode(record, enc_hook=lambda number: number.item())


@dataclass
class FakePicture:
    """Records of all six topics for one city, by a seed."""

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

    def risk(self) -> list[bytes]:
        """Score every cell."""
        a, b = PRIOR + self.cases, PRIOR + self.expected
        city = 1e5 * self.cases.sum() / DAYS / self.residents.sum()
        laws = enumerate(zip(a.tolist(), b.tolist(), strict=True))
        return [encode(self.risk_of(i, shape, rate, float(city))) for i, (shape, rate) in laws]

    def risk_of(self, i: int, a: float, b: float, city: float) -> CellRisk:
        """Score one cell: three quarters of what is above 1 is put down to components."""
        rr, scale = a / b, 1.0 / b
        near = max(0.0, 0.6 * (rr - 1) / rr) if rr > 1 else 0.02
        parts = np.array([1.0, near / max(1 - near, 0.1), 0.06, 0.03 * rr, 0.02])
        parts /= parts.sum()
        mean = max(0.3, 1 + 0.55 * (rr - 1))
        week = float(self.expected[i]) / 2
        above = [float(gamma.sf(c, a, scale=scale)) for c in (1.0, 1.5, 2.0)]
        known = bool(self.cases[i] >= 1 or self.expected[i] >= 0.5)
        klass = 0 if known else -1
        for least, p in enumerate(above, start=1):
            klass = least if known and p >= 0.8 else klass
        low, high = (float(gamma.ppf(q, a, scale=scale)) for q in (0.05, 0.95))
        foreseen = [float(nbinom.ppf(q, a, b / (b + week))) for q in (0.05, 0.95)]
        shares = RiskShares(
            **dict(zip(RiskShares.__struct_fields__, parts.round(6).tolist(), strict=True))
        )
        return CellRisk(
            **self.stamp("risk/1", self.cases[i], 0.86),
            cell=self.cells[i],
            res=self.res,
            day=self.day(),
            rr=rr,
            rr_lo=low,
            rr_hi=high,
            p_above_1=above[0],
            p_above_1_5=above[1],
            p_above_2=above[2],
            risk_class=klass,
            expected_7d=week * rr,
            expected_7d_lo=foreseen[0],
            expected_7d_hi=foreseen[1],
            incidence_per_100k=rr * city,
            city_per_100k=city,
            shares=shares,
            component_mean=mean,
            local_factor=rr / mean,
            gate=0.93,
            residents=float(self.residents[i]),
            cases_14d=float(self.cases[i]),
            spread=0.1,
        )

    def around(self, values: np.ndarray, k: int = 1) -> np.ndarray:
        """Add up each cell and its neighbours."""
        at = {cell: i for i, cell in enumerate(self.cells)}
        near = [[at[c] for c in h3.grid_disk(cell, k) if c in at] for cell in self.cells]
        return np.array([values[rows].sum() for rows in near])

    def hotspots(self) -> list[bytes]:
        """Judge every neighbourhood by its excess; Benjamini-Hochberg by hand."""
        cases, expected = self.around(self.cases), self.around(self.expected)
        judged = expected > 0.2
        z = (cases - expected) / np.sqrt(1.3 * np.maximum(expected, 0.2))
        p = norm.sf(z)
        order = np.argsort(p)
        adjusted = np.empty(len(p))
        adjusted[order] = np.minimum.accumulate(
            (p[order] * len(p) / np.arange(1, len(p) + 1))[::-1]
        )[::-1].clip(0, 1)
        level = np.where(p < 0.05 / len(p), 2, np.where(adjusted < 0.05, 1, 0))
        return [
            encode(
                Hotspot(
                    **self.stamp("hotspots/1", cases[i], 0.93),
                    cell=cell,
                    res=self.res,
                    day=self.day(3),
                    days=DAYS,
                    z=float(z[i]) if judged[i] else None,
                    p=float(p[i]) if judged[i] else None,
                    p_adjusted=float(adjusted[i]) if judged[i] else None,
                    level=int(level[i]) if judged[i] else 0,
                    by_permutation=bool(expected[i] < 5),
                    cases=float(cases[i]),
                    expected=float(expected[i]),
                )
            )
            for i, cell in enumerate(self.cells)
        ]

    def clusters(self) -> list[bytes]:
        """Find a cluster around each heart; ranks without one say so."""
        cases, expected = self.around(self.cases, 2), self.around(self.expected, 2)
        found = []
        for at in self.hearts:
            c, b = cases[at] / 2, expected[at] / 2
            llr = c * math.log(c / b) + b - c if c > b else 0.0
            found.append((llr, int(at), c, b))
        found.sort(reverse=True)
        stamp = self.stamp("scan/1", 0, 0.93)
        records = []
        for rank, (llr, at, c, b) in enumerate(found, start=1):
            p = max(0.0005, min(0.6, math.exp(5 - llr)))
            disk = tuple(sorted(h3.grid_disk(self.cells[at], 2)))
            low, high = gamma.ppf([0.05, 0.95], c + 0.5, scale=1 / b)
            records.append(
                Cluster(
                    **{**stamp, "sample_size": c, "below_k": bool(0 < c < self.city.small_count)},
                    rank=rank,
                    found=True,
                    cluster_id=f"{self.cells[at]}-2",
                    centre=self.cells[at],
                    res=self.res,
                    rings=2,
                    cells=disk,
                    start_day=self.day(9),
                    end_day=self.day(3),
                    days=7,
                    observed=c,
                    expected=b,
                    ratio=c / b,
                    ratio_lo=float(low),
                    ratio_hi=float(high),
                    llr=llr,
                    p=p,
                    recurrence_days=1 / p,
                    is_alarm=1 / p >= 365,
                    residents=float(sum(self.people.get(cell, 0) for cell in disk)),
                )
            )
        none = Cluster(**stamp, rank=len(found) + 1, found=False, res=self.res, end_day=self.day(3))
        return [encode(record) for record in [*records, none]]

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

    def areas(self) -> list[bytes]:
        """Say how cases spread in every area and in the city."""
        g = self.city.gazetteer
        now, before = self.by_area(self.cases / 2), self.by_area(self.expected / 2)
        people = self.by_area(self.residents)
        rows = [*range(len(g.area_id)), -1]
        names = [*map(str, g.area_id), "city"]
        now, before = (
            np.append(now, self.cases.sum() / 2),
            np.append(before, self.expected.sum() / 2),
        )
        people = np.append(people, self.residents.sum())
        sure = now + before >= 20
        records = []
        for row, name in zip(rows, names, strict=True):
            level = "city" if row < 0 else g.levels[int(g.level[row])]
            from_area = self.enough(row, sure, names)
            records.append(
                self.spread(name, level, *(float(v[row]) for v in (now, before, people)), from_area)
            )
        return [encode(record) for record in records]

    def enough(self, row: int, sure: np.ndarray, names: list[str]) -> str | None:
        """Find the nearest area up the chain with enough cases."""
        parent = self.city.gazetteer.parent
        while row >= 0 and not sure[row]:
            row = int(parent[row])
        return names[row] if row >= 0 else "city"

    def spread(self, name, level, now, before, people, from_area) -> AreaRt:  # noqa: PLR0917
        """Say how cases spread in one area."""
        is_sure = from_area == name
        growth = math.log((now + 0.5) / (before + 0.5)) / 7
        width = 1.645 * math.sqrt(1 / (now + 0.5) + 1 / (before + 0.5)) / 7
        ends = [growth, growth - width, growth + width]
        is_trend = is_sure and (ends[1] > 0 or ends[2] < 0)
        doubling = sorted(math.log(2) / e for e in ends[1:]) if is_trend else [None, None]
        shape, scale = 1 + now, 1 / (0.2 + max(before, 0.1))
        rt = [float(gamma.mean(shape, scale=scale)), *gamma.ppf([0.05, 0.95], shape, scale=scale)]
        rr = [
            (PRIOR + now) / (PRIOR + before),
            *gamma.ppf([0.05, 0.95], PRIOR + now, scale=1 / (PRIOR + before)),
        ]
        return AreaRt(
            **self.stamp("rt/1", round(now), 0.86),
            area_id=name,
            level=level,
            day=self.day(3),
            rt=rt[0] if is_sure else None,
            rt_lo=float(rt[1]) if is_sure else None,
            rt_hi=float(rt[2]) if is_sure else None,
            p_above_1=float(gamma.sf(1, shape, scale=scale)) if is_sure else None,
            is_sure=is_sure,
            from_area_id=from_area,
            growth=ends[0],
            growth_lo=ends[1],
            growth_hi=ends[2],
            is_trend=is_trend,
            doubling_days=math.log(2) / growth if is_trend else None,
            doubling_days_lo=doubling[0],
            doubling_days_hi=doubling[1],
            rr=rr[0],
            rr_lo=float(rr[1]),
            rr_hi=float(rr[2]),
            rr_above_1=float(gamma.sf(1, PRIOR + now, scale=1 / (PRIOR + before))),
            cases_7d=float(now),
            cases_before=float(before),
            incidence_per_100k=1e5 * float(now) / 7 / float(people) if people else None,
            residents=float(people),
        )

    def aberrations(self) -> list[bytes]:
        """Compare the areas of the second level with what they expect."""
        g = self.city.gazetteer
        rows = np.flatnonzero(g.level == min(1, len(g.levels) - 1))
        count, expected = self.by_area(self.cases / 2)[rows], self.by_area(self.expected / 2)[rows]
        p = nbinom.sf(count - 1, expected / 0.3, 1 / 1.3)
        adjusted = np.minimum(1.0, p * len(p) / (1 + np.argsort(np.argsort(p))))
        return [
            encode(
                Aberration(
                    **self.stamp("aberrations/1", count[i] + 4 * expected[i], 0.93),
                    area_id=str(g.area_id[row]),
                    level=g.levels[int(g.level[row])],
                    series=series,
                    day=self.day(3),
                    days=7,
                    count=float(round(count[i])),
                    expected=float(expected[i]) if expected[i] > 0.5 else None,
                    z=None,
                    p=float(p[i]) if expected[i] > 0.5 else None,
                    p_adjusted=float(adjusted[i]) if expected[i] > 0.5 else None,
                    level_found=(2 if p[i] < 0.05 / len(p) else int(adjusted[i] < 0.05))
                    if series == "cases" and expected[i] > 0.5
                    else 0,
                )
            )
            for i, row in enumerate(rows.tolist())
            for series in ("cases", "fever")
        ]

    def density(self, passed: np.ndarray) -> list[bytes]:
        """Say how crowded each cell is, from the passages of each place in an hour."""
        g, records = self.city.gazetteer, []
        for column, res in enumerate((7, 8, 9)):
            total: dict[int, int] = defaultdict(int)
            for cell, n in zip(g.cells[:, column].tolist(), passed.tolist(), strict=True):
                total[cell] += n
            for number, n in total.items():
                cell = h3.int_to_str(number)
                km2 = h3.cell_area(cell)
                low, high = gamma.ppf(0.05, n) if n else 0.0, gamma.ppf(0.95, n + 1)
                near = sum(total.get(h3.str_to_int(c), 0) for c in h3.grid_disk(cell, 1)) / 7
                yesterday = max(0, round(n * (0.8 + 0.5 * math.sin(number % 97))))
                records.append(
                    encode(
                        CellDensity(
                            **self.stamp("density/1", n, 1.0),
                            cell=cell,
                            res=res,
                            window_end_ms=now_ms() // 60_000 * 60_000 + 60_000,
                            window_min=60,
                            passages=int(n),
                            per_km2=n / km2,
                            per_km2_lo=float(low) / km2,
                            per_km2_hi=float(high) / km2,
                            smoothed_per_km2=(n + near) / 2 / km2,
                            occupancy=float(n) * 0.9,
                            expected=float(yesterday),
                            ratio=n / yesterday if yesterday else None,
                        )
                    )
                )
        return records

    def slow(self) -> dict[str, list[bytes]]:
        """Give everything but density."""
        self.revision += 1
        return {
            CELL_RISK.name: self.risk(),
            HOTSPOTS.name: self.hotspots(),
            CLUSTERS.name: self.clusters(),
            AREA_RT.name: self.areas(),
            ABERRATIONS.name: self.aberrations(),
        }


@dataclass
class StreamWithPicture(FakeStream):
    """The made-up stream, with what the picture's topics would say of it."""

    silent: bool = False

    def batches(self) -> Iterator[Batch]:
        """Give slices as ever, and the picture beside them."""
        picture = FakePicture(self.city)
        for look, batch in enumerate(super().batches()):
            if self.silent or not batch.caught_up:
                yield batch
                continue
            said: dict[str, list[bytes | None]] = {}
            if look % RISK_EVERY == 0 or picture.revision == 0:
                said.update(picture.slow())
            if look % DENSITY_EVERY == 0 or picture.revision <= 1:
                picture.revision += 1
                hour = self.weight * self.per_second * 3600
                passed = np.random.default_rng(look).poisson(hour)
                said[CELL_DENSITY.name] = picture.density(passed)
            yield replace(batch, picture=said)


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
