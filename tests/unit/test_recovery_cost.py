"""A unit cost meets only the activity that it is a cost of, and arithmetic gives what was published."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.unit_costs import (
    ATTENDED,
    ENTERED,
    FINISHED,
    PRICE_YEARS,
    UNIT_COSTS,
    PriceYears,
    UnitCost,
    sessions_per_course,
    unit_cost,
)
from iapt_ledger.methods.intervals import Interval

SAME = PriceYears("2010-11", "2010-11", "2010-11", True, "")
INDEX = {"2008-09": 64.0, "2010-11": 80.0, "2011-12": 84.0, "2024-25": 100.0}
PRICES = Deflator(
    "hmt_defl_2026_03",
    MappingProxyType(INDEX),
    MappingProxyType({y: f"context:{i}" for i, y in enumerate(INDEX, 1)}),
)


def counts(**values: float) -> pd.DataFrame:
    rows = [
        {
            "measure": m,
            "period": "2024-25",
            "value": float(v),
            "unit": "referrals",
            "obs": (f"annual:{i}",),
        }
        for i, (m, v) in enumerate(values.items(), start=1)
    ]
    return pd.DataFrame(rows)


YEAR = counts(
    referrals_received=1500,
    entered_treatment=1000,
    finished_course=600,
    recovery_denominator=560,
    appointments_attended=5000,
    reliable_improvement=400,
    moved_to_recovery=298.2,
    reliable_recovery=280,
)


def unit(amount: float, activity: str = FINISHED, prices: PriceYears = SAME) -> UnitCost:
    return UnitCost("one", "One", amount, activity, prices, False, ("unit_costs:1",))


def each(frame: pd.DataFrame, outcome: str) -> pd.Series:
    return frame[frame["outcome"].eq(outcome)].iloc[0]


def test_published_pairs_come_out_of_the_arithmetic():
    # Radhakrishnan et al. 2013: 877 a course, 49.7 per cent recovered of those costed, 1,766 a recovery.
    row = each(cost.bottom_up(YEAR, [unit(877)], "2010-11", PRICES), "moved_to_recovery")
    assert row["value"] == pytest.approx(877 / 0.497) and round(row["value"]) in (1765, 1766)
    assert pytest.approx(56.6, abs=0.05) == 100_000 / 1766
    # The Depression Report 2006: 750 a course, half recover, 1,500 a recovery.
    half = counts(finished_course=2, moved_to_recovery=1)
    assert (
        each(cost.bottom_up(half, [unit(750)], "2010-11", PRICES), "moved_to_recovery")["value"]
        == 1500
    )


@pytest.mark.parametrize(
    ("activity", "volume"), [(FINISHED, 600), (ENTERED, 1000), (ATTENDED, 5000)]
)
def test_each_unit_cost_meets_its_own_activity(activity: str, volume: float):
    frame = cost.bottom_up(YEAR, [unit(10, activity)], "2010-11", PRICES)
    assert frame["total"].unique() == pytest.approx([10 * volume])
    assert each(frame, "moved_to_recovery")["value"] == pytest.approx(10 * volume / 298.2)
    assert each(frame, activity)["value"] == pytest.approx(10) if activity != ATTENDED else True


def test_declared_unit_costs_name_one_of_three_activities():
    table = published_table()
    for key in UNIT_COSTS:
        declared = unit_cost(table, key)
        per_session = "session" in declared.label.lower()
        assert (declared.activity == ATTENDED) == per_session, key


def published_table() -> pd.DataFrame:
    amounts = {
        "cost per session, low intensity": 99,
        "cost per session, high intensity": 177,
        "cost per completed course, low intensity": 493,
        "cost per completed course, high intensity": 1416,
        "cost per completed course, stepped down": 699,
        "cost per completed course, stepped up": 1514,
        "cost per completed course, all": 877,
        "cost per recovered patient, all": 1766,
    }
    rows = [("radhakrishnan_2013", m, v) for m, v in amounts.items()]
    rows += [
        ("lse_2014", "average cost of treatment, IAPT", 650),
        ("lse_2006", "cost per course of therapy", 750),
    ]
    frame = pd.DataFrame(rows, columns=["source_id", "measure", "value"])
    return frame.assign(obs_id=[f"unit_costs:{i}" for i in range(1, len(frame) + 1)])


def test_a_course_holds_the_sessions_that_its_two_prices_imply():
    assert sessions_per_course(published_table(), "high")[0] == pytest.approx(8.0)
    assert sessions_per_course(published_table(), "low")[0] == pytest.approx(4.98, abs=0.005)


def test_a_unit_cost_held_twice_or_not_at_all_is_refused():
    table = published_table()
    with pytest.raises(LedgerError, match="expected one row; found 2 rows"):
        unit_cost(pd.concat([table, table]), "course")
    with pytest.raises(LedgerError, match="found 0 rows"):
        unit_cost(table[table["source_id"].ne("lse_2014")], "treated_entered")
    with pytest.raises(LedgerError, match="course_low"):
        unit_cost(table, "recovered")


def test_an_open_price_year_widens_the_range_and_nothing_else():
    open_years = PRICE_YEARS["radhakrishnan_2013"]
    frame = cost.bottom_up(YEAR, [unit(80, prices=open_years)], "2024-25", PRICES)
    row = each(frame, FINISHED)
    assert (row["value"], row["low"], row["high"]) == pytest.approx(
        (100.0, 80 * 100 / 84, 80 * 100 / 64)
    )


def pathways(low: float, high: float, both: float) -> pd.DataFrame:
    rows = zip(cost.PATHWAYS, (low, high, both), strict=True)
    frame = pd.DataFrame(rows, columns=["category", "value"])
    return frame.assign(
        breakdown="stepped_care_pathway",
        level="detail",
        measure=FINISHED,
        period_start=pd.Timestamp("2024-04-01"),
        obs_id=[f"iapt_breakdowns:{i}" for i in range(1, 4)],
    )


def test_the_mix_weighs_each_pathway_by_its_own_finishers():
    def mix(*finishers: float) -> Interval[float]:
        return cost.mix_cost(pathways(*finishers), published_table(), "2024-25", "2010-11", PRICES)[
            0
        ]

    assert mix(10, 0, 0).value == pytest.approx(493)
    assert mix(0, 10, 0).value == pytest.approx(1416)
    assert mix(5, 5, 0).value == pytest.approx((493 + 1416) / 2)
    assert mix(0, 0, 1).value == pytest.approx(1514)
    assert mix(0, 0, 1).low == pytest.approx(699 * 80 / 84)  # all stepped down, latest price year


def test_a_year_without_pathways_has_no_mix():
    with pytest.raises(LedgerError, match="mix of pathways"):
        cost.mix_cost(pathways(1, 1, 1), published_table(), "2013-14", "2010-11", PRICES)


def test_a_benchmark_above_the_recovery_rate_leaves_no_recovery_to_cost():
    benchmarks = pd.DataFrame(
        {
            "definition": ["remission", "remission", "response"],
            "group": "no treatment",
            "study": "A",
            "period": "3 months",
            "months_high": 3.0,
            "value": [10.0, 60.0, 20.0],
            "obs": [("claims_evidence:1",)] * 3,
        }
    )
    total = Interval(600.0, 500.0, 700.0)
    net = cost.net_of_benchmark(YEAR, total, benchmarks, "2024-25")
    assert len(net) == 2  # response is another yardstick
    assert net["net"].tolist() == pytest.approx([298.2 - 56, 298.2 - 336])
    assert net["value"].iloc[0] == pytest.approx(600 / 242.2)
    assert net[["value", "low", "high"]].iloc[1].isna().all()


def test_turning_a_cost_over_swaps_its_ends():
    turned = per.per_hundred_thousand(
        pd.DataFrame(
            {"outcome": ["moved_to_recovery"], "value": [2000.0], "low": [1000.0], "high": [4000.0]}
        )
    ).iloc[0]
    assert (turned["value"], turned["low"], turned["high"]) == (50.0, 25.0, 100.0)


def test_a_line_is_met_wholly_not_at_all_or_inside_the_range():
    frame = pd.DataFrame({"low": [30.0, 60.0, 40.0, 10.0], "high": [40.0, 70.0, 60.0, 49.0]})
    assert per.at_or_below(frame, 49).tolist() == ["below", "above", "across", "below"]


def combined(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["outcome", "period", "price_year", "low"])
    return frame.assign(high=frame["low"] + 2)


def test_what_is_of_the_time_holds_no_activity_and_no_pounds_of_today():
    frame = combined(
        ("moved_to_recovery", "2013-14", "2010-11", 40),
        ("moved_to_recovery", "as published", "2013-14", 60),
        ("moved_to_recovery", "2008-10 to 2010-12", "2024-25", 20),
        ("moved_to_recovery", "2024-25", "2010-11", 78),
        ("reliable_recovery", "2013-14", "2010-11", 40),
    )
    parts = per.sets(frame, "2024-25")
    assert {name: list(part.index) for name, part in parts.items()} == {
        "all": [0, 1, 2, 3, 4],
        "recovery": [0, 1, 2, 3],
        "then": [0, 1],
        "later": [3],
    }


def test_combinations_are_counted_against_each_quoted_figure():
    frame = combined(
        ("moved_to_recovery", "", "", 40),
        ("moved_to_recovery", "", "", 48),
        ("moved_to_recovery", "", "", 76),
    )
    assert per.tally(frame, {"iapt": 49, "voluntary": 78, "counselling": 115}) == {
        "total": 3,
        "below_iapt": 1,
        "across_iapt": 1,
        "above_iapt": 1,
        "reach_voluntary": 1,
        "reach_counselling": 0,
    }


@pytest.mark.parametrize(
    ("low", "high", "digits"), [(43.7, 46.0, 0), (43.8, 44.4, 1), (33.4, 33.6, 0)]
)
def test_a_range_whose_ends_print_alike_gets_one_more_digit(low: float, high: float, digits: int):
    assert per.digits_for(low, high) == digits


@given(st.floats(1, 1e5), st.floats(0.01, 100))
def test_scaling_money_scales_the_cost_and_not_the_order(amount: float, factor: float):
    plain = cost.bottom_up(YEAR, [unit(amount)], "2024-25", PRICES)
    scaled = cost.bottom_up(YEAR, [unit(amount * factor)], "2024-25", PRICES)
    assert scaled["value"].tolist() == pytest.approx((plain["value"] * factor).tolist())


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_more_recoveries_from_the_same_courses_never_cost_more_each(few: int, more: int):
    def cost_with(recovered: int) -> float:
        year = counts(finished_course=10**6, moved_to_recovery=recovered)
        return each(cost.bottom_up(year, [unit(877)], "2010-11", PRICES), "moved_to_recovery")[
            "value"
        ]

    assert (cost_with(few) >= cost_with(more)) == (few <= more)
