"""What chance does to a scan: null replicates, p-values and recurrence intervals.

Counts of real cases vary more than Poisson counts. A scan that ignores it raises false alarms on
up to 99 % of days at a nominal 1 %; so null replicates are negative binomial with the
overdispersion of the last weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo.columns import Index, Reals, Weights, fraction, positive, reals
from geo.errors import ParameterError
from geo.scan import permutation_expected, poisson_llr
from geo.zones import windows

DRAWS = 999
CHUNK = 40
BLOCK = 500
EULER = 0.5772156649015329
GUMBEL_BELOW = 0.002


@dataclass(frozen=True, slots=True)
class Gumbel:
    """Law of the largest LLR of a map without clusters."""

    location: float
    scale: float

    def p(self, llr: ArrayLike) -> Reals:
        """Give the chance of an LLR at least as large."""
        score = (np.asarray(llr, dtype=np.float64) - self.location) / self.scale
        return np.asarray(-np.expm1(-np.exp(-score)))


def overdispersion(counts: ArrayLike, expected: ArrayLike) -> float:
    r"""Estimate how much more counts of cells and days vary than Poisson counts would.

    Notes
    -----
    :math:`\phi = \max(1, \sum(y-\mu)^2/\sum\mu)` over all usable cells and days (56 days as a
    rule); summed before dividing, for single ratios explode where little is expected. 1
    without any expected case.
    """
    y, mu = np.asarray(counts, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    usable = np.isfinite(y) & np.isfinite(mu) & (mu > 0)
    total = mu[usable].sum()
    return max(1.0, float(((y[usable] - mu[usable]) ** 2).sum() / total)) if total > 0 else 1.0


def expectation_maxima(
    expected: ArrayLike,
    zones: Weights,
    dispersion: float,
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
) -> Reals:
    r"""Draw the largest expectation-based LLR of maps without clusters.

    Parameters
    ----------
    expected : (n, d) float64
        Baselines of the d days scanned, newest last.
    zones : (z, n) csr_array
        Zones; every duration of 1..d days is searched.
    dispersion : float
        Variance over mean of a cell's daily count, 1 (Poisson) or more.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    (draws,) float64

    Notes
    -----
    Counts are negative binomial, variance :math:`\phi\mu`. They are drawn as what they are, a
    Poisson number of clusters of logarithmic size: with :math:`\phi` common, a cluster falls
    on a cell and day in proportion to :math:`\mu` and has parameter :math:`1-1/\phi`, so a
    replicate costs as much as it has cases. LLRs are single precision (1e-6).
    """
    if not dispersion >= 1:
        raise ParameterError.of("dispersion", dispersion, "1 or more")
    baseline = np.nan_to_num(reals("expected", expected, ndim=2)).clip(0.0)
    n, d = baseline.shape
    due = windows(baseline, zones, d).astype(np.float32)[:, :, None]
    steps, blocks = _steps(zones)
    out = np.empty(draws)
    for first in range(0, draws, CHUNK):
        size = min(CHUNK, draws - first)
        drawn = _counts(baseline, dispersion, size, rng)
        recent = np.cumsum(drawn[:, ::-1], axis=1, dtype=np.float32).reshape(n, d * size)
        grown = (steps @ recent).reshape(blocks, -1, d * size)
        for wider in range(1, blocks):
            grown[wider] += grown[wider - 1]
        out[first : first + size] = _largest(grown.reshape(-1, d, size), due)
    return out


def permutation_maxima(
    cell: ArrayLike,
    day: ArrayLike,
    shape: tuple[int, int],
    zones: Weights,
    *,
    longest: int,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Reals:
    """Draw the largest space-time permutation LLR by dealing the days out among the cases.

    Parameters
    ----------
    cell, day : (c,) int
        Row of the cell and of the day of each case, newest day last.
    shape : (int, int)
        Cells and days of the study period.
    longest : int
        Longest duration scanned, ending on the last day.

    Notes
    -----
    Cells without a case have none in any draw, and add nothing to what is expected: they and the
    zones made of them alone are left out, which changes no maximum.
    """
    met, where = np.unique(np.asarray(cell, dtype=np.intp), return_inverse=True)
    when, shape = np.asarray(day, dtype=np.intp), (len(met), shape[1])
    near = zones[:, met]
    near = near[np.diff(near.indptr) > 0]
    due = permutation_expected(_table(where, when, shape), near, longest)
    out = np.empty(draws)
    for draw in range(draws):
        seen = windows(_table(where, rng.permutation(when), shape), near, longest)
        out[draw] = poisson_llr(seen, due, len(where)).max(initial=0.0)
    return out


def poisson_maxima(
    expected: ArrayLike, total: int, zones: Weights, rng: np.random.Generator, *, draws: int = DRAWS
) -> Reals:
    """Draw the largest conditional Poisson LLR: `total` cases dealt out by expectation.

    All 0 where nobody expects a case.
    """
    due = np.nan_to_num(reals("expected", expected)).clip(0.0)
    if not due.any():
        return np.zeros(draws)
    share = due / due.sum()
    drawn = rng.multinomial(total, share, size=draws).T.astype(np.float64)
    inside = (zones @ (share * total))[:, None]
    return np.asarray(poisson_llr(zones @ drawn, inside, float(total)).max(axis=0))


def monte_carlo_p(llr: ArrayLike, maxima: ArrayLike) -> Reals:
    r"""Give :math:`(1 + \#\{\text{null maximum} \ge llr\})/(R + 1)` for each LLR.

    Secondary clusters are compared with the same maxima, which is conservative.
    """
    ordered = np.sort(reals("maxima", maxima))
    above = len(ordered) - np.searchsorted(ordered, np.asarray(llr, dtype=np.float64))
    return np.asarray((1.0 + above) / (len(ordered) + 1.0))


def fit_gumbel(maxima: ArrayLike) -> Gumbel:
    r"""Fit by moments, as SaTScan does: :math:`\beta = s\sqrt6/\pi`, :math:`\mu = m-\gamma\beta`.

    Needs at least 2 different maxima; else ParameterError.
    """
    drawn = reals("maxima", maxima)
    spread = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    scale = positive("standard deviation of maxima", spread) * np.sqrt(6.0) / np.pi
    return Gumbel(float(drawn.mean() - EULER * scale), float(scale))


def cluster_p(llr: ArrayLike, maxima: ArrayLike) -> Reals:
    """Give p by rank among the null maxima, and by Gumbel only where the rank runs out (0.002).

    Above it the rank stands. Maxima that do not differ (a city that expects nothing) have
    ranks alone.
    """
    rank = monte_carlo_p(llr, maxima)
    if np.ptp(maxima) == 0:
        return rank
    smooth = fit_gumbel(maxima).p(llr)
    return np.where(rank > GUMBEL_BELOW, rank, np.minimum(smooth, GUMBEL_BELOW))


def recurrence_interval_days(p: ArrayLike, every_days: float = 1.0, analyses: int = 1) -> Reals:
    r"""Say once in how many days chance alone brings such a cluster.

    Parameters
    ----------
    p : (n,) float64
        P-values in (0, 1].
    every_days : float
        Days between analyses.
    analyses : int
        Analyses that the p-value was already adjusted for, this one included.

    Notes
    -----
    :math:`D/p`, or :math:`D/(1-(1-p)^{1/A})` (SaTScan user guide). An alarm is a recurrence
    of 365 days or more for one analysis a day.
    """
    value = reals("p", p)
    once = value if analyses == 1 else -np.expm1(np.log1p(-value) / analyses)
    return np.asarray(positive("every_days", every_days) / once)


def alarm_p(recurrence_days: float = 365.0, every_days: float = 1.0) -> float:
    """Give the largest p that is an alarm at this recurrence interval."""
    return fraction("alarm p", every_days / positive("recurrence_days", recurrence_days))


def _counts(
    baseline: Reals, dispersion: float, draws: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw (n, d, draws) counts with this mean and dispersion."""
    flat = baseline.ravel()
    rate = 1.0 if dispersion == 1 else np.log(dispersion) / (dispersion - 1.0)
    number = rng.poisson(flat.sum() * rate, size=draws)
    if number.sum() == 0:
        return np.zeros((*baseline.shape, draws), dtype=np.float32)
    edges = np.cumsum(flat) / flat.sum()
    place = np.searchsorted(edges, rng.random(number.sum()), side="right").clip(0, len(flat) - 1)
    size = np.ones(len(place))
    if dispersion > 1:
        size = rng.logseries(1.0 - 1.0 / dispersion, size=len(place)).astype(np.float64)
    draw = np.repeat(np.arange(draws), number)
    out = np.bincount(place * draws + draw, weights=size, minlength=len(flat) * draws)
    return out.astype(np.float32).reshape(*baseline.shape, draws)


