"""The statistics once more: loops, one row at a time, straight from the printed formula."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from scipy.stats import t as student


def moments(rows: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Give mean rate, spread of the rates and mean people of (cases, people) rows."""
    people = sum(n for _, n in rows)
    mean = sum(o for o, _ in rows) / people
    spread = sum(n * (o / n - mean) ** 2 for o, n in rows) / people
    return mean, spread, people / len(rows)


def marshall(o: float, n: float, rows: Sequence[tuple[float, float]]) -> float:
    """Shrink one rate towards the mean of `rows`."""
    mean, spread, typical = moments(rows)
    variance = max(0.0, spread - mean / typical)
    if variance + mean / n == 0:
        return mean
    return mean + (o / n - mean) * variance / (variance + mean / n)


def local_shrinkage(rows: Sequence[tuple[float, float]], near: Sequence[set[int]]) -> list[float]:
    """Shrink each rate towards the mean of its own neighbourhood."""
    return [marshall(*rows[i], [rows[j] for j in near[i]]) for i in range(len(rows))]


def binomial_shrinkage(cases: Sequence[float], total: Sequence[float]) -> list[float]:
    """Martuzzi and Elliott's estimate of each proportion."""
    mean, spread, typical = moments(list(zip(cases, total, strict=True)))
    out = []
    for o, n in zip(cases, total, strict=True):
        above = n * spread - n / typical * mean * (1 - mean)
        below = (n - 1) * spread + (typical - n) / typical * mean * (1 - mean)
        weight = min(1.0, max(0.0, above / below))
        out.append(weight * o / n + (1 - weight) * mean)
    return out


def gi_star(x: Sequence[float], near: Sequence[Sequence[int]], *, with_self: bool) -> list[float]:
    """Gi* (each cell in its own neighbourhood) or Gi (left out) with binary weights."""
    out = []
    for i in range(len(x)):
        others = list(x) if with_self else [v for j, v in enumerate(x) if j != i]
        members = [j for j in near[i] if with_self or j != i]
        n, w = len(others), len(members)
        mean = sum(others) / n
        s2 = sum(v * v for v in others) / n - mean**2
        spread = s2 * (n * w - w * w) / (n - 1)
        deviation = sum(x[j] for j in members) - mean * w
        out.append(deviation / math.sqrt(spread) if spread > 1e-12 * s2 else math.nan)
    return out


def benjamini_hochberg(p: Sequence[float], rate: float) -> list[bool]:
    """Reject the k smallest, k the largest with p(k) <= k / m * rate."""
    ordered = sorted(p)
    m = len(p)
    passed = [v for k, v in enumerate(ordered, 1) if v <= k / m * rate]
    return [v <= max(passed, default=-1.0) for v in p]


def essence_ewma(y: Sequence[float]) -> list[tuple[float, float]]:
    """ESSENCE's EWMA of one series with baselines of 7 to 28 days: (statistic, p) from day 9."""
    z = {0.4: y[0], 0.9: y[0]}
    out = []
    for t in range(len(y)):
        past = y[max(0, t - 30) : max(0, t - 2)]
        n, best = len(past), (math.nan, 2.0)
        for w, before in z.items():
            z[w] = w * y[t] + (1 - w) * before if t else y[0]
            if n < 7:
                continue
            mean, sd = statistics.mean(past), statistics.stdev(past)
            warn, alert = student.ppf(0.95, n - 1), student.ppf(0.99, n - 1)
            least = w / warn * (1 + 0.5 * (1 - w) ** 2)
            extra = (0.1289 - (0.2414 - 0.1826 * (1 - w) ** 4) * math.log(0.5)) * w / warn
            root = w / (2 - w) + 1 / n - 2 * (1 - w) ** 3 * (1 - (1 - w) ** n) / n
            sigma = max(least, sd * math.sqrt(root) + extra)
            score = (z[w] - mean) / sigma
            if abs(score) > alert:
                z[w] = mean + math.copysign(alert * sigma, score)
            p = float(student.sf(score, n - 1))
            best = min(best, (score, p), key=lambda pair: pair[1])
        if n >= 7:
            out.append(best)
    return out
