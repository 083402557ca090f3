"""Outcomes for 100,000 pounds, under every combination of definition, cost base, year of activity and price year.

A document under test quotes three such figures. Their method is not published, so they stand beside these
ranges and are never part of them; which of ours lie above or below a quoted figure is counting, not a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.recovery_cost import MIX, OUTCOMES, bottom_up, bottom_up_mix, costs_of_all
from iapt_ledger.measures.session_mix import (
    SESSION_MIX,
    SessionMix,
    bottom_up_sessions,
    session_mixes,
)
from iapt_ledger.measures.top_down import top_down
from iapt_ledger.measures.unit_costs import PRICE_YEARS, published_cost
from iapt_ledger.methods.intervals import Interval
from iapt_ledger.numbers import format_range

HUNDRED_THOUSAND = 100_000.0
UNIT = "outcomes per £100k"
PUBLISHED = "published"
AVERAGE_COSTS = ("course", "treated_finished", "treated_entered")
"""Unit costs of services that ran; the plan of 2006 and costs of one intensity alone are left out."""
METHODS = (PUBLISHED, "course", MIX, *AVERAGE_COSTS[1:], SESSION_MIX, "levels", "cumulative")
COLUMNS = [
    "measure",
    "method",
    "outcome",
    "period",
    "price_year",
    "value",
    "low",
    "high",
    "unit",
    "obs",
]


def per_hundred_thousand(costs: pd.DataFrame) -> pd.DataFrame:
    """A cost per outcome turned over: outcomes for 100,000 pounds of the same prices; its low gives the high."""
    return costs.assign(
        measure=[f"{o}_per_100k" for o in costs["outcome"]],
        value=HUNDRED_THOUSAND / costs["value"],
        low=HUNDRED_THOUSAND / costs["high"],
        high=HUNDRED_THOUSAND / costs["low"],
        unit=UNIT,
    )


def combinations(
    counts: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    prices: Deflator,
    price_years: Sequence[str],
    periods: Sequence[str],
) -> pd.DataFrame:
    """Every combination of definition, cost base, year of activity and price year that the tables allow.

    Args:
        counts: from `recovery_cost.activity`.
        tables: tidy unit_costs, iapt_breakdowns, expenditure and iapt_national_quarterly by name.
        price_years: the year whose pounds the 100,000 are.
        periods: years of activity; the announced money and the published cost per recovery keep their own.

    Returns:
        A measure frame, measure "<outcome>_per_100k", with method, outcome, period, price_year.
    """
    mixes = session_mixes(tables["iapt_breakdowns"], counts)
    parts = []
    for year in price_years:
        built = _built_up(counts, tables, mixes, year, prices)
        money = top_down(tables["expenditure"], tables["iapt_national_quarterly"], prices, year)
        money = money[money["outcome"].isin(OUTCOMES)].assign(method=money["reading"])
        own = published(tables["unit_costs"], year, prices)
        kept = pd.concat([own, built[built["period"].isin(periods)], money], ignore_index=True)
        parts.append(per_hundred_thousand(kept).assign(price_year=year)[COLUMNS])
    frame = pd.concat(parts, ignore_index=True)
    order = frame["method"].map({m: i for i, m in enumerate(METHODS)})
    return (
        frame.assign(order=order)
        .sort_values(["order", "period", "outcome", "price_year"], ignore_index=True)
        .drop(columns="order")
    )


def _built_up(
    counts: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    mixes: Mapping[str, SessionMix],
    year: str,
    prices: Deflator,
) -> pd.DataFrame:
    """Activity times published unit costs, by course, by mix of courses and by session, in pounds of `year`."""
    units, outcomes = tables["unit_costs"], tuple(OUTCOMES)
    average = costs_of_all(units, *AVERAGE_COSTS)
    found = [
        bottom_up(counts, average, year, prices, outcomes),
        bottom_up_mix(counts, tables["iapt_breakdowns"], units, year, prices, outcomes),
        bottom_up_sessions(counts, mixes, units, year, prices, outcomes),
    ]
    return pd.concat(found, ignore_index=True)


def published(unit_costs: pd.DataFrame, year: str, prices: Deflator) -> pd.DataFrame:
    """The one published average cost per recovered patient (five primary care trusts), in the prices of `year`."""
    source = "radhakrishnan_2013"
    row = published_cost(unit_costs, source, "cost per recovered patient, all")
    own = PRICE_YEARS[source]
    cost = own.in_prices_of(float(row["value"]), year, prices)
    return pd.DataFrame(
        [
            {
                "measure": "cost_per_moved_to_recovery",
                "method": PUBLISHED,
                "outcome": "moved_to_recovery",
                "period": "as published",
                **cost.columns(),
                "unit": "GBP",
                "obs": (
                    row["obs_id"],
                    *dict.fromkeys(prices.obs(own.used, own.first, own.last, year)),
                ),
            }
        ]
    )


def at_or_below(frame: pd.DataFrame, line: float) -> pd.Series:
    """For each combination: "below" if its whole range is at or under the line, "above" if all of it is over it,
    "across" if the line lies inside the range of its price years.
    """
    below, above = frame["high"].le(line), frame["low"].gt(line)
    return pd.Series("across", index=frame.index).mask(below, "below").mask(above, "above")


def sets(frame: pd.DataFrame, latest: str) -> dict[str, pd.DataFrame]:
    """The combinations by what they may be set beside.

    Args:
        frame: from `combinations`; latest: the year of activity and of prices that is today's.

    Returns:
        "all"; "recovery", that definition alone; of these, in pounds that are not of the latest year, "then",
        on activity of the time, and "later", on activity of the latest year.
    """
    recovery = frame[frame["outcome"].eq("moved_to_recovery")]
    early = recovery[recovery["price_year"].ne(latest)]
    later = early["period"].eq(latest)
    return {"all": frame, "recovery": recovery, "then": early[~later], "later": early[later]}


def tally(frame: pd.DataFrame, quoted: Mapping[str, float]) -> dict[str, int]:
    """How many combinations there are, on which side of the quoted figure for IAPT, and how many reach the others.

    Args:
        frame: low and high; quoted: figures by name, "iapt" among them.

    Returns:
        total, below_iapt, across_iapt and above_iapt (see `at_or_below`), and reach_<name> for each other figure.
    """
    sides = at_or_below(frame, quoted["iapt"])
    counted = {"total": len(frame)}
    counted |= {f"{side}_iapt": int(sides.eq(side).sum()) for side in ("below", "across", "above")}
    reached = {
        f"reach_{k}": int(frame["high"].ge(v).sum()) for k, v in quoted.items() if k != "iapt"
    }
    return counted | reached


def digits_for(low: float, high: float) -> int:
    """Decimals to print a range with: none, or one where whole numbers would print both ends alike."""
    first, last = format_range(low, high, "").split(" to ")
    return int(first == last)


def span(frame: pd.DataFrame) -> Interval[float]:
    """Lowest, middle (median of the values) and highest of several combinations."""
    return Interval(
        float(frame["value"].median()), float(frame["low"].min()), float(frame["high"].max())
    )
