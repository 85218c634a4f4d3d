"""How fast the statistics are, alone and beside the libraries that do the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from geo import hotspots, moran, rates, scan, scan_null, zones
from geo.columns import Reals, Weights
from geo.disks import gaussian_rings, grid_disks
from geo.risk import days, outputs
from stack.bench.rows import Row, at_least, at_most

CENTRE = (30.55, 114.30)
MOST_BESIDE = 2
SERIAL_INTERVAL = np.array([0.1, 0.2, 0.25, 0.2, 0.1, 0.08, 0.04, 0.03])


def run(options: Mapping[str, str]) -> list[Row]:
    """Measure hot spots, scan and risk, then the peers; `repeat=N` takes the best of N (5)."""
    repeat = int(options.get("repeat", "5"))
    return [
        *hotspot_rows(repeat), *scan_rows(repeat), *risk_rows(repeat), *peer_rows(repeat),
    ]  # fmt: skip


def disk_of_cells(k: int) -> NDArray[np.uint64]:
    """Give the cells of resolution 8 within k rings of a point in Wuhan, in h3's order."""
    return np.array(h3.grid_disk(h3.latlng_to_cell(*CENTRE, 8), k), dtype=np.uint64)


def best_ms(repeat: int, call: Callable[[], object]) -> float:
    """Give the shortest processor time of several runs.

    The calls are of one thread and wait for nothing, so on an idle machine this is the time on
    the wall, and on a busy one what it would be there.
    """
    taken = []
    for _ in range(repeat):
        start = time.thread_time()
        call()
        taken.append(time.thread_time() - start)
    return 1000.0 * min(taken)


def hotspot_rows(repeat: int) -> list[Row]:
    """Gi* of EB-standardised rates with false discoveries, dense and sparse cases."""
    cells = disk_of_cells(182)
    weights = grid_disks(cells, 1).weights([1.0, 1.0])
    rng = np.random.default_rng(1)
    people = rng.lognormal(6, 1, len(cells)).round() + 50
    out = []
    for name, rate in (("many cases", 0.01), ("few cases, permuted", 0.001)):
        cases = rng.poisson(people * rate).astype(np.float64)
        ms = best_ms(repeat, partial(hotspots.hotspots, cases, people, weights, rng))
        out.append(at_most(f"hot spots, {len(cells)} cells, {name}", ms, 50, "ms"))
    return out


def scan_rows(repeat: int) -> list[Row]:
    """One scan of 7 durations, and 999 negative-binomial replicates."""
    cells = disk_of_cells(25)
    disks = zones.disk_zones(cells, 4)
    rng = np.random.default_rng(2)
    share = rng.lognormal(7, 1, len(cells))
    due = np.repeat((100 * share / share.sum())[:, None], 7, axis=1)
    counts = rng.poisson(due).astype(np.float64)
    expected = zones.windows(due, disks, 7)

    def once() -> object:
        seen = zones.windows(counts, disks, 7)
        return scan.clusters(scan.expectation_llr(seen, expected), seen, expected, disks)

    def null() -> object:
        return scan_null.expectation_maxima(due, disks, 1.5, rng)

    size = f"{len(cells)} cells, {disks.shape[0]} disks"
    return [
        at_most(f"scan, {size}, 7 durations", best_ms(4 * repeat, once), 3, "ms"),
        at_most(f"scan, {size}, 999 NB replicates", best_ms(2, null) / 1000, 3, "s"),
    ]


def risk_rows(repeat: int) -> list[Row]:
    """Measure a whole risk update with all its outputs, 10,000 and 100,000 cells."""
    out = []
    for rings, limit in ((57, 50.0), (182, 500.0)):
        cells = disk_of_cells(rings)
        kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
        rng = np.random.default_rng(3)
        people = rng.lognormal(6, 1, len(cells)).round() + 1
        day = some_day(people, rng)
        settings = days.RiskSettings(SERIAL_INTERVAL)
        state = days.new_state(len(cells), settings)
        ms = best_ms(repeat, partial(update, state, day, people, kernel, settings))
        out.append(at_most(f"risk update, {len(cells)} cells", ms, limit, "ms"))
    return out


