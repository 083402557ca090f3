"""What the edition lacks is said from what it holds, and so is what the chart of coverage shows."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.build import lacking
from iapt_ledger.build.holdings import SPENDING
from iapt_ledger.measures.coverage import FIRST_HAND, NOT_HELD, SECOND_HAND
from iapt_ledger.measures.coverage_words import alternative_text, gaps, gaps_in_words
from iapt_ledger.measures.spending import ACTUAL


def months(*names: str) -> pd.DataFrame:
    start = pd.to_datetime(pd.Series(names))
    return dated(start, start + pd.offsets.MonthEnd(0)).assign(
        measure="entered_treatment", period_type="month"
    )


def patients(*years: int) -> pd.DataFrame:
    start = pd.to_datetime(pd.Series([f"{year}-04-01" for year in years]))
    return dated(start, start).assign(
        measure="patients", geography="England", period_type="financial_year"
    )


def dated(start: pd.Series, end: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"period_start": start, "period_end": end}).assign(
        value=1.0, second_hand=False, status="published", obs_id="a:1"
    )


def test_what_is_missing_is_no_more_missing_once_a_refresh_has_brought_it():
    context = pd.DataFrame(
        {
            "obs_id": ["context:1"],
            "source_id": ["hmt_defl_2026_06"],
            "measure": ["GDP deflator index, financial year, 2025-26 = 100 (HMT June 2026)"],
            "status": ["published"],
            "value": [100.0],
            "period_start": [pd.Timestamp("2025-04-01")],
        }
    )
    spending = pd.DataFrame(
        {
            "obs_id": ["expenditure:1"],
            "measure": [ACTUAL],
            "status": ["published"],
            "value": [1e9],
            "period_type": ["financial_year"],
            "period_start": [pd.Timestamp("2022-04-01")],
            "geography_type": ["country"],
            "second_hand": [False],
            "locator": ["here"],
        }
    )
    frames = {
        "context": context,
        "iapt_national_monthly": months("2019-08", "2019-09", "2020-03", "2020-04"),
        "antidepressants_annual": patients(2020, 2021, 2024),
    }
    lacks = lacking.missing({**frames, "expenditure": spending[:0]})
    assert lacks.map(len).min().min() > 10
    assert {
        "What the programme spent in each year",
        "Prices after 2025-26 that are outturn",
        "National activity by month from October 2019 to February 2020",
        "Patients on antidepressants in 2015-16 to 2019-20 and 2022-23 to 2023-24",
    } <= set(lacks["Not held"])
    frames["iapt_national_monthly"] = months("2019-08", "2019-09")
    frames["antidepressants_annual"] = patients(*range(2015, 2025))
    brought = lacking.missing({**frames, "expenditure": spending})
    assert len(brought) == len(lacks) - 3
    assert "What the programme spent in each year" not in set(brought["Not held"])


def held(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["label", "start", "end", "kind"])
    benefits = frame["label"].str.startswith("DLA")
    return frame.assign(
        start=pd.to_datetime(frame["start"]),
        end=pd.to_datetime(frame["end"]),
        group=benefits.map(
            {True: "Benefits for a mental health problem", False: "Talking therapies"}
        ),
    )


@pytest.mark.parametrize("spent", [False, True])
def test_the_alternative_text_of_coverage_says_what_the_chart_shows(spent: bool) -> None:
    money = ("2020-04-01", "2022-03-31", FIRST_HAND) if spent else ("", "", NOT_HELD)
    frame = held(
        ("Entered treatment, by year", "2008-04-01", "2011-12-31", FIRST_HAND),
        ("Entered treatment, by year", "2012-04-01", "2026-03-31", FIRST_HAND),
        ("Entered treatment, by month", "2013-04-01", "2026-03-31", FIRST_HAND),
        ("Finished and recovered, by year", "2012-04-01", "2025-03-31", FIRST_HAND),
        ("Recovered, by deprivation", "2015-04-01", "2025-03-31", FIRST_HAND),
        ("Recovered, by therapy", "2019-04-01", "2025-03-31", FIRST_HAND),
        ("DLA or PIP, people", "2013-08-31", "2013-08-31", SECOND_HAND),
        (SPENDING, *money),
    )
    words = alternative_text(frame, SPENDING)
    assert (
        "from 2008 with gaps from January 2012 to March 2012, by month from 2013 without a gap"
        in words
    )
    assert "by year from 2012-13, by deprivation from 2015-16 and by therapy from 2019-20" in words
    assert ("programme is held from 2020-21" if spent else "programme is not held") in words
    assert "1 stretches or single days, 1 of them second hand" in words


def test_gaps_are_told_one_by_one() -> None:
    frame = held(
        ("x", "2019-01-01", "2019-09-30", FIRST_HAND),
        ("x", "2019-03-01", "2019-04-30", SECOND_HAND),
        ("x", "2020-03-01", "2020-03-31", FIRST_HAND),
        ("x", "2020-05-01", "2020-12-31", FIRST_HAND),
    )
    assert gaps_in_words(gaps(frame, "x")) == "from October 2019 to February 2020 and in April 2020"
    assert gaps_in_words([]) == ""
