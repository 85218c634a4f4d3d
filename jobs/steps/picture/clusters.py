"""Clusters of the picture: an hourly scan, its replicates drawn in parts so that no tick waits.

The scan looks at the last days that are nearly whole, `accrual_days` behind the clock. What is
expected comes from the 28 days before them, by residents and weekday, times the share of each
scanned day that is reported by now. Replicates vary as much more than chance as those 28 days do.

Where nobody is known to live, and where fewer than two weeks of those 28 days are known, there is
no such expectation. Then cells and days of the last 28 days are compared with each other alone
(space-time permutation): fewer assumptions, and blind to a rise of the whole city. A city's first
day is no measure of a day, and takes part in nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geo import scan, scan_null
from geo.columns import Reals, Weights
from geo.density import poisson_interval
from geo.scan import Clusters
from geo.zones import windows
from jobs.steps.picture.chance import generator
from jobs.steps.picture.curves import Curves
from jobs.steps.picture.days import text_of
from jobs.steps.picture.ground import COARSE, Ground
from jobs.steps.picture.settings import PictureSettings
from jobs.steps.picture.statements import Fields, Said, Stamp, rounded

FORMULA = "scan/2"
BASELINE_DAYS = 28
FEWEST_KNOWN_DAYS = 14
FEWEST_AT_ONCE = 37
CELLS_AT_ONCE = 500_000
"""Cells times replicates in one tick: some tenths of a second."""


@dataclass(frozen=True, eq=False)
class ScanInput:
    """What one scan looks at: cases and expected of the scanned days (n, d), and dispersion.

    `study` (n, 28) are whole cases of the study period where nothing can be expected, else None.
    """

    end: int
    cases: Reals
    expected: Reals
    dispersion: float
    simulated: bool
    study: Reals | None = None


def scan_input(ground: Ground, curves: Curves, settings: PictureSettings) -> ScanInput:
    """Cut the scanned days and their baseline out of the curves."""
    statistics = settings.statistics
    days, whole = statistics.scan_days, statistics.scan_days + BASELINE_DAYS
    end = curves.today - statistics.accrual_days
    cells, (city,), (reported,), (known,) = (
        curves.up_to(end, whole, table)
        for table in (curves.cells, curves.city[None], curves.share[None], curves.is_one_day[None])
    )
    cells, share = cells * known, np.where(known, reported, 1.0)
    base, scanned = slice(None, BASELINE_DAYS), slice(BASELINE_DAYS, None)
    past = np.where(known[base], city[base] / share[base], np.nan)
    due = scan.trailing_baseline(past, ground.people, days)
    before = np.outer(ground.people / max(ground.people.sum(), 1e-9), past)
    can_expect = ground.people.any() and known[base].sum() >= FEWEST_KNOWN_DAYS
    return ScanInput(
        end=end,
        cases=cells[:, scanned],
        expected=due * share[scanned],
        dispersion=scan_null.overdispersion(cells[:, base], before),
        simulated=curves.simulated,
        study=None if can_expect else np.round(cells[:, -BASELINE_DAYS:]),
    )


@dataclass
class ScanWork:
    """One scan on its way; `draw` some replicates a tick until it is done.

    `known` is the number of cases when it began.
    """

    ground: Ground
    settings: PictureSettings
    input: ScanInput
    stamp: Stamp
    known: int = 0
    maxima: list[Reals] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Say whether all replicates are drawn."""
        return self.drawn >= self.settings.statistics.replicates

    @property
    def drawn(self) -> int:
        """Count the replicates drawn so far."""
        return sum(len(part) for part in self.maxima)

    def draw(self) -> None:
        """Draw the next replicates; each part has its own chance, whenever it is drawn."""
        at_once = max(FEWEST_AT_ONCE, CELLS_AT_ONCE // max(len(self.ground.cells), 1))
        size = min(at_once, self.settings.statistics.replicates - self.drawn)
        chance = generator(FORMULA, self.input.end, len(self.maxima))
        given, zones = self.input, self.ground.zones
        if given.study is None:
            drawn = scan_null.expectation_maxima(
                given.expected, zones, given.dispersion, chance, draws=size
            )
        else:
            drawn = _permuted(given.study, zones, given.cases.shape[1], chance, size)
        self.maxima.append(drawn)

    def strongest(self) -> float:
        """Give the largest statistic of the map, whatever chance brings."""
        return float(_scanned(self.input, self.ground.zones)[0].max(initial=0.0))

    def said(self) -> Said:
        """Say the clusters, once all is drawn."""
        return said(self.ground, self.settings, self.input, np.concatenate(self.maxima))


def _permuted(
    study: Reals, zones: Weights, longest: int, chance: np.random.Generator, draws: int
) -> Reals:
    """Draw the largest statistic with the days dealt out anew among the cases."""
    cell, day = np.nonzero(study)
    times = study[cell, day].astype(np.int64)
    return scan_null.permutation_maxima(
        np.repeat(cell, times), np.repeat(day, times), (study.shape[0], study.shape[1]), zones,
        longest=longest, rng=chance, draws=draws,
    )  # fmt: skip


def _scanned(given: ScanInput, zones: Weights) -> tuple[Reals, Reals, Reals]:
    """Give statistic, cases and expected of every zone and duration."""
    longest = given.cases.shape[1]
    if given.study is None:
        cases, due = (windows(table, zones, longest) for table in (given.cases, given.expected))
        return scan.expectation_llr(cases, due), cases, due
    cases = windows(given.study, zones, longest)
    due = scan.permutation_expected(given.study, zones, longest)
    return scan.poisson_llr(cases, due, float(given.study.sum())), cases, due


def said(ground: Ground, settings: PictureSettings, given: ScanInput, maxima: Reals) -> Said:
    """Say the clusters at each rank; ranks without one say so."""
    statistics = settings.statistics
    llr, cases, due = _scanned(given, ground.zones)
    found = scan.clusters(llr, cases, due, ground.zones, most=statistics.most_clusters)
    p = scan_null.cluster_p(found.llr, maxima) if len(found.llr) else np.empty(0)
    ranks = {}
    for rank in range(1, statistics.most_clusters + 1):
        at = rank - 1
        there = at < len(p) and p[at] <= statistics.cluster_p
        ranks[str(rank)] = _shared(rank, given) | (
            _cluster(ground, settings, given, found, at=at, p=float(p[at])) if there else NONE_FOUND
        )
    return ranks


NONE_FOUND: Fields = {
    "found": False, "cluster_id": None, "centre": None, "rings": 0, "cells": [], "area_id": None,
    "start_day": None, "days": 0, "observed": 0.0, "expected": 0.0, "ratio": None,
    "ratio_lo": None, "ratio_hi": None, "llr": 0.0, "p": None, "recurrence_days": None,
    "is_alarm": False, "residents": 0.0, "sample_size": 0.0, "below_k": False,
}  # fmt: skip


def _shared(rank: int, given: ScanInput) -> Fields:
    return {
        "formula": FORMULA,
        "rank": rank,
        "res": COARSE,
        "end_day": text_of(given.end),
        "simulated": given.simulated,
    }


def _cluster(
    ground: Ground,
    settings: PictureSettings,
    given: ScanInput,
    found: Clusters,
    *,
    at: int,
    p: float,
) -> Fields:
    rings, centre = divmod(int(found.zone[at]), len(ground.cells))
    zone = slice(ground.zones.indptr[found.zone[at]], ground.zones.indptr[found.zone[at] + 1])
    members = np.sort(ground.zones.indices[zone])
    days, observed, expected = int(found.duration[at]), found.cases[at], found.expected[at]
    lower, upper = (float(end[0]) for end in poisson_interval([observed]))
    home = int(ground.home[-1, centre])
    recurrence = float(scan_null.recurrence_interval_days([p])[0])
    name = str(ground.names[centre])
    fields: dict[str, Any] = {
        "found": True,
        "cluster_id": f"{name}-{rings}",
        "centre": name,
        "rings": rings,
        "cells": ground.names[members].tolist(),
        "area_id": str(ground.gazetteer.area_id[home]) if home >= 0 else None,
        "start_day": text_of(given.end - days + 1),
        "days": days,
    }
    columns = {
        "observed": observed, "expected": expected, "ratio": observed / expected,
        "ratio_lo": lower / expected, "ratio_hi": upper / expected, "llr": found.llr[at], "p": p,
        "recurrence_days": recurrence, "residents": ground.people[members].sum(),
        "sample_size": observed,
    }  # fmt: skip
    small = 0 < observed < settings.smallest_count
    alarm = recurrence >= settings.statistics.alarm_recurrence_days
    return (
        fields
        | {name: rounded(float(value)) for name, value in columns.items()}
        | {"is_alarm": alarm, "below_k": bool(small)}
    )