def some_day(people: Reals, rng: np.random.Generator) -> days.RiskDay:
    """Give a day on which every input of the score is there."""
    n = len(people)
    recent = rng.poisson(people[:, None] * 1e-4, (n, 14)).astype(np.float64)
    return days.RiskDay(
        cases=rng.poisson(people * 1e-4).astype(np.float64),
        recent_cases=recent,
        city_cases_per_day=float(recent[:, -7:].sum() / 7),
        reported_share=0.9,
        exposure_min=rng.gamma(1.0, 20.0, n),
        density=rng.gamma(2.0, 500.0, n),
        feverish=rng.poisson(2.0, n).astype(np.float64),
        screened=np.full(n, 900.0),
    )


def update(
    state: days.RiskState,
    day: days.RiskDay,
    people: Reals,
    kernel: Weights,
    settings: days.RiskSettings,
) -> outputs.RelativeRisk:
    """Take one day in and work out all that is published of it."""
    components = days.components_of(day, people, kernel, settings)
    seen = days.forecast(state, day, people, components)
    after = days.next_state(state, day, seen, settings)
    risk = outputs.relative_risk(seen.mean, after.factors)
    outputs.shares(components, state.weights, state.gate, seen.mean)
    outputs.classes(risk, after.factors, day.recent_cases.sum(axis=1))
    outputs.listed(risk.above_1_5)
    outputs.expected_ahead(seen.expected, seen.mean, after.factors)
    return risk


def peer_rows(repeat: int) -> list[Row]:
    """Get the same numbers from esda, in the same run; no rows where it is not installed."""
    try:
        import esda  # noqa: PLC0415
        from libpysal.weights import W  # noqa: PLC0415
    except ImportError:
        return [Row("esda is not installed: no comparison", float("nan"), "")]
    cells = disk_of_cells(30)
    n = len(cells)
    weights = grid_disks(cells, 1).weights([0.0, 1.0])
    near = np.split(weights.indices, weights.indptr[1:-1])
    theirs = W({i: row.tolist() for i, row in enumerate(near)}, silence_warnings=True)
    rng = np.random.default_rng(4)
    people = rng.lognormal(7, 1, n).round() + 50
    # esda's G_Local divides by the sum of x and turns its sign where that is negative.
    x = 10 + rates.standardised_rates(rng.poisson(people * 0.01).astype(np.float64), people)
    star = grid_disks(cells, 1).weights([1.0, 1.0])

    def esda_gi() -> object:
        return esda.G_Local(x, theirs, transform="B", star=True, permutations=999, seed=1)

    def esda_moran() -> object:
        return esda.Moran_Local(x, theirs, permutations=999, seed=1)

    def our_gi() -> object:
        return hotspots.gi_star(x, star), hotspots.permutation_p(x, star, rng, 999)

    def our_moran() -> object:
        return moran.local_moran(x, weights, rng, 999)

    difference = float(np.nanmax(np.abs(hotspots.gi_star(x, star) - esda_gi().Zs)))  # type: ignore[attr-defined]
    p = moran.local_moran(x, weights, rng, 999).p
    apart = float(np.nanmean(np.abs(p - esda_moran().p_sim)))  # type: ignore[attr-defined]
    # as often for both: the fastest of more runs would be faster by luck alone
    repeat = min(repeat, MOST_BESIDE)
    gi_ratio = best_ms(repeat, esda_gi) / best_ms(repeat, our_gi)
    moran_ratio = best_ms(repeat, esda_moran) / best_ms(repeat, our_moran)
    return [
        at_most(f"Gi* z against esda, {n} cells, largest difference", difference, 1e-9, ""),
        at_least("Gi* with 999 permutations, times as fast as esda", gi_ratio, 5, "x"),
        at_most("local Moran p against esda, mean difference", apart, 0.02, ""),
        at_least("local Moran with 999 permutations, times as fast as esda", moran_ratio, 5, "x"),
    ]
