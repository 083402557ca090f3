"""Prices, announced money and unit costs of the pinned edition against what their publishers printed."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import announced, promises
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.hundred_thousand import published
from iapt_ledger.measures.money import Deflator, deflate, deflator, price_growth
from iapt_ledger.measures.top_down import top_down
from iapt_ledger.measures.unit_costs import UNIT_COSTS, sessions_per_course, unit_cost

Frames = dict[str, pd.DataFrame]
MILLION = 1_000_000.0


@pytest.fixture(scope="module")
def prices(frames: Frames) -> Deflator:
    return deflator(frames["context"])


def test_the_deflator_is_the_release_that_it_says(prices: Deflator):
    # Another public repository quotes 85.10 for 2020-21 from the release of March 2026.
    assert round(prices.index["2020-21"], 2) == 85.10
    assert prices.index["2024-25"] == 100.0
    assert (prices.years[0], prices.years[-1], len(prices.years)) == ("1990-91", "2024-25", 35)


@pytest.mark.parametrize("year", ["1989-90", "2025-26", "2030-31", "2024"])
def test_years_without_an_outturn_are_refused(frames: Frames, year: str):
    with pytest.raises(LedgerError, match="from 1990-91 to 2024-25"):
        deflate(1.0, year, "2024-25", context=frames["context"])


def test_the_two_series_of_dla_money_are_no_check_of_the_deflator(frames: Frames, prices: Deflator):
    # Two Commons answers of January 2007: one labelled cash, one in 2005-06 prices. Prices rose by a tenth
    # over these years, yet the two keep one ratio: the first cannot be cash, and nothing here uses it as cash.
    rows = frames["benefits_annual"]
    money = rows[rows["unit"].eq("GBP") & rows["benefit"].eq("DLA")].set_index("period_start")
    labelled_cash = money.loc[money["source_id"].eq("hansard_2007_01_29"), "value"]
    real = money.loc[money["source_id"].eq("hansard_2007_01_11"), "value"]
    ratio = (labelled_cash / real).dropna()
    assert len(ratio) == 5 and ratio.between(1.015, 1.03).all()
    assert prices.factor("2001-02", "2005-06") > 1.1


def test_vintages_agree_before_the_pandemic_and_part_in_it(frames: Frames):
    growth = price_growth(frames["context"], ("2015-16", "2020-21", "2021-22"))
    grown = growth.pivot_table(index="period", columns="measure", values="value")
    assert grown["hmt_defl_2026_03"].round(1).tolist() == [0.7, 5.2, 0.2]
    assert grown["hmt_defl_2023_12"].round(1).tolist() == [0.7, 5.4, -0.8]
    assert grown.loc["2020-21", "obr_cpi_2026"] == 0.6  # the CPI saw no such jump


def test_announced_money_adds_to_the_totals_of_the_table(frames: Frames):
    money = announced.by_reading(frames["expenditure"])
    derived = frames["expenditure"].set_index("measure")["value"]
    for reading, measure in (
        (announced.LEVELS, "IAPT central funding, sum of annual levels (derived)"),
        (announced.CUMULATIVE, "IAPT central funding, sum of increments (derived)"),
    ):
        assert announced.total(money, reading) == derived[measure]
    assert len(announced.announcements(frames["expenditure"], frames["cyp"])) == 31


def test_entrants_of_the_first_months_agree_with_the_press(frames: Frames):
    found = top_down(frames["expenditure"], frames["iapt_national_quarterly"])
    counted = found.loc[found["outcome"].eq("entered_treatment"), "count"].iloc[0]
    said = frames["expenditure"].set_index("measure").loc["People starting IAPT treatment", "value"]
    assert (
        counted == 492_142 and said == 491_000
    )  # 0.2 per cent apart: official quarters, press report


def test_top_down_in_cash_is_hand_arithmetic(frames: Frames):
    found = top_down(frames["expenditure"], frames["iapt_national_quarterly"])
    each = found[found["outcome"].eq("moved_to_recovery")].set_index("reading")["value"]
    assert each["levels"] == pytest.approx((33 + 103 + 0.75 * 173) * MILLION / 95_000)
    assert each["cumulative"] == pytest.approx((33 + 70 + 0.75 * 70) * MILLION / 95_000)


def test_every_declared_unit_cost_is_held_once(frames: Frames):
    amounts = {k: unit_cost(frames["unit_costs"], k).amount for k in UNIT_COSTS}
    assert (
        amounts["course"] == 877 and amounts["treated_entered"] == 650 and amounts["planned"] == 750
    )
    assert sessions_per_course(frames["unit_costs"], "high")[0] == pytest.approx(8.0)


def test_our_cost_per_recovery_is_the_published_one_at_the_published_rate(
    frames: Frames, prices: Deflator
):
    course = unit_cost(frames["unit_costs"], "course").amount
    rows = frames["unit_costs"].set_index("measure")["value"]
    rate = rows["implied recovery rate among those costed, all (derived)"] / 100
    printed = published(frames["unit_costs"], "2010-11", prices)["value"].iloc[0]
    assert course / rate == pytest.approx(printed, rel=0.001)
    assert 100_000 / printed == pytest.approx(
        rows["recoveries per 100,000 GBP, all (derived)"], abs=0.05
    )


def test_bottom_up_of_a_year_is_hand_arithmetic(frames: Frames, prices: Deflator):
    counts = cost.activity(frames["iapt_national_annual"], frames["iapt_national_monthly"])
    course = cost.costs_of_all(frames["unit_costs"], "course")
    frame = cost.bottom_up(counts, course, "2010-11", prices)
    row = frame[frame["outcome"].eq("moved_to_recovery") & frame["period"].eq("2024-25")].iloc[0]
    assert row["value"] == pytest.approx(877 * 670_419 / 321_061)
    assert "2012-13" not in set(frame["period"])  # the undercount of the data set's first year
    attended = counts[counts["measure"].eq("appointments_attended")]
    assert attended["period"].tolist() == ["2021-22", "2022-23", "2023-24", "2024-25", "2025-26"]


def test_promises_stand_beside_the_counts_that_are_held(frames: Frames):
    found = promises.promises(
        *(frames[n] for n in ("expenditure", "iapt_national_annual", "iapt_national_quarterly")),
        frames["iapt_national_monthly"],
        frames["claims_evidence"],
    ).set_index("measure")
    pairs = found[["target", "outturn"]].astype(int).agg(tuple, axis=1).to_dict()
    assert pairs["therapists"] == (3_600, 871 + 1_530 + 822)
    assert pairs["therapists_press"] == (3_600, 3_660)
    assert pairs["treated"] == (900_000, 43_792 + 181_947 + 383_138)
    assert pairs["recovered"] == (450_000, 95_000)
    assert pairs["access_year"] == (917_137, 815_665)
    assert pairs["long_term_plan"] == (1_900_000, 1_260_381)


def test_bases_of_mental_health_spending_never_share_a_year_twice(frames: Frames, prices: Deflator):
    spend = promises.mental_health_spend(
        frames["expenditure"], frames["mental_health_spend_ccg_annual"], "2024-25", prices
    )
    assert spend.groupby("basis")["period"].nunique().to_dict() == {
        "local": 7,
        "local and specialised": 3,
        "statement to Parliament": 3,
    }
    cash = spend.set_index(["basis", "period"])["cash"]
    assert cash["local", "2016-17"] == 9_723 * MILLION
    assert cash["local", "2017-18"] == pytest.approx(10_079.6 * MILLION, rel=1e-4)


def test_a_workbook_counts_before_the_page_and_the_sum_of_areas_before_both(
    frames: Frames, prices: Deflator
):
    money, areas = frames["expenditure"], frames["mental_health_spend_ccg_annual"]
    here = money["measure"].eq("CCG spending on mental health") & money["geography"].eq("England")
    page = money[here].iloc[-1:]
    later = pd.Timestamp("2018-04-01")
    book = page.assign(source_id=promises.WORKBOOKS, obs_id="book:1", value=9_800 * MILLION)
    also = book.assign(obs_id="book:2", period_start=later, value=10_000 * MILLION)
    found = promises.mental_health_spend(
        pd.concat([money, book, also]), areas, "2024-25", prices
    ).set_index(["basis", "period"])
    one = found.loc[("local", "2016-17")]
    assert (one["cash"], one["source_id"]) == (9_800 * MILLION, promises.WORKBOOKS)
    assert one["check"] / one["value"] == pytest.approx(9_723 / 9_800)
    assert one["check_from"] == "nhse_mhdash_page"
    assert {"book:1", page["obs_id"].iloc[0]} <= set(one["obs"])
    year = found.loc[("local", "2018-19")]
    assert (year["source_id"], year["check_from"]) == (promises.SUM_OF_AREAS, promises.WORKBOOKS)
    assert found["check"].notna().sum() == 2
    with pytest.raises(LedgerError, match="stands twice"):
        promises.mental_health_spend(pd.concat([money, book, book]), areas, "2024-25", prices)
