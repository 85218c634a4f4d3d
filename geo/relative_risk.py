r"""Relative risk of small areas with its uncertainty: the Poisson-gamma model.

.. math:: O_i \sim \mathrm{Poisson}(E_i\theta_i),\quad \theta_i \sim \mathrm{Gamma}(\nu, \alpha)

so that the posterior of :math:`\theta_i` is :math:`\mathrm{Gamma}(\nu + O_i, \alpha + E_i)`
(Clayton & Kaldor 1987, Biometrics 43:671). Everything published is read off that posterior:
mean, interval, and the *exceedance probability* that the risk lies above a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import gammaincc, gammaincinv, gammaln

from geo.columns import Reals, fraction, is_at_risk, positive, ratio, reals, same_length

FEWEST_AREAS = 20
FEWEST_CASES = 20.0
ROUNDS = 500


@dataclass(frozen=True, slots=True)
class GammaPrior:
    """Prior of relative risk: mean shape / rate, dimensionless."""

    shape: float = 2.0
    rate: float = 2.0


@dataclass(frozen=True, slots=True)
class GammaPosterior:
    """Posterior of relative risk, one gamma a row; NaN rows had no usable numbers."""

    shape: Reals
    rate: Reals

    def mean(self) -> Reals:
        """Give the posterior mean, (O + nu) / (E + alpha)."""
        return ratio(self.shape, self.rate)

    def exceedance(self, threshold: float) -> Reals:
        r"""Give :math:`P(\theta_i > c) = Q(\nu + O_i, c(\alpha + E_i))`, c above 0.

        Above 0.8 for c = 1 is a specific rule, sensitive from about 20 expected cases and
        relative risk 1.5 to 2 (Richardson et al. 2004, EHP 112:1016).
        """
        return np.asarray(gammaincc(self.shape, positive("threshold", threshold) * self.rate))

    def quantile(self, probability: float) -> Reals:
        """Give the value below which the risk lies with this probability, in (0, 1)."""
        return np.asarray(gammaincinv(self.shape, fraction("probability", probability)) / self.rate)


def posterior(cases: ArrayLike, expected: ArrayLike, prior: GammaPrior) -> GammaPosterior:
    """Update the prior with each row's cases.

    Parameters
    ----------
    cases : (n,) float64
        Cases, weighted if some are only suspected; not negative.
    expected : (n,) float64
        Expected cases, 0 or more; 0 leaves the prior as it was if there are no cases either.
    prior : GammaPrior
        Shape and rate, above 0.

    Returns
    -------
    GammaPosterior
        NaN where cases or expected is missing or negative, or cases came where none could.
    """
    count, mean = reals("cases", cases), reals("expected", expected)
    same_length(cases=count, expected=mean)
    positive("prior.shape", prior.shape)
    positive("prior.rate", prior.rate)
    usable = is_at_risk(count, mean) | ((count == 0) & (mean == 0))
    return GammaPosterior(
        np.where(usable, prior.shape + count, np.nan), np.where(usable, prior.rate + mean, np.nan)
    )


def fit_prior_by_moments(cases: ArrayLike, expected: ArrayLike) -> GammaPrior:
    r"""Fit the prior by Clayton and Kaldor's fixed point.

    Notes
    -----
    :math:`\nu/\alpha = \frac1n\sum\hat\theta_i` and
    :math:`\nu/\alpha^2 = \frac1{n-1}\sum(1+\alpha/E_i)(\hat\theta_i-\nu/\alpha)^2`, repeated
    until it stands still (Clayton & Kaldor 1987; the form printed with DCluster's
    empbaysmooth). Fewer than 20 areas or 20 cases, or no spread beyond chance within 500
    rounds, give shape = rate = 2 or the last round.
    """
    count, mean = _usable(cases, expected)
    if _is_scarce(count):
        return GammaPrior()
    risk, shape, rate = count / mean, 2.0, 2.0
    for _ in range(ROUNDS):
        theta = (count + shape) / (mean + rate)
        centre = theta.mean()
        spread = ((1.0 + rate / mean) * (theta - centre) ** 2).sum() / (len(risk) - 1)
        before, rate = rate, min(centre / max(spread, 1e-12), 1e6)
        shape = rate * centre
        if abs(rate - before) <= 1e-10 * rate:
            break
    return GammaPrior(float(shape), float(rate))


def fit_prior_by_likelihood(cases: ArrayLike, expected: ArrayLike) -> GammaPrior:
    r"""Fit the prior by maximum likelihood of the negative binomial that the cases follow.

    Notes
    -----
    :math:`O_i \sim \mathrm{NB}(\nu, \alpha/(\alpha+E_i))`, searched over :math:`\ln\nu,
    \ln\alpha`. The same guards as the fixed point.
    """
    count, mean = _usable(cases, expected)
    if _is_scarce(count):
        return GammaPrior()

    def minus_log_likelihood(log_parameters: Reals) -> float:
        shape, rate = np.exp(log_parameters)
        terms = gammaln(count + shape) - gammaln(shape) + shape * np.log(rate / (rate + mean))
        return -float((terms + count * np.log(mean / (rate + mean))).sum())

    found = minimize(
        minus_log_likelihood,
        np.log([2.0, 2.0]),
        method="Nelder-Mead",
        bounds=[(-14.0, 14.0)] * 2,
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000},
    )
    shape, rate = np.exp(found.x)
    return GammaPrior(float(shape), float(rate))


def _usable(cases: ArrayLike, expected: ArrayLike) -> tuple[Reals, Reals]:
    count, mean = reals("cases", cases), reals("expected", expected)
    same_length(cases=count, expected=mean)
    usable = is_at_risk(count, mean)
    return count[usable], mean[usable]


def _is_scarce(count: Reals) -> bool:
    return len(count) < FEWEST_AREAS or float(count.sum()) < FEWEST_CASES
