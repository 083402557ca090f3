"""Interrupted time series beside a comparison: did the treated series change more than others that were not?

The comparison answers what the single series cannot: whatever changed at the same date for everyone is
taken out. It answers only as far as the comparison would have met the same events, and was itself not touched
by what happened to the treated. Published examples stand in `iapt_ledger.validation.controlled`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import several
from iapt_ledger.methods.time_series.controlled_result import (
    ControlledInterruptedTimeSeries,
    fit_groups_at,
)
from iapt_ledger.methods.time_series.segmented_series import (
    Series,
    Settings,
    column,
    place,
    read_series,
)

MANY = 12  # series that an error does not list one by one

__all__ = ["ControlledInterruptedTimeSeries", "controlled_interrupted_time_series"]


def controlled_interrupted_time_series(
    data: pd.DataFrame,
    outcome: str,
    time: str,
    *,
    group: str,
    treated: Any,
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
    own_levels: bool = True,
) -> ControlledInterruptedTimeSeries:
    """Segmented regression of a treated series and one or more others (Linden 2015; Lopez Bernal 2018).

    Each term of `interrupted_time_series` stands twice: for the comparison, and as what the treated series
    has more. Two or more comparison series share trend, changes and seasons; dispersion and covariates are
    common to all. Newey-West lags stay within a series. Degrees of freedom count the rows of all series, as
    in the publications; with one treated series they flatter it, and how the comparisons fare when each is
    taken for the treated one (`synthetic_control`) is the harder test.

    Args:
        data: one row a series and period; the rows of each series earliest first, in any order between
            series, all series with the same periods.
        group: column that tells the series apart; treated: its value for the treated one. All other values
            are comparisons.
        own_levels: whether each of several comparison series has a level of its own. Without, what parts
            their levels counts as scatter, and lasts from period to period, which no small number of
            Newey-West lags mends; published examples of pooled states do so.
        start, offset, family, slope_change, harmonics, period, covariates, hac_lags, level, quantiles: as in
            `interrupted_time_series`.

    Raises:
        MethodError: as `interrupted_time_series`, for any of the series; the treated one is missing or
            stands alone; two series have not the same periods.
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
    series = _read(data, outcome, time, group, treated, settings)
    at = series[0].periods.position(start, "start")
    model = fit_groups_at(series, at, settings, own_levels)
    return ControlledInterruptedTimeSeries.of(model, outcome, series, at, own_levels)


def _read(
    data: pd.DataFrame, outcome: str, time: str, group: str, treated: Any, settings: Settings
) -> tuple[Series, ...]:
    """The treated series and then the comparisons in order of their first rows, all over the same periods."""
    groups = column(data, group)
    gone = np.flatnonzero(groups.isna())
    if gone.size:
        raise MethodError(
            "A row belongs to no series", where=place(data, group, int(gone[0])), found="no value"
        )
    values = list(groups.unique())
    if treated not in values:
        raise MethodError(
            "The treated series is not in the data",
            where=f"column {group}",
            found=treated,
            choices=values if len(values) <= MANY else (),
            nearest=closest(treated, values) if len(values) > MANY else None,
        )
    if len(values) == 1:
        raise MethodError(
            "There is no series to compare with",
            where=f"column {group}",
            expected=f"other values beside {treated}",
            found="only this one",
            fix="use interrupted_time_series for a single series",
        )
    where = groups.to_numpy()
    series = tuple(
        read_series(data, outcome, time, settings, np.flatnonzero(where == value), str(value))
        for value in [treated, *(v for v in values if v != treated)]
    )
    for other in series[1:]:
        _refuse_other_periods(series[0], other)
    return series


def _refuse_other_periods(first: Series, other: Series) -> None:
    """Refuse a comparison whose periods are not those of the treated series."""
    mine, theirs = (
        {series.periods.written(n) for n in range(len(series))} for series in (first, other)
    )
    if mine != theirs:
        lone = sorted(mine ^ theirs)[0]
        lacking = other if lone in mine else first
        raise MethodError(
            "Two series have not the same periods",
            where=f"series {lacking.name}, period {lone}",
            expected=f"the periods of {first.name} and of {other.name} to be the same",
            found=f"{len(mine)} and {len(theirs)} periods",
            fix="keep the periods that all series have",
        )
