"""Recoveries for 100,000 pounds near the time of the quoted reports, by plain arithmetic on published numbers."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.money import deflator

QUOTED = {"iapt": 49.0, "voluntary": 78.0, "counselling": 115.0}
COURSE, RECOVERED, TREATED = 877, 1766, 650  # pounds, as published
FINISHED, ENTERED, RECOVERIES = 364_343, 709_117, 143_833  # referrals, 2013-14
ANNOUNCED = {"levels": (33e6, 103e6, 173e6), "cumulative": (33e6, 70e6, 70e6)}
COUNTED = 95_000  # recoveries of October 2008 to December 2010, press report
OPEN = ("2008-09", "2010-11", "2011-12")  # price years that the study of five trusts may be in


def costs_of_the_time(tidy: dict[str, pd.DataFrame]) -> dict[str, tuple[float, float]]:
    """Lowest and highest cost of a recovery by method, in prices of 2024-25."""
    prices = deflator(tidy["context"])

    def over(amount: float, years: tuple[str, ...]) -> tuple[float, float]:
        each = [amount * prices.factor(y, "2024-25") for y in years]
        return min(each), max(each)

    stated = ("2013-14", "2014-15")
    found = {
        "published": over(RECOVERED, OPEN),
        "course": over(COURSE * FINISHED / RECOVERIES, OPEN),
        "treated_finished": over(TREATED * FINISHED / RECOVERIES, stated),
        "treated_entered": over(TREATED * ENTERED / RECOVERIES, stated),
    }
    for reading, money in ANNOUNCED.items():
        a, b, c = (
            m * prices.factor(y, "2024-25")
            for m, y in zip(money, ("2008-09", "2009-10", "2010-11"), strict=True)
        )
        found[reading] = ((a / 2 + b + c * 9 / 12) / COUNTED, (a + b + c) / COUNTED)
    return found


@pytest.fixture(scope="module")
def then(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    counts = cost.activity(frames["iapt_national_annual"], frames["iapt_national_monthly"])
    price_years = ("2010-11", "2013-14", "2024-25")
    every = per.combinations(
        counts, frames, deflator(frames["context"]), price_years, ("2013-14", "2024-25")
    )
    return per.sets(every, "2024-25")["then"]


def test_each_way_of_the_time_agrees_with_plain_arithmetic(
    then: pd.DataFrame, frames: dict[str, pd.DataFrame]
):
    prices, rows = deflator(frames["context"]), then.set_index(["method", "price_year"])
    costs = costs_of_the_time(frames)
    assert len(rows) == 12
    for (method, (low, high)), year in product(costs.items(), ("2010-11", "2013-14")):
        pounds = 100_000 * prices.factor(year, "2024-25")
        row = rows.loc[(method, year)]
        assert (row["low"], row["high"]) == pytest.approx((pounds / high, pounds / low)), method


def test_the_figure_for_iapt_parts_the_ways_of_the_time_in_halves(then: pd.DataFrame):
    assert per.tally(then, QUOTED) == {
        "total": 12,
        "below_iapt": 6,
        "across_iapt": 0,
        "above_iapt": 6,
        "reach_voluntary": 0,
        "reach_counselling": 0,
    }
