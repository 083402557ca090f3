"""England's yearly items as segments: what a break in 2009 would look like, and how other years serve as well.

A description. One country, no comparison, rival events in the same years: nothing here says what caused a bend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import prescribing_rules as rules
from iapt_ledger.measures.prescribing_margin import POWER
from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.time_series.segmented import InterruptedTimeSeries, interrupted_time_series
from iapt_ledger.methods.time_series.segmented_scan import BreakScan

CHANGES: Final[tuple[Literal["level", "slope"], ...]] = ("level", "slope")


def by_year(series: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """A yearly measure frame as year, value, obs, from `first` to `last`.

    Raises:
        LedgerError: a year is not held once.
    """
    years = series["start"].dt.year
    held = series.assign(year=years)[years.between(first, last)].sort_values("year")
    if held["year"].tolist() != list(range(first, last + 1)):
        found = sorted(set(range(first, last + 1)) ^ set(held["year"])) or "a year twice"
        raise LedgerError("A year is not held once", where="prescribing_england", found=found)
    return held[["year", "value", "obs"]].reset_index(drop=True)


def model(data: pd.DataFrame, family: str, *, hac_lags: int | None) -> InterruptedTimeSeries:
    """Level and slope change from the first whole year after the roll-out."""
    return interrupted_time_series(
        data,
        "value",
        "year",
        start=rules.START,
        family=family,
        hac_lags=hac_lags,
        level=rules.LEVEL,
    )


def changes(fitted: InterruptedTimeSeries) -> dict[str, Estimate]:
    """Change of level and slope, and the trend before, in units for people.

    Straight lines: the unit of the series, and that unit a year. Log link: per cent, and per cent a year.
    """
    found = {"level": fitted.level_change, "slope": fitted.slope_change, "trend": fitted.trend}
    return {
        name: in_percent(e) if fitted.settings.log_link else e for name, e in found.items() if e
    }


def in_percent(estimate: Estimate) -> Estimate:
    """A log ratio as per cent more."""
    ratio = estimate.ratio
    value, low, high = (100 * (end - 1) for end in (ratio.value, ratio.low, ratio.high))
    return Estimate(estimate.name, value, low, high, estimate.level, estimate.p_value, "percent",
                    estimate.interval)  # fmt: skip


def detectable(fitted: InterruptedTimeSeries) -> dict[str, float]:
    """The smallest change of level and of slope found four times in five, in the units of `changes`."""
    size: dict[str, float] = {of: fitted.detectable(POWER, of=of).effect for of in CHANGES}
    if not fitted.settings.log_link:
        return size
    return {of: 100 * float(np.expm1(effect)) for of, effect in size.items()}


def gap_at(fitted: InterruptedTimeSeries, year: int) -> Estimate:
    """Fitted over expected in a year, in per cent more: for straight lines, of what the expected value is."""
    gap = fitted.effect_at(year)
    if fitted.settings.log_link:
        return in_percent(gap)
    without = fitted.counterfactual
    expected = float(without["value"][without["time"].eq(year)].iloc[0])
    return gap.times(100 / expected, "percent")


def drawn(fits: Mapping[str, InterruptedTimeSeries], data: pd.DataFrame) -> pd.DataFrame:
    """What a chart of the segments shows: link, year, value, fitted, expected, low, high, obs."""
    parts = []
    for family, fitted in fits.items():
        frame = fitted.fitted.rename(
            columns={"time": "year", "observed": "seen", "value": "fitted"}
        )
        without = fitted.counterfactual.rename(columns={"time": "year", "value": "expected"})
        both = data.merge(frame[["year", "fitted"]], on="year").merge(
            without, on="year", how="left"
        )
        parts.append(both.assign(link=family))
    return pd.concat(parts, ignore_index=True)


def break_scan(data: pd.DataFrame, family: str) -> BreakScan:
    """The same model with the break in each year of the scan, by model-based errors."""
    first, last = rules.SCAN
    return model(data, family, hac_lags=None).break_scan(list(range(first, last + 1)))
