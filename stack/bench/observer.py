"""An observer who knows all of a simulated epidemic but the cells' own risk: what can be known.

It is told the mechanisms' rates, the law that cells' own risk was drawn from and how bursty
cases are, and learns each cell's own risk from all its cases by Bayes' rule. No score that has
to find all that out from cases can rank cells better, so it bounds what may be asked of one.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from geo.columns import Reals
from stack.bench.renewal import BURSTS

GRID = np.exp(np.linspace(np.log(0.03), np.log(20.0), 61))


class Observer:
    """Posterior of each cell's own risk on a grid."""

    def __init__(self, cells: int, frailty: float) -> None:
        deviation = max(frailty, 1e-3)
        law = -0.5 * ((np.log(GRID) + deviation**2 / 2) / deviation) ** 2
        self._log = np.repeat(law[None, :], cells, axis=0)

    def see(self, cases: Reals, due: Reals) -> None:
        """Take a day's cases, negative binomial around due times own risk."""
        mean = np.maximum(due[:, None] * GRID, 1e-12)
        size = mean / (BURSTS - 1.0)
        told = gammaln(cases[:, None] + size) - gammaln(size) - size * np.log(BURSTS)
        self._log += told

    def own_risk(self) -> Reals:
        """Give the posterior mean of each cell's own risk."""
        p = np.exp(self._log - self._log.max(axis=1, keepdims=True))
        return np.asarray(p @ GRID / p.sum(axis=1))
