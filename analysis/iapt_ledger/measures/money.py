"""Money in the prices of one year, by a named deflator; refused where no outturn of it is held.

The newest release that the edition holds deflates. Only its outturn rows are used: a forecast of prices, a chain of
growth rates, and the release of 2019, which missed the pandemic and the inflation after it, never become an index.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year

PRICE_YEAR = "2024-25"
"""The year in whose prices the report gives money; its prose names it. A person moves it, a new release does not."""

CHECK = "hmt_defl_2023_12"
"""An earlier release, kept to show how little the choice of one moves."""

Years = Literal["financial", "calendar"]
Amount = TypeVar("Amount", float, pd.Series, npt.NDArray[np.float64])

_ID = re.compile(r"hmt_defl_(\d{4})_(\d{2})(_cal)?")


@dataclass(frozen=True, order=True)
class Release:
    """One release of HM Treasury's GDP deflator, for one kind of year.

    Attributes:
        month: "2026-03".
        years: kind of its years.
    """

    month: str
    years: Years

    @property
    def source(self) -> str:
        """Its source id, "hmt_defl_2026_03"."""
        return f"hmt_defl_{self.month.replace('-', '_')}" + "_cal" * (self.years == "calendar")

    @property
    def words(self) -> str:
        """Its month as prose writes it, "March 2026"."""
        return f"{month_name[int(self.month[5:])]} {self.month[:4]}"

    @property
    def name(self) -> str:
        """Its printed name."""
        calendar = ", calendar years" if self.years == "calendar" else ""
        return f"HM Treasury GDP deflator of {self.words}{calendar}"

    def outturn(self, context: pd.DataFrame) -> pd.DataFrame:
        """Its rows of the index that are outturn: published, and of years over before the month of release.

        A year that was not over then can only be forecast, whatever its row says.
        """
        named = rf"GDP deflator index, {self.years} year, \S+ = 100 \(HMT {self.words}\)"
        rows = context[
            context["source_id"].eq(self.source)
            & context["measure"].str.fullmatch(named)
            & context["status"].eq("published")
        ]
        years = pd.DateOffset(years=1)
        return rows[(rows["period_start"] + years).le(pd.Timestamp(f"{self.month}-01"))]


def release_of(source: str) -> Release | None:
    """The release of a source id; None where it is no release of this deflator."""
    found = _ID.fullmatch(source)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    return Release(f"{found[1]}-{found[2]}", "calendar" if found[3] else "financial")


def newest(context: pd.DataFrame, years: Years = "financial") -> Release:
    """The release that deflates: the newest of which the edition holds an index with years that are outturn.

    Releases that give growth alone, or an index that somebody chained from growth, do not count, and neither does one
    whose outturn is held to an earlier year than that of a release before it: the rest of it has not been read.

    Raises:
        LedgerError: the edition holds none.
    """
    each = (release_of(source) for source in context["source_id"].dropna().unique())
    kind = sorted(one for one in each if one and one.years == years)
    ends = {one: one.outturn(context)["period_start"].max() for one in kind}
    held = [one for one in kind if pd.notna(ends[one])]
    if not held:
        raise LedgerError(
            "No outturn of a deflator is held", where="context", expected=f"{years} years"
        )
    furthest = max(ends[one] for one in held)
    return max(one for one in held if ends[one] == furthest)


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
    def release(self) -> Release:
        """The release that the index is of.

        Raises:
            LedgerError: its source is no release of this deflator.
        """
        found = release_of(self.vintage)
        if found is None:
            raise LedgerError("No such deflator", found=self.vintage, expected=CHECK)
        return found

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
        return f"{year} prices, {self.release.name}"

    def obs(self, *years: str) -> tuple[str, ...]:
        """Observations behind a move between years."""
        return tuple(self.observations[year] for year in years if self._at(year))

    def _at(self, year: str) -> float:
        if year in self.index:
            return self.index[year]
        raise LedgerError(
            "No usable deflator is held for this year",
            where=f"context, {self.vintage}",
            expected=f"a {self.release.years} year from {self.years[0]} to {self.years[-1]}",
            found=repr(year),
            fix="choose one of these years, or show the amount in cash and say so",
        )


def deflator(context: pd.DataFrame, vintage: str = "", *, years: Years = "financial") -> Deflator:
    """The deflator of the newest release from the tidy context table (see `newest`), or of the release kept as a check.

    Raises:
        LedgerError: the release is neither, or the table holds no outturn of it.
    """
    main = newest(context, years) if vintage != CHECK else None
    if main and vintage not in ("", main.source):
        raise LedgerError("No such deflator", found=vintage, choices=[main.source, CHECK])
    chosen = main or release_of(CHECK)
    assert chosen is not None
    rows = chosen.outturn(context)
    if rows.empty:
        raise LedgerError("No outturn of this deflator is held", where="context", found=vintage)
    held = [_year(start, chosen.years) for start in rows["period_start"]]
    if len(set(held)) != len(held):
        raise LedgerError(
            "A deflator has two values for one year", where=f"context, {chosen.source}"
        )
    return Deflator(
        chosen.source,
        MappingProxyType(dict(zip(held, rows["value"].astype(float), strict=True))),
        MappingProxyType(dict(zip(held, rows["obs_id"], strict=True))),
    )


def deflate(
    amount: Amount,
    from_year: str,
    to_year: str,
    *,
    context: pd.DataFrame,
    years: Years = "financial",
) -> Amount:
    """An amount of `from_year` in the prices of `to_year`; for many amounts make one `deflator`.

    Args:
        amount: pounds, a number or an array or Series of them.
        from_year, to_year: "2010-11" for financial years, "2010" for calendar ones.
        context: the tidy context table; years: kind of year.

    Raises:
        LedgerError: no outturn is held for a year; the sentence names the years that are held.
    """
    return deflator(context, years=years).deflate(amount, from_year, to_year)


def price_growth(context: pd.DataFrame, years: tuple[str, ...]) -> pd.DataFrame:
    """Growth of prices on the year before, in the newest release and in the check, with the CPI beside it.

    The CPI row of "2020-21" is the calendar year 2020: the nearest that is held.

    Returns:
        A measure frame in percent: measure (source, or "obr_cpi_2026"), period, value, low, high, unit, obs.
    """
    rows = []
    indices = [deflator(context), deflator(context, CHECK)]
    for index in {one.vintage: one for one in indices}.values():
        vintage = index.vintage
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
