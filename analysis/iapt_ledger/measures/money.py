"""Money in the prices of one year, by a named deflator; refused where no outturn of it is held.

Only outturn rows of the context table are used. A forecast of prices, a chain of growth rates, and the
vintage of 2019, which missed the pandemic and the inflation after it, never become an index here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year

MAIN = "hmt_defl_2026_03"
PRICE_YEAR = "2024-25"  # the last outturn year of that deflator; the prose names it
Amount = TypeVar("Amount", float, pd.Series, npt.NDArray[np.float64])


@dataclass(frozen=True)
class Vintage:
    """One release of the GDP deflator: its row name in the context table, its years, its printed name."""

    measure: str
    years: Literal["financial", "calendar"]
    name: str


VINTAGES: Mapping[str, Vintage] = MappingProxyType(
    {
        MAIN: Vintage(
            "GDP deflator index, financial year, 2024-25 = 100 (HMT March 2026)",
            "financial",
            "HM Treasury GDP deflator of March 2026",
        ),
        "hmt_defl_2023_12": Vintage(
            "GDP deflator index, financial year, 2022-23 = 100 (HMT December 2023)",
            "financial",
            "HM Treasury GDP deflator of December 2023",
        ),
        "hmt_defl_2025_12_cal": Vintage(
            "GDP deflator index, calendar year, 2024 = 100 (HMT December 2025)",
            "calendar",
            "HM Treasury GDP deflator of December 2025, calendar years",
        ),
    }
)
"""Vintages that may deflate: the first is the report's, the second its check, the third for calendar-year money."""

CPI = "Consumer price index, change on previous year"


@dataclass(frozen=True)
class Deflator:
    """An index of prices by year, outturn only.

    Attributes:
        vintage: source id of the release.
        index: year ("2024-25", or "2024" for the calendar vintage) to index number.
        observations: year to obs_id.
    """

    vintage: str
    index: Mapping[str, float]
    observations: Mapping[str, str]

    @property
    def years(self) -> tuple[str, ...]:
        """Years with an outturn, in order."""
        return tuple(sorted(self.index))

    def factor(self, from_year: str, to_year: str) -> float:
        """What one pound of `from_year` is in the prices of `to_year`.

        Raises:
            LedgerError: no outturn is held for a year; the sentence names the years that are held.
        """
        return self._at(to_year) / self._at(from_year)

    def deflate(self, amount: Amount, from_year: str, to_year: str) -> Amount:
        """An amount, or an array or Series of them, moved from the prices of one year to another's."""
        return amount * self.factor(from_year, to_year)

    def price_base(self, year: str) -> str:
        """The words that stand with every amount: "2024-25 prices, HM Treasury GDP deflator of March 2026"."""
        self._at(year)
        return f"{year} prices, {VINTAGES[self.vintage].name}"

    def obs(self, *years: str) -> tuple[str, ...]:
        """Observations behind a move between years."""
        return tuple(self.observations[year] for year in years if self._at(year))

    def _at(self, year: str) -> float:
        if year in self.index:
            return self.index[year]
        raise LedgerError(
            "No usable deflator is held for this year",
            where=f"context, {self.vintage}",
            expected=f"a {VINTAGES[self.vintage].years} year from {self.years[0]} to {self.years[-1]}",
            found=repr(year),
            fix="choose one of these years, or show the amount in cash and say so",
        )


def deflator(context: pd.DataFrame, vintage: str = MAIN) -> Deflator:
    """The deflator of one vintage from the tidy context table.

    Raises:
        LedgerError: the vintage is not one that may be used, or the table holds no outturn of it.
    """
    if vintage not in VINTAGES:
        raise LedgerError("No such deflator", found=vintage, choices=list(VINTAGES))
    chosen = VINTAGES[vintage]
    rows = context[
        context["source_id"].eq(vintage)
        & context["measure"].eq(chosen.measure)
        & context["status"].eq("published")
    ]
    if rows.empty:
        raise LedgerError("No outturn of this deflator is held", where="context", found=vintage)
    years = [_year(start, chosen.years) for start in rows["period_start"]]
    if len(set(years)) != len(years):
        raise LedgerError("A deflator has two values for one year", where=f"context, {vintage}")
    return Deflator(
        vintage,
        MappingProxyType(dict(zip(years, rows["value"].astype(float), strict=True))),
        MappingProxyType(dict(zip(years, rows["obs_id"], strict=True))),
    )


def deflate(
    amount: Amount, from_year: str, to_year: str, vintage: str = MAIN, *, context: pd.DataFrame
) -> Amount:
    """An amount of `from_year` in the prices of `to_year`; for many amounts make one `deflator`.

    Args:
        amount: pounds, a number or an array or Series of them.
        from_year, to_year: "2010-11" for the financial vintages, "2010" for the calendar one.
        vintage: source id of the deflator.
        context: the tidy context table.

    Raises:
        LedgerError: no outturn is held for a year; the sentence names the years that are held.
    """
    return deflator(context, vintage).deflate(amount, from_year, to_year)


def price_growth(context: pd.DataFrame, years: tuple[str, ...]) -> pd.DataFrame:
    """Growth of prices on the year before, for each financial vintage, with the CPI beside it.

    The CPI row of "2020-21" is the calendar year 2020: the nearest that is held.

    Returns:
        A measure frame in percent: measure (vintage, or "obr_cpi_2026"), period, value, low, high, unit, obs.
    """
    rows = []
    for vintage in (v for v, kind in VINTAGES.items() if kind.years == "financial"):
        index = deflator(context, vintage)
        for year in (y for y in years if y in index.index):
            before = _previous(year)
            growth = 100 * (index.factor(before, year) - 1)
            rows.append((vintage, year, growth, index.obs(before, year)))
    cpi = context[context["measure"].eq(CPI) & context["status"].eq("published")]
    for year in years:
        row = cpi[cpi["period_start"].dt.year.eq(int(year[:4]))]
        rows += [
            ("obr_cpi_2026", year, v, (o,))
            for v, o in zip(row["value"], row["obs_id"], strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["measure", "period", "value", "obs"])
    return frame.assign(low=np.nan, high=np.nan, unit="percent")[
        ["measure", "period", "value", "low", "high", "unit", "obs"]
    ]


def _previous(year: str) -> str:
    first = int(year[:4]) - 1
    return f"{first}-{(first + 1) % 100:02d}"


def _year(start: pd.Timestamp, kind: str) -> str:
    return financial_year(start) if kind == "financial" else str(start.year)