def _steps(zones: Weights) -> tuple[Weights, int]:
    """Give zones as changes from the zones one block of n rows before, if that is less work.

    Disks of k + 1 rings hold those of k rings, so only the new ring needs to be added up.
    """
    z, n = zones.shape
    single = sparse.csr_array(zones, dtype=np.float32)
    if z <= n or z % n:
        return single, 1
    before = sparse.vstack([sparse.csr_array((n, n), dtype=np.float32), single[:-n]])
    steps = sparse.csr_array(single - before)
    steps.eliminate_zeros()
    return (steps, z // n) if steps.nnz < single.nnz else (single, 1)


def _largest(seen: NDArray[np.float32], due: NDArray[np.float32]) -> Reals:
    """Give the largest expectation-based LLR of each draw; overwrites `seen`."""
    best = np.zeros(seen.shape[2], dtype=np.float32)
    inverse = np.divide(1.0, due, out=np.zeros_like(due), where=due > 0)
    for first in range(0, len(seen), BLOCK):
        rows = slice(first, first + BLOCK)
        above = seen[rows]  # small enough to stay in the processor's cache
        above *= inverse[rows]
        np.maximum(above, 1.0, out=above)  # c below B, or nothing expected: the LLR is 0
        gain = np.log(above)
        gain -= 1.0
        gain *= above
        gain += 1.0
        gain *= due[rows]
        np.maximum(best, gain.max(axis=(0, 1)), out=best)
    return best.astype(np.float64)


def _table(cell: Index, day: Index, shape: tuple[int, int]) -> Reals:
    flat = np.bincount(cell * shape[1] + day, minlength=shape[0] * shape[1])
    return flat.astype(np.float64).reshape(shape)
