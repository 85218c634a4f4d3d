r"""Reproduction number: how many people one case infects now (Cori et al. 2013).

.. math:: I_t \sim \mathrm{Poisson}(R\Lambda_t),\quad \Lambda_t = \sum_{s\ge1} w_s I_{t-s}

with R constant over a window of days and a Gamma(a, scale b) prior. Imported cases infect
others (they count in :math:`\Lambda`) but were not infected here (not in the window's sum).
EpiEstim's prior is a = 1, b = 5 (mean 5, sd 5); epyestim's is another under the same letters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, gammaincinv

from geo.columns import Flags, Reals, fraction, positive, reals
from geo.errors import ColumnError, ParameterError

PRIOR_SHAPE = 1.0
PRIOR_SCALE = 5.0
WINDOW_DAYS = 7
COEFFICIENT = 0.3
MOSTLY = 0.95


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Gamma law of R for windows that end on each day; NaN before the first whole window."""

    shape: Reals
    scale: Reals
    cases: Reals
    sure: Flags

    def mean(self) -> Reals:
        """Give the posterior mean."""
        return np.asarray(self.shape * self.scale)

    def deviation(self) -> Reals:
        """Give the posterior standard deviation."""
        return np.asarray(np.sqrt(self.shape) * self.scale)

    def quantile(self, probability: float) -> Reals:
        """Give the value below which R lies with this probability."""
        return np.asarray(
            gammaincinv(self.shape, fraction("probability", probability)) * self.scale
        )

    def above_one(self) -> Reals:
        """Give P(R > 1): the probability that the epidemic grows."""
        return np.asarray(gammaincc(self.shape, 1.0 / self.scale))


def force_of_infection(incidence: ArrayLike, serial_interval: ArrayLike) -> Reals:
    r"""Give :math:`\Lambda_t = \sum_{s=1} w_s I_{t-s}` for each day.

    Parameters
    ----------
    incidence : (..., t) float64
        Cases by onset day (local and imported), oldest first; NaN counts as 0.
    serial_interval : (s,) float64
        Probability of an interval of 0, 1, 2, ... days; that of 0 days must be 0.

    Returns
    -------
    (..., t) float64
        0 on the first day.
    """
    cases = np.nan_to_num(np.asarray(incidence, dtype=np.float64))
    interval = reals("serial_interval", serial_interval)
    if len(interval) < 2 or interval[0] != 0 or abs(interval.sum() - 1) > 0.01:
        raise ColumnError("serial_interval must begin with 0 for 0 days and add to 1")
    force = np.zeros_like(cases)
    for lag in range(1, min(len(interval), cases.shape[-1])):
        force[..., lag:] += interval[lag] * cases[..., :-lag]
    return force


def reproduction(
    local: ArrayLike,
    imported: ArrayLike,
    serial_interval: ArrayLike,
    *,
    share: ArrayLike = 1.0,
    window: int = WINDOW_DAYS,
    prior_shape: float = PRIOR_SHAPE,
    prior_scale: float = PRIOR_SCALE,
) -> Reproduction:
    r"""Estimate R over sliding windows.

    Parameters
    ----------
    local, imported : (..., t) float64
        Cases known by onset day, oldest first; negative and missing days count as 0. A leading
        dimension holds areas.
    serial_interval : (s,) float64
        Probability of 0 (must be 0), 1, 2, ... days between onset and onset.
    share : float or (t,) float64
        Share of each day's cases that is reported by now, in (0, 1].
    window : int
        Days; 7 keeps the weekday pattern out.

    Returns
    -------
    Reproduction
        (..., t) columns by the window's last day. `sure` marks windows with enough cases for
        a coefficient of variation of 0.3 (11 cases with the default prior); elsewhere show a
        larger area.

    Notes
    -----
    :math:`R \sim \Gamma(a + \sum I_{local},\ 1/(1/b + \sum F\Lambda))` (Cori et al. 2013, Am. J.
    Epidemiol. 178:1505; Thompson et al. 2019 for imported cases). With all reported, F is 1 and
    this is theirs. Else :math:`\Lambda` is of cases over their share, and of those infected the
    share F is known, :math:`I_t \sim \mathrm{Poisson}(F_t R\Lambda_t)`: the interval rests on
    the cases that were counted, not on those that are only foreseen. The first day is the index
    case's: no window holds it.
    """
    here = np.nan_to_num(np.asarray(local, dtype=np.float64)).clip(0.0)
    away = np.nan_to_num(np.asarray(imported, dtype=np.float64)).clip(0.0)
    if here.shape != away.shape:
        raise ColumnError.shaped("imported", away.shape, f"{here.shape}, like local")
    done = np.asarray(share, dtype=np.float64)
    if done.ndim and done.shape != here.shape[-1:]:
        raise ColumnError.shaped("share", done.shape, f"{here.shape[-1:]}, a day each")
    if not ((done > 0) & (done <= 1)).all():
        raise ParameterError.of("share", share, "shares in (0, 1]")
    if window < 1:
        raise ParameterError.of("window", window, "1 day or more")
    positive("prior_shape", prior_shape)
    positive("prior_scale", prior_scale)
    force = _window_sums(done * force_of_infection((here + away) / done, serial_interval), window)
    cases = _window_sums(here, window)
    fewest = np.ceil(1.0 / COEFFICIENT**2 - prior_shape)
    with np.errstate(invalid="ignore"):
        return Reproduction(
            prior_shape + cases, 1.0 / (1.0 / prior_scale + force), cases, cases >= fewest
        )


