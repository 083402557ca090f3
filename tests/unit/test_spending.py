"""Spending of the programme leads by a rule: England's own actual figure, whole years, prices and counts held."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import spending_words as words
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.spending import (
    ACTUAL,
    PLANNED,
    Spending,
    spending,
    spent,
    years_in_words,
)

YEARS = {"2021-22": 80.0, "2022-23": 90.0, "2023-24": 100.0}
PRICES = Deflator(
    "hmt_defl_2026_03",
    MappingProxyType(YEARS),
    MappingProxyType({y: f"context:{y[:4]}" for y in YEARS}),
)
COUNTS = pd.DataFrame(
    [
        (measure, year, value, (f"annual:{number}",))
        for number, (measure, year, value) in enumerate(
            (m, y, v)
            for y in YEARS
            for m, v in (("finished_course", 500.0), ("moved_to_recovery", 250.0))
        )
    ],
    columns=["measure", "period", "value", "obs"],
)


def row(year: str, value: float | None, measure: str = ACTUAL, area: str = "", **more: object):
    start = pd.Timestamp(int(year[:4]), 4, 1)
    return {
        "period_type": "financial_year",
        "period_start": start,
        "measure": measure,
        "geography_type": "icb" if area else "country",
        "value": value,
        "status": "target_or_plan" if measure == PLANNED else "published",
        "second_hand": False,
        "locator": f"book.xlsx, {year}",
        "obs_id": f"expenditure:{year}{measure}{area}",
        **more,
    }


def money(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(row("2021-22", 1.0)))


def found(*rows: dict, counts: pd.DataFrame = COUNTS) -> Spending:
    return spending(money(*rows), counts, PRICES, "2023-24")


def test_where_nothing_is_held_nothing_leads_and_the_report_says_so():
    none = found(row("2022-23", 700.0, PLANNED), row("2022-23", 5.0, area="QAA"))
    assert (none.held, none.leads, len(none.cost)) == (False, "", 0)
    parts = words.paragraphs(none, "2023-24", "")
    assert (parts[words.LEAD], parts[words.SECTION]) == ("", "")
    assert parts[words.IN_SHORT].startswith(
        "**What the programme has spent is not held here.** Eight ways"
    )
    assert words.short_words(none)["none_of_these"] == "which is not held"


def test_englands_actual_figure_leads_in_the_prices_of_the_report():
    got = found(row("2022-23", 9000.0), row("2022-23", 8000.0, PLANNED))
    assert got.leads == "2022-23"
    cost = got.cost.set_index("outcome")
    # 9,000 pounds of prices of 90 are 10,000 of prices of 100: over 500 courses and 250 recoveries
    assert cost["value"].to_dict() == {"finished_course": 20.0, "moved_to_recovery": 40.0}
    assert cost.loc["moved_to_recovery", "obs"] == (
        f"expenditure:2022-23{ACTUAL}",
        "annual:3",
        "context:2022",
        "context:2023",
    )
    assert got.money.loc[0, ["value", "planned"]].tolist() == [9000.0, 8000.0]


def test_the_summary_gives_the_span_of_all_ways_and_no_cost_beyond_what_might_have_come_anyway():
    """Benchmarks of remission are of other people: a cost net of them is a supposition, and none for a first page."""
    for held in ([], [row("2022-23", 900.0)], [row("2024-25", 900.0)]):
        short = words.paragraphs(found(*held), "2023-24", "")[words.IN_SHORT]
        assert "{{< n recovery_cost.average.all_methods range >}}" in short
        assert "net_" not in short


def test_the_newest_year_that_is_whole_leads():
    rows = [row("2021-22", 800.0), row("2022-23", 900.0), row("2023-24", 1000.0)]
    assert found(*rows).leads == "2023-24"
    lacks = row("2023-24", None, area="QBB", status="missing")
    got = found(*rows, row("2023-24", 4.0, area="QAA"), lacks)
    assert got.leads == "2022-23"
    assert got.money.set_index("period").loc["2023-24", ["areas", "without"]].tolist() == [2, 1]
    assert set(got.whole["period"]) == {"2021-22", "2022-23"}
    assert "For 2023-24 areas are listed without a figure" in words.paragraphs(got, "", "")["spent"]


def test_a_suppressed_area_has_a_figure_and_is_told():
    got = found(row("2022-23", 900.0), row("2022-23", None, area="QAA", status="suppressed"))
    assert (got.leads, got.money.loc[0, "hidden"]) == ("2022-23", 1)
    assert words.by_year(got, "2023-24")["Areas without a figure"][0] == "0 of 1, 1 suppressed"


@pytest.mark.parametrize(
    "rows",
    [
        [row("2024-25", 900.0)],  # no outturn of prices
        [row("2022-23", 900.0)],  # no count of recoveries, below
        [row("2022-23", 900.0), row("2022-23", None, area="QAA", status="missing")],
    ],
)
def test_a_year_without_prices_counts_or_areas_is_told_and_does_not_lead(rows: list[dict]):
    counts = COUNTS if len(rows) > 1 else COUNTS[COUNTS["measure"].eq("finished_course")]
    got = found(*rows, counts=counts)
    assert got.held
    assert got.leads == ""
    parts = words.paragraphs(got, "2023-24", "a table")
    assert "No year of it may lead here" in parts[words.LEAD]
    assert parts[words.SECTION].endswith("a table")
    assert "spent.newest" not in "".join(parts.values())


@pytest.mark.parametrize(
    "change", [{"second_hand": True}, {"period_type": "part_year"}, {"status": "forecast"}]
)
def test_a_report_at_second_hand_a_part_of_a_year_and_a_forecast_are_no_spending(change: dict):
    assert not found(row("2022-23", 900.0, **change)).held


def test_two_figures_for_one_year_are_a_fault():
    with pytest.raises(LedgerError, match="two figures of spending"):
        spent(money(row("2022-23", 1.0), row("2022-23", 2.0)))


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (["2016-17"], "2016-17"),
        (["2017-18", "2016-17"], "2016-17 to 2017-18"),
        (["2016-17", "2018-19", "2020-21"], "2016-17, 2018-19 and 2020-21"),
    ],
)
def test_years_are_listed_with_runs_joined(years: list[str], said: str):
    assert years_in_words(years) == said


def test_the_chapter_on_promises_says_what_is_held():
    assert "in any year, then or since, is not" in words.promised_words(spent(money()))["opening"]
    held = words.promised_words(spent(money(row("2021-22", 5e8), row("2022-23", 6e8))))
    assert all("2021-22 to 2022-23" in text for text in held.values())
