"""False alarms where there is nothing to find: flat risk, counts that vary more than Poisson's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo import exceedance, hotspots, scan, scan_null, significance, zones
from geo.columns import Reals
from geo.disks import gaussian_rings, grid_disks
from geo.risk import days, outputs
from stack.bench.risk_evidence import known_day
from stack.bench.rows import Row, at_most, between
from stack.bench.statistics import SERIAL_INTERVAL, disk_of_cells

CASES_PER_DAY = 40.0
BASELINE_DAYS = 28
WINDOW_DAYS = 7
SPREAD_DAYS = 56
MAXIMA_EVERY_SCANS = 28


@dataclass(frozen=True, slots=True)
class City:
    """Cells without any difference in risk, and their daily counts."""

    people: Reals
    counts: Reals


def run(options: Mapping[str, str]) -> list[Row]:
    """Simulate `days` (1000) days at variance over mean of 1, 1.5 and 2."""
    length = int(options.get("days", "1000"))
    cells = disk_of_cells(20)
    out = []
    for number, spread in enumerate((1.0, 1.5, 2.0)):
        rng = np.random.default_rng([7, number])
        city = flat_city(len(cells), length + SPREAD_DAYS + WINDOW_DAYS, spread, rng)
        weeks = flat_city(len(cells), WINDOW_DAYS * length + SPREAD_DAYS + WINDOW_DAYS, spread, rng)
        name = f"variance {spread:g} x mean"
        out += [
            at_most(f"{name}: cells called elevated", 100 * elevated_share(city), 1.0, "%"),
            between(f"{name}: scan alarms at 1 %", 100 * scan_alarms(weeks, rng), 0.5, 2.0, "%"),
            at_most(
                f"{name}: maps with a hot or cold spot at 5 %", 100 * hot_maps(city, rng), 5.0, "%"
            ),
            at_most(f"{name}: days with an alarm at 5 %", 100 * alarm_days(city), 5.0, "%"),
        ]
    return out


def flat_city(cells: int, length: int, spread: float, rng: np.random.Generator) -> City:
    """Draw counts in proportion to people alone."""
    people = rng.lognormal(7.5, 0.8, cells).round() + 50
    mean = np.repeat((CASES_PER_DAY * people / people.sum())[:, None], length, axis=1)
    if spread == 1:
        return City(people, rng.poisson(mean).astype(np.float64))
    drawn = rng.negative_binomial(mean / (spread - 1.0), 1.0 / spread)
    return City(people, drawn.astype(np.float64))


def elevated_share(city: City) -> float:
    """Run the score over all days and give the share of cells and days called elevated."""
    cells = disk_of_cells(20)
    kernel = grid_disks(cells, 3).weights(gaussian_rings(1.0, 3))
    settings = days.RiskSettings(SERIAL_INTERVAL)
    state, shares = days.new_state(len(cells), settings), []
    foreseen = np.zeros((len(cells), BASELINE_DAYS))
    with_factor = np.zeros((len(cells), BASELINE_DAYS))
    nothing = np.full(len(cells), np.nan)
    for t in range(BASELINE_DAYS, city.counts.shape[1]):
        day = known_day(city.counts[:, t], city.counts[:, t - 14 : t], nothing)
        parts = days.components_of(day, city.people, kernel, settings)
        seen = days.forecast(state, day, city.people, parts)
        local = seen.foreseen * state.factors.mean()
        state = days.next_state(state, day, seen, settings)
        foreseen = np.concatenate([foreseen[:, 1:], seen.foreseen[:, None]], axis=1)
        with_factor = np.concatenate([with_factor[:, 1:], local[:, None]], axis=1)
        if t >= 2 * BASELINE_DAYS and t % 7 == 0:
            month = city.counts[:, t - BASELINE_DAYS + 1 : t + 1]
            spread = scan_null.overdispersion(month, with_factor)
            state = days.next_strength(state, month.sum(axis=1), foreseen.sum(axis=1), spread)
        if t >= SPREAD_DAYS + WINDOW_DAYS:
            risk = outputs.relative_risk(seen.mean, state.factors)
            recent = city.counts[:, t - 13 : t + 1].sum(axis=1)
            shares.append((outputs.classes(risk, state.factors, recent) > 0).mean())
    return float(np.mean(shares))


def scan_alarms(city: City, rng: np.random.Generator) -> float:
    """Scan every seventh day as the job does every day, and count p <= 1 %.

    Windows of consecutive days overlap, so that their alarms come in runs: a thousand such
    days say as little as a few hundred apart. Baseline and dispersion are estimated.
    """
    disks = zones.disk_zones(disk_of_cells(20), 4)
    share = city.people / city.people.sum()
    alarms, maxima = [], np.zeros(1)
    days_ = range(SPREAD_DAYS + WINDOW_DAYS, city.counts.shape[1], WINDOW_DAYS)
    for number, t in enumerate(days_):
        past = city.counts[:, t - WINDOW_DAYS - BASELINE_DAYS : t - WINDOW_DAYS]
        due = np.repeat((share * past.sum() / BASELINE_DAYS)[:, None], WINDOW_DAYS, axis=1)
        if number % MAXIMA_EVERY_SCANS == 0:
            last = city.counts[:, t - WINDOW_DAYS - SPREAD_DAYS : t - WINDOW_DAYS]
            spread = scan_null.overdispersion(last, np.outer(share, last.sum(axis=0)))
            maxima = scan_null.expectation_maxima(due, disks, spread, rng)
        seen = zones.windows(city.counts[:, t - WINDOW_DAYS + 1 : t + 1], disks, WINDOW_DAYS)
        llr = scan.expectation_llr(seen, zones.windows(due, disks, WINDOW_DAYS)).max()
        alarms.append(scan_null.monte_carlo_p([llr], maxima)[0] <= 0.01)
    return float(np.mean(alarms))


def hot_maps(city: City, rng: np.random.Generator) -> float:
    """Give the share of weekly maps on which at least one hot or cold spot is discovered."""
    weights = grid_disks(disk_of_cells(20), 1).weights([1.0, 1.0])
    weeks = np.add.reduceat(city.counts, np.arange(0, city.counts.shape[1], 7), axis=1)[:, :-1]
    maps = (hotspots.hotspots(week, city.people, weights, rng) for week in weeks.T)
    return float(np.mean([found.level.any() or found.level_cold.any() for found in maps]))


def alarm_days(city: City) -> float:
    """Give the share of days on which any of 60 districts is discovered to exceed its past."""
    districts = np.add.reduceat(city.counts, np.arange(0, len(city.people) - 20, 21), axis=0)
    found = []
    for t in range(SPREAD_DAYS, districts.shape[1] + 1):
        past = districts[:, t - SPREAD_DAYS : t]
        p = exceedance.exceedance_p(past, dispersion=exceedance.series_overdispersion(past))
        found.append(significance.discoveries(p).discovered.any())
    return float(np.mean(found))
