"""Money moves between years only on outturn prices, and comes back unchanged."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.money import CHECK, deflate, deflator, newest, price_growth, release_of

MAIN = "hmt_defl_2026_03"


def prices(vintage: str = MAIN, **index: float) -> pd.DataFrame:
    """A context table of one release; keys such as y2010 are first years, forecasts end in f."""
    release = release_of(vintage)
    assert release is not None
    calendar = release.years == "calendar"
    base = "2024" if calendar else "2024-25"
    rows = []
    for number, (name, value) in enumerate(index.items(), start=1):
        year = int(name[1:5])
        rows.append(
            {
                "obs_id": f"context:{number}",
                "source_id": vintage,
                "measure": f"GDP deflator index, {release.years} year, {base} = 100 (HMT {release.words})",
                "status": "forecast" if name.endswith("f") else "published",
                "period_start": pd.Timestamp(year, 1 if calendar else 4, 1),
                "value": value,
            }
        )
    return pd.DataFrame(rows)


CONTEXT = prices(y2010=80.0, y2011=82.0, y2012=100.0, y2013f=104.0)


def test_a_pound_of_a_cheaper_year_buys_more():
    assert deflate(80.0, "2010-11", "2012-13", context=CONTEXT) == pytest.approx(100.0)
    assert deflate(100.0, "2012-13", "2010-11", context=CONTEXT) == pytest.approx(80.0)


@pytest.mark.parametrize("year", ["2013-14", "2009-10", "2010", "2010/11", ""])
def test_a_year_without_an_outturn_is_refused_with_the_years_that_are_held(year: str):
    with pytest.raises(LedgerError, match="a financial year from 2010-11 to 2012-13") as caught:
        deflate(1.0, year, "2012-13", context=CONTEXT)
    assert repr(year) in str(caught.value)
    with pytest.raises(LedgerError):
        deflate(1.0, "2012-13", year, context=CONTEXT)


def test_calendar_money_has_its_own_vintage_and_years():
    calendar = prices("hmt_defl_2025_12_cal", y2006=50.0, y2024=100.0)
    assert deflate(750.0, "2006", "2024", context=calendar, years="calendar") == 1500.0
    with pytest.raises(LedgerError, match="a calendar year from 2006 to 2024"):
        deflate(750.0, "2006-07", "2024", context=calendar, years="calendar")


def test_only_named_vintages_may_deflate():
    with pytest.raises(LedgerError, match="hmt_defl_2026_03"):
        deflator(CONTEXT, "hmt_defl_2019")
    with pytest.raises(LedgerError, match="No outturn"):
        deflator(CONTEXT, CHECK)


def test_two_values_for_a_year_are_a_fault():
    with pytest.raises(LedgerError, match="two values"):
        deflator(pd.concat([CONTEXT, CONTEXT]))


def test_the_vintage_is_named_with_every_price_base():
    index = deflator(CONTEXT)
    assert index.price_base("2012-13") == "2012-13 prices, HM Treasury GDP deflator of March 2026"
    assert index.obs("2010-11", "2012-13") == ("context:1", "context:3")
    with pytest.raises(LedgerError):
        index.price_base("2013-14")


def test_growth_stands_for_each_vintage_with_the_cpi_beside_it():
    cpi = {
        "obs_id": "context:9",
        "source_id": "obr_cpi_2026",
        "measure": "Consumer price index, change on previous year",
        "status": "published",
        "period_start": pd.Timestamp(2011, 1, 1),
        "value": 4.3,
    }
    check = prices(CHECK, y2010=90.0, y2011=99.0)
    frame = price_growth(pd.concat([CONTEXT, check, pd.DataFrame([cpi])]), ("2011-12",))
    grown = frame.set_index("measure")["value"]
    assert grown["hmt_defl_2026_03"] == pytest.approx(2.5)
    assert grown["hmt_defl_2023_12"] == pytest.approx(10.0)
    assert grown["obr_cpi_2026"] == 4.3


def test_the_newest_release_deflates_and_is_named_and_the_older_one_is_refused():
    june = prices("hmt_defl_2026_06", y2010=90.0, y2012=100.0)
    both = pd.concat([CONTEXT, june], ignore_index=True)
    index = deflator(both)
    assert index.vintage == "hmt_defl_2026_06"
    assert index.price_base("2012-13") == "2012-13 prices, HM Treasury GDP deflator of June 2026"
    # 90 to 100 instead of 80 to 100: a pound of 2010-11 is 1.11 pounds of 2012-13, not 1.25
    assert deflate(90.0, "2010-11", "2012-13", context=both) == pytest.approx(100.0)
    with pytest.raises(LedgerError, match="hmt_defl_2026_06"):
        deflator(both, MAIN)


def test_financial_and_calendar_years_have_each_their_newest_release():
    calendar = prices("hmt_defl_2026_06_cal", y2010=50.0)
    both = pd.concat([CONTEXT, prices("hmt_defl_2025_12_cal", y2010=40.0), calendar])
    assert newest(both).source == MAIN
    assert newest(both, "calendar").source == "hmt_defl_2026_06_cal"
    assert newest(both, "calendar").name == "HM Treasury GDP deflator of June 2026, calendar years"


def test_a_release_that_only_forecasts_or_was_chained_never_deflates():
    later = prices("hmt_defl_2027_03", y2010f=90.0, y2012f=100.0)
    chained = prices("hmt_defl_2027_06", y2010=90.0).assign(
        measure="GDP deflator index, 2024-25 = 100 (derived)"
    )
    assert newest(pd.concat([CONTEXT, later, chained])).source == MAIN
    with pytest.raises(LedgerError, match="No outturn of a deflator"):
        newest(later)


def test_a_release_held_to_an_earlier_year_than_an_older_one_is_passed_over():
    cut = prices("hmt_defl_2027_06", y2010=90.0, y2011=95.0)
    assert newest(pd.concat([CONTEXT, cut])).source == MAIN
    whole = prices("hmt_defl_2027_06", y2010=90.0, y2012=95.0)
    assert newest(pd.concat([CONTEXT, whole])).source == "hmt_defl_2027_06"


def test_a_year_that_was_not_over_at_the_release_is_no_outturn_whatever_its_row_says():
    early = prices("hmt_defl_2012_12", y2010=90.0, y2011=100.0, y2012=104.0)
    assert deflator(early).years == ("2010-11", "2011-12")


@pytest.mark.parametrize(
    "source", ["hmt_defl_2019", "obr_efo_2019", "hmt_defl_2026_13", "", "hmt_defl_2026_03_x"]
)
def test_other_sources_are_no_release(source: str):
    assert release_of(source) is None


amounts = st.floats(-1e12, 1e12, allow_nan=False)
years = st.sampled_from(["2010-11", "2011-12", "2012-13"])


@given(amounts, years, years)
def test_there_and_back_gives_the_same_amount(amount: float, a: str, b: str):
    index = deflator(CONTEXT)
    assert index.deflate(index.deflate(amount, a, b), b, a) == pytest.approx(amount, abs=1e-3)


@given(amounts, years, years, years)
def test_the_way_round_does_not_matter(amount: float, a: str, b: str, c: str):
    index = deflator(CONTEXT)
    through = index.deflate(index.deflate(amount, a, b), b, c)
    assert through == pytest.approx(index.deflate(amount, a, c), abs=1e-3)


def test_a_column_of_amounts_moves_as_one():
    moved = deflator(CONTEXT).deflate(pd.Series([80.0, 160.0]), "2010-11", "2012-13")
    assert moved.tolist() == pytest.approx([100.0, 200.0])
