"""Slope and relative index of inequality: one number for a gradient over ranked groups, such as tenths of areas.

Groups are ranked from the most to the least deprived. Each stands at the middle of its stretch of the
population, laid out from 0 to 1 (its ridit), and a straight line is fitted to the rates, weighted by
population (Pamuk 1985; Low and Low 2004; the method of England's public health technical guidance).

Direction: order 1 is the MOST deprived group, and the indices say what the LEAST deprived end has more.

    slope index       fitted rate at the least deprived end less that at the most deprived end
    relative index    the ratio of those two ends
    to the mean       the slope index over the fitted rate in the middle of the population

A positive slope index and a relative index above 1 mean that the least deprived fare better if the rate is
something good. The groups are areas: an index says nothing of the people within them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.regression.linear_model import WLS, RegressionResults

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.groups.inequality_inputs import Column, Groups, Kind, groups_of
from iapt_ledger.methods.groups.inequality_result import (
    NO_ERRORS,
    Inequality,
    Linearity,
    normal_reach,
)

Array = npt.NDArray[np.float64]
Weights = Literal["population", "inverse variance"]
EXACT = 1e-12  # residuals and coefficients below this share of the largest rate are rounding


def inequality(
    rates: Column,
    populations: Column,
    order: Column,
    *,
    standard_errors: Column | None = None,
    counts: Column | None = None,
    kind: Kind = "plain",
    per: float | None = None,
    weights: Weights = "population",
    level: float = 0.95,
    unit: str = "",
) -> Inequality:
    """Slope and relative index of inequality, absolute gap and ratio, with intervals.

    Args:
        rates: one a group, in any unit: per cent, shares, per 100,000, years of life.
        populations: how many each group stands for; they set the ridits, and the weights of the line.
        order: rank of each group, 1 the most deprived; any distinct numbers will do.
        standard_errors: of the rates, in their unit.
        counts: events behind the rates, instead of standard errors: binomial for kind "share"
            (populations are then the denominators), Poisson for kind "rate".
        kind: what the rates are: "plain" (means), "rate" (events over exposure), "share".
        per: what one stands for: 1 for shares, 100 for per cent, 100,000; found from counts, else needed
            only to draw shares.
        weights: "population" as in public health practice, or "inverse variance".
        level: of the intervals, a share.
        unit: of the rates, for the words of a summary.

    Returns:
        See `Inequality`. Without standard errors or counts all intervals are those of the regression; where the
        line then meets every rate no scatter is left to make one of, and limits are NaN.

    Raises:
        MethodError: lengths differ; a rate, population or order is missing; a population is not above
            nought; two groups share a rank; there are fewer than three groups; the rates are not counts over
            populations times one factor; a standard error is negative, or nought where it is to be a
            weight or where all are.

    References:
        Pamuk 1985, Population Studies 39:17; Mackenbach and Kunst 1997, Social Science and Medicine 44:757;
        Low and Low 2004, Journal of Public Health 26:388.
    """
    reach = normal_reach(level)
    groups = groups_of(rates, populations, order, standard_errors, counts, kind, per)
    design = np.column_stack([np.ones(len(groups.ridits)), groups.ridits])
    w = _line_weights(groups, weights)
    fit = WLS(groups.rates, design, weights=w).fit()
    line = np.asarray(fit.params, dtype=float)
    line[np.abs(line) <= EXACT * np.abs(groups.rates).max()] = 0.0
    weighted = (design * w[:, None]).T
    hat = np.asarray(np.linalg.solve(weighted @ design, weighted), dtype=float)
    scatter = spread = _scatter(fit, level)
    if groups.standard_errors is not None:
        covariance = (hat * groups.standard_errors**2) @ hat.T
        spread = _Spread(covariance, reach, stats.norm.sf, f"{level:.0%} delta interval")
    return Inequality(
        groups=groups,
        fitted=design @ line,
        slope=spread.slope(line, level, unit),
        scatter=scatter.slope(line, level, unit),
        gap=_gap(groups, level, unit),
        linearity=_linearity(groups, design, w, design @ line),
        level=level,
        unit=unit,
        line=line,
        covariance=spread.covariance,
        hat=hat,
        reach=spread.reach,
    )


@dataclass(frozen=True)
class _Spread:
    """Covariance of intercept and slope, how many standard errors an interval reaches, and its tail."""

    covariance: Array
    reach: float
    tail: Callable[[float], float]
    kind: str

    def slope(self, line: Array, level: float, unit: str) -> Estimate:
        value, error = float(line[1]), float(np.sqrt(max(self.covariance[1, 1], 0.0)))
        p = 2 * float(self.tail(abs(value) / error)) if error > 0 else None
        low, high = value - self.reach * error, value + self.reach * error
        name = "Slope index of inequality"
        return Estimate(name, value, low, high, level, p, unit, self.kind, "difference")


def _scatter(fit: RegressionResults, level: float) -> _Spread:
    student = stats.t(fit.df_resid)
    covariance = np.asarray(fit.cov_params(), dtype=float)
    if np.abs(fit.resid).max() <= EXACT * np.abs(fit.model.endog).max():
        nothing = np.full_like(covariance, np.nan)
        return _Spread(nothing, np.nan, student.sf, "no interval: the line meets every rate")
    reach = float(student.ppf(0.5 + level / 2))
    return _Spread(covariance, reach, student.sf, f"{level:.0%} regression interval")


def _line_weights(groups: Groups, weights: str) -> Array:
    if weights == "population":
        return groups.shares
    if weights != "inverse variance":
        raise MethodError(
            "Unknown weights", found=weights, choices=("population", "inverse variance")
        )
    errors = groups.standard_errors
    if errors is None or (errors == 0).any():
        raise MethodError(
            "Inverse-variance weights need the standard error of every rate",
            where="argument standard_errors",
            expected="numbers above nought",
            found="none" if errors is None else "nought",
            fix='give standard_errors or counts, or weights="population"',
        )
    return np.asarray(errors**-2)


def _gap(groups: Groups, level: float, unit: str) -> Estimate:
    value = float(groups.rates[-1] - groups.rates[0])
    errors = groups.standard_errors
    reach = (
        np.nan if errors is None else normal_reach(level) * float(np.hypot(errors[0], errors[-1]))
    )
    name = "Least deprived group less most deprived"
    kind = NO_ERRORS if errors is None else f"{level:.0%} delta interval"
    return Estimate(
        name, value, value - reach, value + reach, level, None, unit, kind, "difference"
    )


def _linearity(groups: Groups, design: Array, weights: Array, fitted: Array) -> Linearity:
    rates, errors, df = groups.rates, groups.standard_errors, len(groups.rates) - 2
    centre = np.average(rates, weights=weights)
    total, left = (float((weights * (rates - part) ** 2).sum()) for part in (centre, fitted))
    r_squared = float(1 - left / total) if total > 0 else 1.0
    if errors is None or (errors == 0).any():
        return Linearity(None, df, None, r_squared)
    best = WLS(rates, design, weights=errors**-2).fit()
    q = float((((rates - best.fittedvalues) / errors) ** 2).sum())
    return Linearity(q, df, float(stats.chi2.sf(q, df)), r_squared)