def is_followed(known: Flags, serial_interval: ArrayLike, window: int = WINDOW_DAYS) -> Flags:
    """Say of each day whether who infected the cases of the window up to it is mostly known.

    Parameters
    ----------
    known : (t,) bool
        Days whose cases are known; False before some day, True from it on.
    serial_interval : (s,) float64
        Probability of an interval of 0, 1, 2, ... days.
    window : int
        Days of the window, the day itself included.

    Returns
    -------
    (t,) bool
        All True where every day is known.

    Notes
    -----
    Before, the prior alone speaks, or R is too high by all those who are not counted; Cori et
    al. 2013 begin after one mean serial interval, here it is nineteen in twenty of them.
    """
    reach = int(np.searchsorted(np.cumsum(serial_interval), MOSTLY))
    first = 0 if known.all() else int(known.argmax()) + reach + window - 1
    return np.arange(len(known)) >= (first if known.any() else len(known))


def discrete_serial_interval(mean: float, deviation: float, longest: int) -> Reals:
    r"""Turn a shifted gamma serial interval into probabilities of 0..`longest` days.

    Parameters
    ----------
    mean, deviation : float
        Mean above 1 and standard deviation above 0, in days.
    longest : int
        Longest interval kept; what is longer is cut off, so the sum may be just below 1.

    Notes
    -----
    With :math:`\Gamma` of mean :math:`\mu-1` and the same deviation, its distribution function
    :math:`F_a` (shape a, scale b): :math:`w_k = kF_a(k) + (k-2)F_a(k-2) - 2(k-1)F_a(k-1) +
    ab\,(2F_{a+1}(k-1) - F_{a+1}(k-2) - F_{a+1}(k))` (Cori et al. 2013, web appendix 11).
    """
    if not mean > 1:
        raise ParameterError.of("mean", mean, "days, above 1")
    shape = ((mean - 1.0) / positive("deviation", deviation)) ** 2
    scale = deviation**2 / (mean - 1.0)
    k = np.arange(longest + 1, dtype=np.float64)

    def below(days: Reals, extra: float) -> Reals:
        return np.asarray(gammainc(shape + extra, days.clip(0.0) / scale))

    w = k * below(k, 0) + (k - 2) * below(k - 2, 0) - 2 * (k - 1) * below(k - 1, 0)
    w += shape * scale * (2 * below(k - 1, 1) - below(k - 2, 1) - below(k, 1))
    return np.asarray(w.clip(0.0))


def _window_sums(daily: Reals, window: int) -> Reals:
    """Sum the window that ends on each day; NaN where it would hold the first day."""
    out = np.full(daily.shape, np.nan)
    total = np.cumsum(daily, axis=-1)
    if daily.shape[-1] > window:
        out[..., window:] = total[..., window:] - total[..., :-window]
    return out


def reproduction_of_growth(growth_per_day: ArrayLike, mean: float, deviation: float) -> Reals:
    r"""Translate a growth rate into R for a gamma generation time: :math:`(1+r\theta)^k`.

    Mean and deviation in days (Wallinga & Lipsitch 2007, Proc. R. Soc. B 274:599). 0 where
    cases fall faster than the generation time allows.
    """
    scale = positive("deviation", deviation) ** 2 / positive("mean", mean)
    base = 1.0 + reals("growth_per_day", growth_per_day) * scale
    return np.asarray(np.maximum(base, 0.0) ** (mean / scale))
