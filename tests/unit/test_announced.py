"""Announced money keeps its two readings apart, falls into a window by stated rules, and is never spend."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.measures import announced
from iapt_ledger.measures.announced import CUMULATIVE, LEVELS, READINGS

MILLION = 1_000_000.0
YEARS = (2008, 2009, 2010)


def row(number: int, measure: str, value: float, first: int, last: int | None = None) -> dict:
    return {
        "obs_id": f"expenditure:{number}",
        "measure": measure,
        "value": value,
        "unit": "GBP",
        "period_start": pd.Timestamp(first, 4, 1),
        "period_end": pd.Timestamp((last or first) + 1, 3, 31),
        "status": "target_or_plan",
        "qualifier": "",
        "price_basis": "cash",
        "second_hand": False,
        "source_id": "hansard",
        "note": "",
    }


def first_phase(levels: tuple[float, ...], added: tuple[float, ...]) -> pd.DataFrame:
    rows = []
    for reading, amounts in ((LEVELS, levels), (CUMULATIVE, added)):
        for year, amount in zip(YEARS, amounts, strict=True):
            rows.append(row(len(rows) + 1, READINGS[reading], amount, year))
    return pd.DataFrame(rows)


MONEY = announced.by_reading(
    first_phase(
        (33 * MILLION, 103 * MILLION, 173 * MILLION), (33 * MILLION, 70 * MILLION, 70 * MILLION)
    )
)
DECEMBER_2010 = pd.Timestamp("2010-12-31")


def test_the_same_announcement_has_two_totals():
    assert announced.total(MONEY, LEVELS) == 309 * MILLION
    assert announced.total(MONEY, CUMULATIVE) == 173 * MILLION


def test_a_window_takes_the_months_that_it_covers():
    # 33 over the six months run, 103, and nine of twelve months of 173; low with half of 33; high all.
    levels = announced.money_of_window(MONEY, LEVELS, DECEMBER_2010)
    assert levels == pytest.approx(
        (
            (33 + 103 + 0.75 * 173) * MILLION,
            (16.5 + 103 + 0.75 * 173) * MILLION,
            309 * MILLION,
        )
    )
    cumulative = announced.money_of_window(MONEY, CUMULATIVE, DECEMBER_2010)
    assert cumulative.value == pytest.approx((33 + 70 + 52.5) * MILLION)


def test_a_window_in_the_first_year_leaves_later_money_out():
    first = announced.money_of_window(MONEY, LEVELS, pd.Timestamp("2008-12-31"))
    assert first == pytest.approx((16.5 * MILLION, 8.25 * MILLION, 33 * MILLION))


@pytest.mark.parametrize("end", ["2008-10-01", "2007-12-31", "2011-04-30"])
def test_a_window_outside_the_announced_years_is_refused(end: str):
    with pytest.raises(LedgerError, match="window"):
        announced.money_of_window(MONEY, LEVELS, pd.Timestamp(end))


@given(st.tuples(*[st.floats(0, 1e9)] * 3), st.integers(1, 29), st.floats(0.1, 100))
def test_window_money_keeps_its_order_and_scales(
    levels: tuple[float, float, float], month: int, factor: float
):
    end = pd.Timestamp("2008-10-31") + pd.offsets.MonthEnd(month)
    money = announced.by_reading(first_phase(levels, (0, 0, 0)))
    value, low, high = announced.money_of_window(money, LEVELS, end)
    assert low <= value * (1 + 1e-12) and value <= high * (1 + 1e-12)
    scaled = announced.by_reading(first_phase(tuple(x * factor for x in levels), (0, 0, 0)))
    again = announced.money_of_window(scaled, LEVELS, end)
    assert again == pytest.approx((value * factor, low * factor, high * factor))


def test_money_that_is_not_declared_is_a_fault():
    table = pd.concat(
        [first_phase((1, 2, 3), (1, 1, 1)), pd.DataFrame([row(9, "New money", 1, 2030)])]
    )
    with pytest.raises(Faults, match="not declared: New money"):
        announced.announcements(table, table[:0])
    with pytest.raises(Faults, match="not in the tables: Spending Review 2010"):
        announced.announcements(table, table[:0])


def test_plans_that_commissioners_return_are_no_announcement():
    plan = row(9, announced.RETURNED, 1, 2030)
    table = pd.concat([first_phase((1, 2, 3), (1, 1, 1)), pd.DataFrame([plan])])
    with pytest.raises(Faults) as told:
        announced.announcements(table, table[:0])
    assert "not declared" not in str(told.value)


def test_a_sum_over_years_has_no_published_split():
    assert announced.yearly_average(
        400 * MILLION, pd.Timestamp("2011-04-01"), pd.Timestamp("2015-03-31")
    ) == pytest.approx(100 * MILLION)


def test_nothing_announced_is_called_spend():
    for measure, one in announced.DECLARED.items():
        assert "spend" not in f"{one.kind} {one.scope}".lower(), measure
