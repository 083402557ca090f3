"""Interrupted time series: did the level or the slope of a series change when something happened?

A change at a date is not a change because of what happened on it. What the design cannot tell apart is
whatever else came about then, and a trend that would have bent by itself. Published examples that the
function reproduces stand in `iapt_ledger.validation.segmented`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from iapt_ledger.methods.columns import several
from iapt_ledger.methods.time_series.segmented_result import InterruptedTimeSeries, fit_at
from iapt_ledger.methods.time_series.segmented_series import Settings, read_series

__all__ = ["InterruptedTimeSeries", "interrupted_time_series"]


def interrupted_time_series(
    data: pd.DataFrame,
    outcome: str,
    time: str,
    *,
    start: Any,
    offset: str | None = None,
    family: str = "gaussian",
    slope_change: bool = True,
    harmonics: int = 0,
    period: int = 12,
    covariates: str | Sequence[str] = (),
    hac_lags: int | None = None,
    level: float = 0.95,
    quantiles: Literal["auto", "t", "normal"] = "auto",
) -> InterruptedTimeSeries:
    """Segmented regression of one series with a break at a stated date (Wagner 2002; Lopez Bernal 2017).

    Terms: level, trend (a period), change of level from `start` on, change of slope (0 at `start`, then
    counting periods), seasons, covariates. The change of level is therefore the jump at the first treated
    period. A term `treated * time` that is 0 at the beginning of the series, or at the last period before the
    break, gives the same fit with another change of level.

    Args:
        data: one row a period, earliest first; outcome, time: its columns. Times are equally spaced numbers,
            pandas Periods, month-start dates or text such as 2014-15.
        start: the first treated value of `time`.
        offset: column of exposure; its log is added with coefficient 1 (families of counts only).
        family: gaussian (plain scale), or with log link poisson, quasipoisson (variance = dispersion x
            mean), negative_binomial (variance = mean + alpha mean^2, alpha by maximum likelihood).
        harmonics: sine and cosine pairs of a season that lasts `period` periods.
        covariates: columns added as they are.
        hac_lags: None for model-based errors; else Newey-West (1987) errors with so many lags, Bartlett
            weights and the factor n / (n - k). They do not mend a short series: of 95% intervals, 80% held the
            truth over 26 independent points with 3 lags, and over 60 points with autocorrelation 0.6 the
            lags raised 71% to 77% (tests/validation/test_segmented_simulation.py).
        level: confidence level.
        quantiles: "auto" takes t with n - k degrees of freedom where a variance is estimated (gaussian,
            quasipoisson), as R's `summary` does, and the normal otherwise; "normal" gives the intervals that
            the tutorial prints for its quasi-Poisson models.

    Raises:
        MethodError: a column, row or setting cannot be used; too few periods on a side; no event on a side;
            a term repeats another; the fit does not converge or runs to infinity.
    """
    settings = Settings(
        offset=offset,
        family=family,
        slope_change=bool(slope_change),
        harmonics=harmonics,
        period=period,
        covariates=several(covariates),
        hac_lags=hac_lags,
        level=level,
        quantiles=quantiles,
    )
    series = read_series(data, outcome, time, settings)
    at = series.periods.position(start, "start")
    return InterruptedTimeSeries.of(fit_at(series, at, settings), series, at)
