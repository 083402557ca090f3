"""Segmented regression itself: design, fit by statsmodels, model-based or Newey-West errors, Wald estimates."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats
from statsmodels.stats.sandwich_covariance import cov_nw_panel

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.time_series.segmented_families import FITTERS, not_converged
from iapt_ledger.methods.time_series.segmented_series import Settings

Array = npt.NDArray[np.float64]
Spans = Sequence[tuple[int, int]]  # first row and row past the last of each series
EXACT = 1e-12  # residuals below this share of the largest value are rounding, not scatter


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of a model by name (rows in order of time within each span), outcome and log exposure."""

    names: tuple[str, ...]
    x: Array
    y: Array
    log_exposure: Array
    spans: Spans


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model: coefficients by name with their covariance, in the units of the design.

    Attributes:
        mean: fitted outcome of each row.
        residuals: plain residuals of the gaussian family, Pearson's otherwise, unscaled.
        dispersion: residual variance (gaussian), Pearson's chi-square over its degrees of freedom
            (Poisson, quasi-Poisson), or alpha with variance = mean + alpha mean^2 (negative binomial).
        scale: what the model-based covariance was multiplied by.
        df: residual degrees of freedom.
    """

    design: Design
    settings: Settings
    params: Array
    cov: Array
    mean: Array
    residuals: Array
    dispersion: float
    scale: float
    df: int

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self.design.names)}

    @cached_property
    def leverage(self) -> Array:
        """Diagonal of the hat matrix, weighted as the last round of the fit was."""
        weights = self.mean if self.settings.log_link else np.ones_like(self.mean)
        if self.settings.family == "negative_binomial":
            weights = self.mean / (1 + self.dispersion * self.mean)
        x = self.design.x / np.sqrt(np.mean(self.design.x**2, axis=0))
        root = x * np.sqrt(weights)[:, None]
        return np.einsum("ij,ji->i", root, np.linalg.pinv(root))

    def combination(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """A weighted sum of coefficients and its standard error."""
        places = [self._place[name] for name in weights]
        w = np.array(list(weights.values()), dtype=float)
        return float(w @ self.params[places]), float(
            np.sqrt(w @ self.cov[np.ix_(places, places)] @ w)
        )

    def estimate(self, name: str, weights: Mapping[str, float]) -> Estimate:
        """A weighted sum of coefficients as an estimate with its Wald interval and p-value."""
        value, error = self.combination(weights)
        reach = self.quantile * error
        return Estimate(
            name=name,
            value=value,
            low=value - reach,
            high=value + reach,
            level=self.settings.level,
            p_value=self.p_value(value / error),
            interval=self.interval,
            scale="log" if self.settings.log_link else "difference",
        )

    @cached_property
    def quantile(self) -> float:
        """How many standard errors an interval reaches to either side."""
        upper = 0.5 + self.settings.level / 2
        return float(
            special.stdtrit(self.df, upper) if self.settings.uses_t else special.ndtri(upper)
        )

    def p_value(self, statistic: float) -> float:
        """Two-sided p-value of a Wald statistic, against t or the normal."""
        tail = -abs(statistic)
        return float(
            2 * (special.stdtr(self.df, tail) if self.settings.uses_t else special.ndtr(tail))
        )

    def joint(self, combinations: Sequence[Mapping[str, float]]) -> tuple[float, float]:
        """Wald statistic of several combinations being nought at once, per combination, and its p-value."""
        weights = np.zeros((len(combinations), len(self.params)))
        for row, combination in enumerate(combinations):
            for name, weight in combination.items():
                weights[row, self._place[name]] = weight
        values = weights @ self.params
        many = len(combinations)
        wald = float(values @ np.linalg.solve(weights @ self.cov @ weights.T, values)) / many
        p = (
            stats.f.sf(wald, many, self.df)
            if self.settings.uses_t
            else stats.chi2.sf(wald * many, many)
        )
        return wald, float(p)

    @property
    def interval(self) -> str:
        """What the limits are, in words."""
        lags = self.settings.hac_lags
        tails = f"t, {self.df} degrees of freedom" if self.settings.uses_t else "normal"
        if lags is None:
            return f"{self.settings.level:.0%} Wald interval ({tails})"
        return f"{self.settings.level:.0%} Newey-West interval ({lags} lag{'s' * (lags != 1)}; {tails})"

    def bounds(self, x: Array, log_exposure: Array) -> tuple[Array, Array, Array]:
        """The mean at other rows of the design with its interval, on the scale of the outcome."""
        line = x @ self.params + log_exposure
        reach = self.quantile * np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", x, self.cov, x), 0))
        ends = (line, line - reach, line + reach)
        with np.errstate(over="ignore"):  # a limit too large for a number is infinite
            return tuple(np.exp(e) if self.settings.log_link else e for e in ends)  # type: ignore[return-value]


def fit(design: Design, settings: Settings) -> Fit:
    """Fit a design.

    Columns are scaled to unit length for the fit, so that no unit of a covariate makes it unstable.

    Raises:
        MethodError: columns repeat one another, too few degrees of freedom are left, the fit does not
            converge or runs to infinity, no scatter is left, or there is no overdispersion to estimate.
    """
    x, y = design.x, design.y
    rows, columns = x.shape
    length = np.sqrt(np.mean(x**2, axis=0))
    _refuse_design(design, length)
    x = x / length
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, dispersion, scale = FITTERS[settings.family](x, y, design.log_exposure)
        cov = _covariance(result, settings, design.spans)
    mean = np.asarray(result.fittedvalues, dtype=float)
    _refuse_result(result.params, cov, mean, y, settings)
    return Fit(
        design=design,
        settings=settings,
        params=np.asarray(result.params) / length,
        cov=cov / np.outer(length, length),
        mean=mean,
        residuals=np.asarray(result.resid_pearson if settings.log_link else result.resid),
        dispersion=float(dispersion),
        scale=float(scale),
        df=rows - columns,
    )


def _covariance(result: Any, settings: Settings, spans: Spans) -> Array:
    """Model-based, or Newey-West with lags kept within each series and the factor n / (n - k)."""
    if settings.hac_lags is None:
        return np.asarray(result.cov_params(), dtype=float)
    return np.asarray(cov_nw_panel(result, settings.hac_lags, list(spans), use_correction="hac"))


def _refuse_design(design: Design, length: Array) -> None:
    rows, columns = design.x.shape
    if rows - columns < 2:
        raise MethodError(
            "There are too few periods for so many terms",
            where=", ".join(design.names),
            expected=f"at least {columns + 2} periods",
            found=rows,
            fix="leave out harmonics or covariates, or take a longer series",
        )
    usable = length > 0
    scaled = design.x / np.where(usable, length, 1)
    if usable.all() and np.linalg.matrix_rank(scaled, tol=1e-8 * np.sqrt(rows)) == columns:
        return
    twin = next(
        n
        for n in range(columns)
        if np.linalg.matrix_rank(scaled[:, : n + 1], tol=1e-8 * np.sqrt(rows)) <= n
    )
    raise MethodError(
        "A term repeats what the terms before it say, so their effects cannot be told apart",
        where=f"term {design.names[twin]}, after {', '.join(design.names[:twin])}",
        fix=f"leave out {design.names[twin]}",
    )


def _refuse_result(params: Array, cov: Array, mean: Array, y: Array, settings: Settings) -> None:
    variances = np.diag(cov)
    if not (np.isfinite(params).all() and np.isfinite(cov).all()):
        raise not_converged()
    if settings.log_link and mean.min() < 1e-8 * y.mean():
        raise MethodError(
            "The fit runs to infinity: some periods are told to have no events at all",
            where=f"a fitted mean of {mean.min():.2g}",
            expected="events in enough periods on each side of the break",
            fix="set slope_change=False, use longer periods, or the gaussian family",
        )
    if np.abs(y - mean).max() <= EXACT * np.abs(y).max():
        raise MethodError(
            "The model meets every point, so no scatter is left to judge a change by",
            expected="a series that varies about its trend",
            fix="look whether the outcome was computed from the time",
        )
    if (variances <= 0).any():
        raise MethodError(
            "The covariance of the coefficients is not positive, so no interval can be made",
            where=f"hac_lags={settings.hac_lags}",
            fix="take fewer lags, or hac_lags=None",
        )
