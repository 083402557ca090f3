"""What the programme spent by year, as the NHS mental health dashboard gives it, and what an outcome cost at that.

The rule was set before any workbook had been seen. A year's spending is England's own figure for talking therapies
under the dashboard's heading of actual spending, in cash. What commissioners planned stands beside it and never for
it; areas are never added up to England, for one that is not listed could not be missed. A year leads if no area that
the workbook lists for it is without a figure, its counts of outcomes are whole and comparable, and an outturn deflator
moves its money to the price year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.announced import RETURNED as PLANNED
from iapt_ledger.measures.evidence import first_hand
from iapt_ledger.measures.frames import financial_year, rows_of
from iapt_ledger.measures.money import Deflator

ACTUAL = "Talking therapies spending, actual"
METHOD = "spent"
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "finished_course": "a finished course",
        "reliable_improvement": "a reliable improvement",
        "moved_to_recovery": "a recovery",
        "reliable_recovery": "a reliable recovery",
    }
)
"""What a year's spending is divided by, and its name in a sentence."""

WANTED = ("finished_course", "moved_to_recovery")
"""Counts without which a year cannot lead."""

_COLUMNS = [
    "measure",
    "period",
    "value",
    "planned",
    "areas",
    "without",
    "hidden",
    "locator",
    "obs",
    "planned_obs",
]


def spent(expenditure: pd.DataFrame) -> pd.DataFrame:
    """England's spending on talking therapies by financial year, planned beside actual; empty where none is held.

    Args:
        expenditure: tidy table.

    Returns:
        A row a year with actual spending, in GBP, cash: measure, period, value, planned (NaN where none is held),
        areas (that the workbook lists for the year), without (of these, those with no figure), hidden (those
        suppressed), locator, obs, planned_obs.

    Raises:
        LedgerError: England has two figures for one year.
    """
    rows = expenditure[
        expenditure["period_type"].eq("financial_year")
        & expenditure["measure"].isin([ACTUAL, PLANNED])
    ]
    rows = first_hand(rows)
    rows = rows.assign(period=[financial_year(start) for start in rows["period_start"]])
    country = rows["geography_type"].eq("country")
    england, areas = rows[country & rows["value"].notna()], rows[~country]
    actual = england[england["measure"].eq(ACTUAL) & england["status"].eq("published")]
    planned = england[england["measure"].eq(PLANNED)]
    for part in (actual, planned):
        if part["period"].duplicated().any():
            twice = sorted(part.loc[part["period"].duplicated(), "period"])
            raise LedgerError(
                "England has two figures of spending", where="expenditure", found=twice
            )
    listed = areas[areas["measure"].eq(ACTUAL)]
    years = [
        _year(
            row, listed[listed["period"].eq(row.period)], planned[planned["period"].eq(row.period)]
        )
        for row in rows_of(actual.sort_values("period"))
    ]
    return pd.DataFrame(years, columns=_COLUMNS)


def _year(row: Any, areas: pd.DataFrame, plan: pd.DataFrame) -> tuple[object, ...]:
    """England's row of actual spending, with the areas listed for its year and its plan, as a row of `spent`."""
    return (
        ACTUAL,
        row.period,
        float(row.value),
        float(plan["value"].iloc[0]) if len(plan) else float("nan"),
        len(areas),
        int(areas["status"].eq("missing").sum()),
        int(areas["status"].eq("suppressed").sum()),
        row.locator,
        (row.obs_id,),
        tuple(plan["obs_id"]),
    )


def costs(money: pd.DataFrame, counts: pd.DataFrame, prices: Deflator, year: str) -> pd.DataFrame:
    """Each year's spending over each outcome of the same year, in the prices of `year`.

    Args:
        money: from `spent`; counts: from `recovery_cost.activity`, whole and comparable years alone.

    Returns:
        A measure frame in GBP, measure "cost_per_<outcome>": method, outcome, period, value, low and high (the same:
        both sides are counts), total, count, obs; years whose prices or counts are not held are left out.
    """
    rows = []
    for one in money.to_dict("records"):
        if one["period"] not in prices.index:
            continue
        total = prices.deflate(one["value"], one["period"], year)
        own = counts[counts["period"].eq(one["period"]) & counts["measure"].isin(list(OUTCOMES))]
        for row in own.to_dict("records"):
            each = total / row["value"]
            rows.append(
                {
                    "measure": f"cost_per_{row['measure']}",
                    "method": METHOD,
                    "outcome": row["measure"],
                    "period": one["period"],
                    "value": each,
                    "low": each,
                    "high": each,
                    "unit": "GBP",
                    "total": total,
                    "count": row["value"],
                    "obs": (*one["obs"], *row["obs"], *prices.obs(one["period"], year)),
                }
            )
    columns = ["measure", "method", "outcome", "period", "value", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=[*columns, "total", "count", "obs"])


@dataclass(frozen=True)
class Spending:
    """What an edition holds of the programme's spending.

    Attributes:
        money: from `spent`; cost: from `costs`.
        leads: the year that leads the chapter; empty where none may.
    """

    money: pd.DataFrame
    cost: pd.DataFrame
    leads: str

    @property
    def held(self) -> bool:
        """Whether any year is held."""
        return not self.money.empty

    @property
    def whole(self) -> pd.DataFrame:
        """The costs of years for which no listed area is without a figure."""
        years = self.money.loc[self.money["without"].eq(0), "period"]
        return self.cost[self.cost["period"].isin(years)]

    @property
    def years(self) -> str:
        """The years that are held, in words."""
        return years_in_words(list(self.money["period"]))


def spending(
    expenditure: pd.DataFrame, counts: pd.DataFrame, prices: Deflator, year: str
) -> Spending:
    """The programme's spending, what outcomes cost at it, and the year that leads: the newest that may.

    Args:
        expenditure: tidy table; counts: from `recovery_cost.activity`; prices, year: price year.
    """
    money = spent(expenditure)
    found = Spending(money, costs(money, counts, prices, year), "")
    has = [set(found.whole.loc[found.whole["outcome"].eq(one), "period"]) for one in WANTED]
    return replace(found, leads=max(set.intersection(*has), default=""))


def years_in_words(years: Sequence[str]) -> str:
    """Financial years as prose lists them, runs joined: "2016-17, 2018-19 to 2020-21".

    >>> years_in_words(["2016-17", "2018-19", "2019-20", "2020-21"])
    '2016-17 and 2018-19 to 2020-21'
    """
    runs: list[list[str]] = []
    for one in sorted(years):
        if runs and int(one[:4]) == int(runs[-1][-1][:4]) + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    words = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
