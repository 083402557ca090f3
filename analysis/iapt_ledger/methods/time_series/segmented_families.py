"""The families of a segmented regression, each fitted by statsmodels; all but the gaussian have a log link."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
from scipy import optimize, special
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS

from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]
ROUNDS = 100  # of iteration, before a fit is said not to converge
THETA = (1e-6, 1e7)  # of the negative binomial; above, it cannot be told from the Poisson


def _gaussian(x: Array, y: Array, log_exposure: Array) -> tuple[Any, float, float]:
    result = OLS(y, x).fit()
    scale = float(result.scale)
    return result, scale, scale


def _poisson(x: Array, y: Array, log_exposure: Array) -> tuple[Any, float, float]:
    result = _glm(x, y, log_exposure, families.Poisson())
    return result, float(result.pearson_chi2 / result.df_resid), 1.0


def _quasipoisson(x: Array, y: Array, log_exposure: Array) -> tuple[Any, float, float]:
    result = _glm(x, y, log_exposure, families.Poisson(), scale="X2")
    return result, float(result.scale), float(result.scale)


def _negative_binomial(x: Array, y: Array, log_exposure: Array) -> tuple[Any, float, float]:
    """Mean and theta = 1 / alpha in turn, each by maximum likelihood, until neither moves.

    As in MASS (Venables and Ripley 2002): errors take alpha as known, which costs little because the
    two are uncorrelated in large samples.
    """
    result = _glm(x, y, log_exposure, families.Poisson())
    mean = np.asarray(result.fittedvalues)
    if np.sum((y - mean) ** 2 - y) <= 0:
        _refuse_alpha()
    theta = np.inf
    for _ in range(ROUNDS):
        before, theta = theta, _theta(y, mean)
        result = _glm(x, y, log_exposure, families.NegativeBinomial(alpha=1 / theta))
        mean = np.asarray(result.fittedvalues)
        if abs(np.log(theta / before)) < 1e-10:
            return result, 1 / theta, 1.0
    raise not_converged()


def _theta(y: Array, mean: Array) -> float:
    """Theta by maximum likelihood for fixed means: the root of its score."""

    def score(log_theta: float) -> float:
        theta = np.exp(log_theta)
        more = special.digamma(theta + y) - special.digamma(theta) - np.log1p(mean / theta)
        return float(np.sum(more + (mean - y) / (theta + mean)))

    low, high = np.log(THETA)
    if score(low) <= 0 or score(high) >= 0:
        _refuse_alpha()
    return float(np.exp(optimize.brentq(score, low, high, xtol=1e-13)))


FITTERS = {
    "gaussian": _gaussian,
    "poisson": _poisson,
    "quasipoisson": _quasipoisson,
    "negative_binomial": _negative_binomial,
}


def _glm(x: Array, y: Array, log_exposure: Array, family: Any, scale: Any = None) -> Any:
    result = GLM(y, x, family=family, offset=log_exposure).fit(
        scale=scale, maxiter=ROUNDS, tol=1e-10, tol_criterion="params"
    )
    if not result.converged:
        raise not_converged()
    return result


def _refuse_alpha() -> NoReturn:
    raise MethodError(
        "The counts vary no more than the Poisson lets them, so the negative binomial has nothing to estimate",
        where="family negative_binomial",
        expected="a variance above the mean",
        fix="use the family poisson, or quasipoisson",
    )


def not_converged() -> MethodError:
    """The error of a fit that does not settle."""
    return MethodError(
        "The fit does not converge",
        where=f"after {ROUNDS} rounds",
        expected="events in enough periods on each side of the break",
        fix="set slope_change=False, use longer periods, or the gaussian family",
    )
