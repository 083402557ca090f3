"""The beta-binomial distribution fitted to counts of several units, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.units.binomial_units import Array

LEAST_ICC = 1e-7  # under this the counts cannot be told from binomial ones, and rounding rules the likelihood
MOST_ICC = 1 - 1e-7


@dataclass(frozen=True)
class Fit:
    """Mean and intraclass correlation of a beta-binomial distribution.

    Attributes:
        mean: of the true rates, and its Wald interval on the log-odds scale.
        icc: intraclass correlation with its profile-likelihood limits; nought where the units do not differ.
        log_likelihood: with the binomial coefficients, as other programs print it.
        p_value: of the likelihood ratio against one rate for all, half of the chi-squared tail of one degree.
    """

    mean: float
    mean_interval: tuple[float, float]
    icc: tuple[float, float, float]
    log_likelihood: float
    p_value: float

    @property
    def alpha(self) -> float:
        """First parameter of the beta distribution of true rates; infinite where they do not differ."""
        return self.mean * self._size

    @property
    def beta(self) -> float:
        """Second parameter."""
        return (1 - self.mean) * self._size

    @property
    def _size(self) -> float:
        return (1 - self.icc[0]) / self.icc[0] if self.icc[0] > 0 else np.inf


def fit_beta_binomial(x: Array, n: Array, level: float) -> Fit:
    """Fit x events of n by maximum likelihood.

    Raises:
        MethodError: the search for the maximum does not settle.
    """
    counts = _Counts(x, n)
    null = counts.binomial()
    rho, best = counts.maximum()
    if best <= null + 1e-9:
        rho, best = 0.0, null
    cut = stats.chi2.ppf(level, 1) / 2
    low, high = counts.limits(rho, best, null, cut)
    logit, error = counts.logit_mean(rho)
    z = stats.norm.ppf(0.5 + level / 2)
    return Fit(
        mean=float(special.expit(logit)),
        mean_interval=(
            float(special.expit(logit - z * error)),
            float(special.expit(logit + z * error)),
        ),
        icc=(rho, low, high),
        log_likelihood=best + counts.coefficients,
        p_value=float(stats.chi2.sf(2 * max(0.0, best - null), 1) / 2) if rho else 0.5,
    )


class _Counts:
    """The likelihood of counts, as a function of the intraclass correlation: the mean is fitted at each value."""

    def __init__(self, x: Array, n: Array) -> None:
        self.x, self.n = x, n
        self.pooled = float(x.sum() / n.sum())
        self.coefficients = float(
            (special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)).sum()
        )

    def binomial(self) -> float:
        """Log-likelihood of one rate for all units, without the coefficients."""
        return float(
            (
                special.xlogy(self.x, self.pooled) + special.xlogy(self.n - self.x, 1 - self.pooled)
            ).sum()
        )

    def at(self, logit: float, rho: float) -> float:
        """Log-likelihood at a mean (log-odds) and an intraclass correlation, without the coefficients."""
        if rho <= 0:
            mu = float(special.expit(logit))
            return float((special.xlogy(self.x, mu) + special.xlogy(self.n - self.x, 1 - mu)).sum())
        size, mu = (1 - rho) / rho, special.expit(logit)
        a, b = mu * size, (1 - mu) * size
        return float((special.betaln(self.x + a, self.n - self.x + b) - special.betaln(a, b)).sum())

    def best_logit(self, rho: float) -> float:
        """Log-odds of the mean that is likeliest at an intraclass correlation."""
        rates = self.x / self.n
        middle = special.logit(np.clip([self.pooled, rates.mean()], 1e-9, 1 - 1e-9))
        found = optimize.minimize_scalar(
            lambda logit: -self.at(logit, rho),
            bounds=(middle.min() - 3, middle.max() + 3),
            method="bounded",
            options={"xatol": 1e-9},
        )
        if not found.success:
            raise MethodError("The mean rate of units could not be fitted", found=found.message)
        return float(found.x)

    def profile(self, rho: float) -> float:
        """Log-likelihood at an intraclass correlation, the mean being the likeliest."""
        return self.binomial() if rho <= 0 else self.at(self.best_logit(rho), rho)

    def maximum(self) -> tuple[float, float]:
        """The likeliest intraclass correlation, and the log-likelihood there."""
        found = optimize.minimize_scalar(
            lambda logit: -self.profile(float(special.expit(logit))),
            bounds=(special.logit(LEAST_ICC), special.logit(MOST_ICC)),
            method="bounded",
            options={"xatol": 1e-9, "maxiter": 500},
        )
        if not found.success:
            raise MethodError(
                "The variance between units could not be fitted",
                expected="a likelihood with a maximum",
                found=found.message,
                fix="look for units that differ from all others",
            )
        rho = float(special.expit(found.x))
        return (rho, -float(found.fun)) if rho > 2 * LEAST_ICC else (0.0, self.binomial())

    def limits(self, rho: float, best: float, null: float, cut: float) -> tuple[float, float]:
        """Profile-likelihood limits: where the log-likelihood has fallen by `cut`; nought where it never does."""

        def fallen(logit: float) -> float:
            return best - self.profile(float(special.expit(logit))) - cut

        ends = special.logit(LEAST_ICC), special.logit(MOST_ICC)
        start = special.logit(max(rho, LEAST_ICC))
        low = 0.0
        if rho > 0 and best - null > cut and fallen(ends[0]) > 0:
            low = float(special.expit(optimize.brentq(fallen, ends[0], start, xtol=1e-7)))
        high = 1.0
        if (
            fallen(start) >= 0
        ):  # so many outcomes a unit that the least correlation looked at is too much
            high = max(rho, LEAST_ICC)
        elif fallen(ends[1]) > 0:
            high = float(special.expit(optimize.brentq(fallen, start, ends[1], xtol=1e-7)))
        return low, high

    def logit_mean(self, rho: float) -> tuple[float, float]:
        """Log-odds of the mean and its standard error, from the curvature of the likelihood."""
        if rho <= 0:
            p, n = self.pooled, self.n.sum()
            return float(special.logit(p)), float(1 / np.sqrt(n * p * (1 - p)))
        logit, step = self.best_logit(rho), 1e-3
        up, at, down = (self.at(logit + side * step, rho) for side in (1, 0, -1))
        curvature = (2 * at - up - down) / step**2
        if curvature <= 0:
            raise MethodError("The mean rate of units has no standard error", found=curvature)
        return logit, float(1 / np.sqrt(curvature))
