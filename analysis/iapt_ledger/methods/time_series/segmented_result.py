"""The result of an interrupted time series: estimates, and what is made of them when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import Estimate, MethodError, printed
from iapt_ledger.methods.time_series.segmented_checks import (
    ResidualChecks,
    influence,
    residual_checks,
)
from iapt_ledger.methods.time_series.segmented_fit import Design, Fit, fit
from iapt_ledger.methods.time_series.segmented_headline import Headline, Terms
from iapt_ledger.methods.time_series.segmented_scan import BreakScan, scan
from iapt_ledger.methods.time_series.segmented_series import Series, Settings, refuse_break
from iapt_ledger.methods.time_series.segmented_terms import base_terms, with_covariates


@dataclass(frozen=True, eq=False)
class InterruptedTimeSeries(Headline):
    """A fitted interrupted time series; estimates are log ratios in families of counts (`.ratio`).

    Attributes:
        outcome, start, family: as asked for.
        level_change: the jump in the first treated period; slope_change: the change of trend a period,
            None when not asked for; trend: a period, before the break.
        dispersion: residual variance (gaussian); Pearson's chi-square over its degrees of freedom
            (Poisson, where more than 1 means intervals are too narrow, and quasi-Poisson, where they are
            widened by its root); alpha of variance = mean + alpha mean^2 (negative binomial).
        n_before, n_after: periods before the break and from it on.
        series, settings, model: what was fitted, for further work.
    """

    CHANGES: ClassVar[Terms] = {
        "level": {"level_change": 1.0},
        "slope": {"slope_change": 1.0},
    }

    outcome: str
    start: Any
    family: str
    level_change: Estimate
    slope_change: Estimate | None
    trend: Estimate
    dispersion: float
    n_before: int
    n_after: int
    series: Series
    settings: Settings
    model: Fit

    @classmethod
    def of(cls, model: Fit, series: Series, at: int) -> InterruptedTimeSeries:
        """The result of a model that was fitted with its break at a position of the series."""
        written = series.periods.written(at)
        slope = None
        if model.settings.slope_change:
            slope = model.estimate(f"Change of slope from {written}", cls.CHANGES["slope"])
        return cls(
            outcome=series.name,
            start=series.periods.labels[at],
            family=model.settings.family,
            level_change=model.estimate(f"Change of level at {written}", cls.CHANGES["level"]),
            slope_change=slope,
            trend=model.estimate("Trend before, a period", {"trend": 1.0}),
            dispersion=model.dispersion,
            n_before=at,
            n_after=len(series) - at,
            series=series,
            settings=model.settings,
            model=model,
        )

    @property
    def headline(self) -> Estimate:
        """The change of level."""
        return self.level_change

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Every term: term, value, std_error, statistic, p_value, low, high."""
        rows = []
        for name in self.model.design.names:
            found = self.model.estimate(name, {name: 1.0})
            error = self.model.combination({name: 1.0})[1]
            rows.append(
                {
                    "term": name,
                    "value": found.value,
                    "std_error": error,
                    "statistic": found.value / error,
                    "p_value": found.p_value,
                    "low": found.low,
                    "high": found.high,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def fitted(self) -> pd.DataFrame:
        """Each period: time, observed, value, low, high (interval of the fitted mean, not of a new point)."""
        frame = self._bounds(self.model.design.x, slice(None))
        frame.insert(1, "observed", self.series.y)
        return frame

    @cached_property
    def counterfactual(self) -> pd.DataFrame:
        """Each period from the break on, had nothing changed: time, value, low, high.

        The trend before goes on, with exposure, seasons and covariates as they were; the interval is that
        of the mean and knows nothing of a trend that would have bent.
        """
        terms = base_terms(self.series, self.n_before, self.settings, treated=False)
        columns = with_covariates(terms, self.series, self.settings)
        return self._bounds(np.column_stack(list(columns.values())), slice(self.n_before, None))

    def effect_at(self, period: Any) -> Estimate:
        """Fitted less counterfactual in one period from the break on (log ratio in families of counts).

        Raises:
            MethodError: the period is not in the series, or is before the break.
        """
        place = self.series.periods.position(period, "period")
        since = place - self.n_before
        if since < 0:
            raise MethodError(
                "There is no effect before the break",
                where="argument period",
                expected=f"{self.series.periods.written(self.n_before)} or later",
                found=period,
            )
        weights = {"level_change": 1.0}
        if self.slope_change is not None:
            weights["slope_change"] = float(since)
        written = self.series.periods.written(place)
        return self.model.estimate(f"Difference from the trend before at {written}", weights)

    @cached_property
    def residuals(self) -> ResidualChecks:
        """Autocorrelation of what the model leaves over."""
        return residual_checks(self.model.residuals)

    @cached_property
    def influence(self) -> pd.DataFrame:
        """Each period: time, leverage, cooks_distance, level_change_without (fitted without that period)."""
        return influence(self.model, self.series.periods.labels, "level_change")

    def break_scan(self, dates: Sequence[Any] | None = None) -> BreakScan:
        """The same model with the break elsewhere: at `dates`, or wherever enough periods are left."""
        positions = break_positions(self.series, self.settings, dates)
        slope = None if self.slope_change is None else self.CHANGES["slope"]
        return scan(
            lambda at: fit_at(self.series, at, self.settings),
            positions,
            self.n_before,
            lambda at: self.series.periods.labels[at],
            self.CHANGES["level"],
            slope,
        )

    def summary(self) -> str:
        """A few lines for people."""
        shown = [self.level_change, self.slope_change, self.trend]
        lines = [
            f"Interrupted time series of {self.outcome} ({self.family}): {len(self.series)} periods, "
            f"{self.n_before} before {self.series.periods.written(self.n_before)}"
        ]
        lines += [(e.ratio if self.settings.log_link else e).summary() for e in shown if e]
        return "\n".join([*lines, dispersion_line(self.model), self.residuals.summary()])

    def _bounds(self, x: npt.NDArray[np.float64], rows: slice) -> pd.DataFrame:
        value, low, high = self.model.bounds(x[rows], self.series.log_exposure[rows])
        labels = list(self.series.periods.labels[rows])
        return pd.DataFrame({"time": labels, "value": value, "low": low, "high": high})


def break_positions(series: Series, settings: Settings, dates: Sequence[Any] | None) -> list[int]:
    """The positions of stated break dates, or of all that leave enough periods on each side.

    Raises:
        MethodError: a stated date is not in the series or leaves too few periods; no date does.
    """
    if dates is not None:
        return [series.periods.position(date, "dates") for date in dates]
    positions = []
    for at in range(len(series)):
        try:
            refuse_break(series, at, settings)
        except MethodError:
            continue
        positions.append(at)
    return positions


def dispersion_line(model: Fit) -> str:
    """The dispersion of a fit in words, with what it means for the intervals."""
    size, family = printed(model.dispersion), model.settings.family
    if family == "gaussian":
        return f"Residual standard deviation: {printed(float(np.sqrt(model.dispersion)))}"
    if family == "negative_binomial":
        return f"Alpha (variance = mean + alpha × mean²): {size}"
    text = f"Dispersion (variance over the Poisson's): {size}"
    if family == "poisson" and model.dispersion > 1 and model.settings.hac_lags is None:
        text += "; above 1 the Poisson intervals are too narrow"
    return text


def fit_at(series: Series, at: int, settings: Settings) -> Fit:
    """The model with its break at a position."""
    refuse_break(series, at, settings)
    terms = with_covariates(base_terms(series, at, settings), series, settings)
    x = np.column_stack(list(terms.values()))
    design = Design(tuple(terms), x, series.y, series.log_exposure, ((0, len(series)),))
    return fit(design, settings)
