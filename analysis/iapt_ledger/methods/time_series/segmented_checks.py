"""How far a segmented regression can be believed: autocorrelation, influence, power."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.stattools import durbin_watson

from iapt_ledger.methods.base import MethodError, printed
from iapt_ledger.methods.time_series.segmented_fit import Design, Fit, fit

Array = npt.NDArray[np.float64]
FAR = 40.0  # standard errors beyond the quantile, where no test misses an effect
POWER_METHOD = (
    "two-sided Wald test at the level of the interval; the standard error that this series gave is taken as "
    "the one that the design has, and the effect is a stated one, not the estimate"
)


@dataclass(frozen=True)
class ResidualChecks:
    """Autocorrelation of the residuals (plain for the gaussian family, Pearson's otherwise).

    Attributes:
        lag1: autocorrelation at lag 1; durbin_watson: 2 without autocorrelation at lag 1, less where
            neighbours are alike.
        ljung_box: the statistic over `lags` lags with `p_value`, against no autocorrelation. Its degrees
            of freedom are the lags: with few periods and many terms it errs, so read it beside the others.
    """

    lag1: float
    durbin_watson: float
    ljung_box: float
    lags: int
    p_value: float

    def summary(self) -> str:
        """One line for people."""
        p = "< 0.001" if self.p_value < 0.001 else f"= {self.p_value:.3f}"
        return (
            f"Residuals: autocorrelation at lag 1 {printed(self.lag1)}, Durbin-Watson "
            f"{printed(self.durbin_watson)}, Ljung-Box over {self.lags} lags p {p}"
        )


def residual_checks(residuals: Array) -> ResidualChecks:
    """The autocorrelation of residuals in order of time, over a fifth of them as lags, at most ten."""
    lags = max(1, min(10, len(residuals) // 5))
    centred = residuals - residuals.mean()
    box = acorr_ljungbox(residuals, lags=[lags])
    return ResidualChecks(
        lag1=float(centred[1:] @ centred[:-1] / (centred @ centred)),
        durbin_watson=float(durbin_watson(residuals)),
        ljung_box=float(box["lb_stat"].iloc[0]),
        lags=lags,
        p_value=float(box["lb_pvalue"].iloc[0]),
    )


def influence(model: Fit, labels: Sequence[Any], term: str) -> pd.DataFrame:
    """What each period weighs in the fit.

    Returns:
        One row a period: time, leverage, cooks_distance, and the value of `term` when the model is fitted
        without that period (NaN where it cannot be).
    """
    h = model.leverage
    scale = model.scale
    with np.errstate(divide="ignore", invalid="ignore"):
        cooks = (model.residuals / (1 - h)) ** 2 * h / (scale * len(model.params))
    without = [_without(model, n, term) for n in range(len(h))]
    return pd.DataFrame(
        {"time": list(labels), "leverage": h, "cooks_distance": cooks, f"{term}_without": without}
    )


def _without(model: Fit, row: int, term: str) -> float:
    design = model.design
    keep = np.arange(len(design.y)) != row
    rest = Design(
        design.names, design.x[keep], design.y[keep], design.log_exposure[keep], design.spans
    )
    try:
        return fit(rest, replace(model.settings, hac_lags=None)).combination({term: 1.0})[0]
    except MethodError:
        return float("nan")


@dataclass(frozen=True)
class Detectable:
    """The smallest change that a design would find with a stated chance.

    Attributes:
        effect: its size on the scale of the estimate (log ratio in families of counts), without sign.
        ratios: the same as ratios, downwards and upwards; None in the gaussian family.
        power: the chance; level: of the interval that must leave out nought; method: how it was made.
    """

    effect: float
    ratios: tuple[float, float] | None
    power: float
    level: float
    method: str = POWER_METHOD

    def summary(self) -> str:
        """One line for people."""
        size = f"{printed(self.effect)} either way"
        if self.ratios is not None:
            size = f"a ratio of {printed(self.ratios[0])} or {printed(self.ratios[1])}"
        return f"Smallest change found with power {self.power:.0%}: {size} ({self.method})"


def power_to_see(
    model: Fit, weights: dict[str, float], effect: float | None, ratio: float | None
) -> float:
    """The chance that the interval of a combination leaves out nought when the effect is as stated."""
    error = model.combination(weights)[1]
    return _power(model)(abs(_stated(model, effect, ratio)) / error)


def smallest_detectable(model: Fit, weights: dict[str, float], power: float) -> Detectable:
    """The effect that is found with a stated power."""
    level = model.settings.level
    if not 1 - level < power < 1:
        raise MethodError(
            "No effect is found with such a power",
            where="argument power",
            expected=f"a share above {1 - level:.2g} and below 1",
            found=power,
        )
    chance = _power(model)
    size = optimize.brentq(
        lambda d: chance(d) - power, 0.0, FAR * (1 + model.quantile) + 1, xtol=1e-10
    )
    effect = float(size * model.combination(weights)[1])
    with np.errstate(over="ignore"):
        both = float(np.exp(-effect)), float(np.exp(effect))
    ratios = both if model.settings.log_link else None
    return Detectable(effect, ratios, power, level)


def _power(model: Fit) -> Callable[[float], float]:
    """Power against an effect in standard errors: the noncentral t, or the normal, outside the quantiles."""
    edge, df = model.quantile, model.df

    def chance(size: float) -> float:
        if size > FAR * (1 + edge):
            return 1.0
        if not model.settings.uses_t:
            return float(special.ndtr(size - edge) + special.ndtr(-edge - size))
        if size == 0:
            return float(2 * special.stdtr(df, -edge))
        # Far out scipy has no noncentral t: there the upper tail is all, and the lower one nothing.
        upper = np.nan_to_num(1 - special.nctdtr(df, size, edge), nan=1.0)
        lower = np.nan_to_num(1 - special.nctdtr(df, -size, edge), nan=0.0)
        return float(upper + lower)

    return chance


def _stated(model: Fit, effect: float | None, ratio: float | None) -> float:
    """An effect on the scale of the estimates, given as it is or as a ratio."""
    if (effect is None) == (ratio is None):
        raise MethodError(
            "Power is that to see one stated effect", expected="either effect or ratio"
        )
    if ratio is None:
        if effect is None or not np.isfinite(effect):
            raise MethodError("An effect is a number", where="argument effect", found=effect)
        return float(effect)
    if not model.settings.log_link:
        raise MethodError(
            "The gaussian family has no ratio",
            where="argument ratio",
            fix="state the effect in the units of the outcome",
        )
    if not (np.isfinite(ratio) and ratio > 0):
        raise MethodError("A ratio is a number above nought", where="argument ratio", found=ratio)
    return float(np.log(ratio))
