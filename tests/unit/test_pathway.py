"""The pathway takes one source for each number, keeps its denominators apart and marks what cannot be compared."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year, next_year, pick
from iapt_ledger.measures.pathway import (
    lagged_rate,
    of_ended,
    of_finished,
    pathway_counts,
    pathway_rates,
    per_hundred_referrals,
    referrals_per_person,
)

YEAR = {
    "referrals_received": 1000,
    "entered_treatment": 700,
    "finished_course": 400,
    "not_at_caseness_start": 20,
    "reliable_improvement": 270,
    "no_reliable_change": 100,
    "reliable_deterioration": 24,
    "moved_to_recovery": 190,
    "reliable_recovery": 180,
}


def row(measure: str, value: float, year: int = 2023, **fields: object) -> dict[str, object]:
    return {
        "measure": measure,
        "value": float(value),
        "period_start": pd.Timestamp(year, 4, 1),
        "unit": "referrals",
        "rounding": "",
        "status": "published",
        "second_hand": False,
        "series": "annual report",
        "full_period": True,
        **fields,
    }


def tidy(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"obs_id": f"iapt_national_annual:{i}", **r} for i, r in enumerate(rows, 1)]
    )


def of_year(year: int = 2023, **changes: float) -> list[dict[str, object]]:
    return [row(m, v, year) for m, v in {**YEAR, **changes}.items()]


def test_the_annual_report_stands_before_months_and_exact_before_rounded():
    rows = [
        row("entered_treatment", 965_000, rounding="rounded"),
        row("entered_treatment", 965_379),
        row("entered_treatment", 964_000, series="sum of monthly files", status="derived"),
    ]
    got = pick(pathway_counts(tidy(*rows)), "entered_treatment", "2023-24")
    assert (got["value"], got["basis"], got["obs"]) == (
        965_379,
        "annual report",
        ("iapt_national_annual:2",),
    )


def test_a_sum_of_months_is_used_only_with_its_mark():
    months = row("entered_treatment", 1_196_618, series="sum of monthly files", status="derived")
    assert (
        pick(pathway_counts(tidy(months)), "entered_treatment", "2023-24")["basis"]
        == "sum of months"
    )


def test_another_series_is_never_taken():
    fingertips = row("entered_treatment", 681_928, series="Fingertips", status="derived")
    counts = pathway_counts(tidy(fingertips, *of_year(entered_treatment=709_117)))
    assert pick(counts, "entered_treatment", "2023-24")["value"] == 709_117


def test_two_equal_sources_that_disagree_are_refused():
    with pytest.raises(LedgerError, match="Equally good sources disagree"):
        pathway_counts(tidy(row("finished_course", 10), row("finished_course", 11)))


def test_two_equal_sources_that_agree_are_one():
    counts = pathway_counts(tidy(row("finished_course", 10), row("finished_course", 10)))
    assert len(counts) == 1


def test_plans_are_not_counts():
    plan = row("finished_course", 99, status="target_or_plan", second_hand=True)
    counts = pathway_counts(tidy(plan, *of_year()))
    assert 99 not in set(counts["value"])


def test_recovery_is_per_finished_course_less_those_not_at_caseness():
    rates = pathway_rates(pathway_counts(tidy(*of_year())))
    assert pick(rates, "moved_to_recovery_per_recovery_denominator", "2023-24")["value"] == 50
    assert pick(rates, "moved_to_recovery_per_finished_course", "2023-24")["value"] == 47.5
    assert pick(rates, "moved_to_recovery_per_referrals_received", "2023-24")["value"] == 19


def test_stages_stand_per_hundred_referrals_of_the_same_year_and_leave_people_out():
    people = row("people_referred", 900, unit="people")
    got = per_hundred_referrals(pathway_counts(tidy(people, *of_year(2022), *of_year())), "2023-24")
    assert pick(got, "finished_course", "2023-24")["per_hundred"] == 40
    assert "people_referred" not in set(got["measure"])
    assert set(got["period"]) == {"2023-24"}


def test_improvement_has_no_rate_per_recovery_denominator():
    rates = pathway_rates(pathway_counts(tidy(*of_year())))
    without = rates[~rates["outcome"].isin(["moved_to_recovery", "reliable_recovery"])]
    assert "recovery_denominator" not in set(without["denominator"])


def test_rates_over_yearly_flows_say_so():
    rates = pathway_rates(pathway_counts(tidy(*of_year())))
    same = rates.groupby("denominator")["same_referrals"].first().to_dict()
    assert same["finished_course"]
    assert not same["entered_treatment"]
    assert not same["referrals_received"]


def test_the_undercounted_year_is_marked_and_mixed_bases_are_named():
    undercount = [{**r, "series": "data set, received-in-year undercount"} for r in of_year(2012)]
    months = [
        {**r, "series": "sum of monthly files"} if r["measure"] == "entered_treatment" else r
        for r in of_year(2024)
    ]
    rates = pathway_rates(pathway_counts(tidy(*undercount, *months)))
    assert not rates.loc[rates["period"] == "2012-13", "comparable"].any()
    mixed = pick(rates, "moved_to_recovery_per_entered_treatment", "2024-25")
    assert mixed["basis"] == "annual report over sum of months"


def test_a_part_of_a_year_is_no_denominator():
    part = row("entered_treatment", 377_080, 2011, series="KPI collection", full_period=False)
    counts = pathway_counts(tidy(part, row("moved_to_recovery", 100, 2011)))
    assert pathway_rates(counts).query("denominator == 'entered_treatment'").empty


def test_finishers_without_two_scores_are_what_the_change_categories_leave():
    parts = of_finished(pathway_counts(tidy(*of_year())))
    assert pick(parts, "no_paired_scores_per_finished_course", "2023-24")["events"] == 6


def test_a_year_whose_categories_hold_the_unpaired_has_no_such_number():
    counts = pathway_counts(tidy(*of_year(no_reliable_change=106)))
    assert "no_paired_scores" not in set(counts["measure"])


def test_endings_are_given_only_where_they_make_up_the_whole():
    endings = [row("ended_not_seen", 300), row("ended_seen_not_treated", 20)]
    one = row("ended_one_treatment_only", 280)
    whole = tidy(*of_year(), *endings, one, row("ended_referrals", 1000))
    assert of_ended(pathway_counts(whole))["value"].sum() == pytest.approx(100)
    short = tidy(*of_year(), *endings, one, row("ended_referrals", 1010))
    assert of_ended(pathway_counts(short)).empty


def test_the_lagged_rate_spans_this_years_and_last_years_referrals():
    counts = pathway_counts(tidy(*of_year(2022, referrals_received=950), *of_year(2023)))
    got = pick(
        lagged_rate(counts, "moved_to_recovery", "referrals_received"),
        "moved_to_recovery_per_referrals_received",
        "2023-24",
    )
    assert (got["value"], got["low"], got["high"]) == (19, 19, 20)
    assert "iapt_national_annual:1" in got["obs"]


def test_people_and_referrals_are_set_side_by_side():
    people = row("people_referred", 800, unit="people")
    got = referrals_per_person(pathway_counts(tidy(people, *of_year())))
    assert got["value"].tolist() == [1.25]


@settings(max_examples=20, deadline=None)  # each example makes whole frames
@given(
    st.lists(st.integers(1, 10**6), min_size=3, max_size=3).flatmap(
        lambda gaps: st.tuples(st.just(gaps), st.floats(0, 1), st.floats(0, 1))
    )
)
def test_no_rate_leaves_nought_to_hundred_and_wider_denominators_give_lower_rates(drawn):
    (left_early, not_entered, cases), share, reliable = drawn
    below, recovered = left_early % (cases + 1), int(share * cases)
    year = {
        "finished_course": cases + below,
        "not_at_caseness_start": below,
        "moved_to_recovery": recovered,
        "reliable_recovery": int(reliable * recovered),
        "entered_treatment": cases + below + left_early,
        "referrals_received": cases + below + left_early + not_entered,
    }
    rates = pathway_rates(pathway_counts(tidy(*(row(m, v) for m, v in year.items()))))
    assert rates["low"].ge(0).all()
    assert rates["high"].le(100).all()
    order = ["recovery_denominator", "finished_course", "entered_treatment", "referrals_received"]
    by = rates[rates["outcome"] == "moved_to_recovery"].set_index("denominator")["value"]
    assert by[order].is_monotonic_decreasing
    reliably = rates[rates["outcome"] == "reliable_recovery"].set_index("denominator")["value"]
    assert (reliably[order] <= by[order]).all()


def test_financial_years():
    assert financial_year(pd.Timestamp("2024-03-31")) == "2023-24"
    assert financial_year(pd.Timestamp("1999-04-01")) == "1999-00"
    assert next_year("2008-09") == "2009-10"


def test_asking_for_a_year_that_is_not_there_lists_those_that_are():
    counts = pathway_counts(tidy(*of_year(2022), *of_year(2023)))
    with pytest.raises(LedgerError, match="2022-23, 2023-24"):
        pick(counts, "finished_course", "2030-31")
