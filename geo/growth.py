"""Growth: by how much cases rise or fall a day, and in how many days they double or halve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.columns import Flags, Reals, positive, reals, same_length

FEWEST_CASES = 20.0
NORMAL_95 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth rate a day with its 90 % interval, and whether it may be called a trend."""

    rate: Reals
    lower: Reals
    upper: Reals
    is_trend: Flags

    def doubling_days(self) -> tuple[Reals, Reals, Reals]:
        """Give days to double (negative: to halve) with the interval's ends, in rising order.

        NaN where there is no clear trend: an interval that holds 0 growth holds infinite
        doubling times.
        """
        fast, middle, slow = (
            np.divide(np.log(2.0), rate, out=np.full(len(rate), np.nan), where=self.is_trend)
            for rate in (self.upper, self.rate, self.lower)
        )
        return np.fmin(fast, slow), middle, np.fmax(fast, slow)


def growth(
    last: ArrayLike,
    before: ArrayLike,
    days: float = 7.0,
    counted: tuple[ArrayLike, ArrayLike] | None = None,
) -> Growth:
    r"""Compare the last week's cases with the week's before.

    Parameters
    ----------
    last, before : (n,) float64
        Cases of the two weeks, each corrected for what is not reported yet; not negative.
    days : float
        Days in each.
    counted : pair of (n,) float64, optional
        Cases that the two sums are as sure as, see `geo.delays.as_sure_as`; the sums themselves
        if left out. The interval rests on them.

    Returns
    -------
    Growth
        Per day. `is_trend` needs 20 counted cases in both weeks together and an interval without
        0; NaN where a sum is missing or negative.

    Notes
    -----
    :math:`r = \ln\frac{S_1+0.5}{S_0+0.5}/d`, variance
    :math:`(1/(C_1+0.5) + 1/(C_0+0.5))/d^2` with C the counted cases, interval
    :math:`\pm 1.645` deviations.
    """
    recent, earlier = reals("last", last), reals("before", before)
    pair = (recent, earlier) if counted is None else counted
    seen, seen_before = reals("counted", pair[0]), reals("counted", pair[1])
    same_length(last=recent, before=earlier, counted=seen, counted_before=seen_before)
    length = positive("days", days)
    usable = (recent >= 0) & (earlier >= 0) & (seen >= 0) & (seen_before >= 0)
    s1, s0, c1, c0 = (
        np.where(usable, s, np.nan) + 0.5 for s in (recent, earlier, seen, seen_before)
    )
    rate = np.log(s1 / s0) / length
    spread = NORMAL_95 * np.sqrt(1.0 / c1 + 1.0 / c0) / length
    lower, upper = rate - spread, rate + spread
    clear = (seen + seen_before >= FEWEST_CASES) & ((lower > 0) | (upper < 0))
    return Growth(rate, lower, upper, clear & usable)
