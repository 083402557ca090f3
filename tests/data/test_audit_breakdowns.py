"""What the audit of the edition left doubtful, point 6 on breakdowns, and what the code does about it."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger import paths
from iapt_ledger.dictionary import load_dictionary
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import evidence
from iapt_ledger.measures.gaps import BREAKS, gaps, group_counts, group_rates, yearly_trend

Frames = dict[str, pd.DataFrame]
DAY = pd.Timestamp


def test_06_only_details_are_added_up(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], measure="finished_course", unit="referrals")
    year = rows[rows["period_start"].eq("2023-04-01")]
    assert not evidence.detail_only(year)["level"].isin(["subtotal", "total", "overlapping"]).any()
    for overlapping in ("disability", "long_term_condition"):
        assert set(evidence.only(year, breakdown=overlapping)["level"]) == {"overlapping"}


def test_06_people_and_referrals_are_not_joined_across_2014_15(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], breakdown="gender")
    early = rows[rows["period_start"] < "2014-04-01"]
    assert set(early["measure"]) == {"people_referred"}
    counts = group_counts(frames["iapt_breakdowns"], "gender")
    assert counts["period"].min() == "2014-15"


def test_06_missing_groups_are_declared_by_year(frames: Frames) -> None:
    totals = {t.id: t for t in load_dictionary().totals}
    departures = totals["details_make_england"].departures
    ethnic = next(d for d in departures if d.where.get("breakdown") == ("ethnic_group",))
    assert ethnic.where["period_start"] == ("2014-04-01", "2015-04-01", "2016-04-01")
    assert (ethnic.low, ethnic.high) == (0.87, 0.94)
    early = next(d for d in departures if "age_band" in d.where.get("breakdown", ()))
    assert early.where["period_start"] == ("2012-04-01", "2013-04-01")


def test_06_early_ethnic_labels_get_their_group_and_their_subtotals(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], breakdown="ethnic_group")
    year = rows[rows["period_start"].eq("2013-04-01")]
    doubled = year[year["category_as_published"].str.match(r"^(.+) \| \1$")]
    assert set(doubled["level"]) <= {"subtotal", "detail"}
    groups = doubled[doubled["level"].eq("subtotal")]
    assert groups["category"].str.endswith(" | All").all()
    details = evidence.detail_only(year)["category"]
    assert details.str.contains(r" \| |^Not stated", regex=True).all()


def test_06_no_trend_crosses_the_coding_break_of_long_term_conditions(frames: Frames) -> None:
    rows = evidence.only(
        frames["iapt_breakdowns"], breakdown="long_term_condition", measure="finished_course"
    )
    without = evidence.only(rows, category="No long term condition")
    by_year = without.set_index(without["period_start"].dt.year)["value"]
    assert (by_year[2019], by_year[2022]) == (357_448, 112_571)
    counts = group_counts(
        frames["iapt_breakdowns"], "long_term_condition", levels=("detail", "overlapping")
    )
    gap = gaps(
        group_rates(counts, ["recovery_rate"]),
        of="No long term condition",
        against="Long term condition",
    )
    with pytest.raises(LedgerError, match="new coding"):
        yearly_trend(gap, "long_term_condition")


def test_06_no_trend_crosses_the_year_in_which_a_group_comes_in(frames: Frames) -> None:
    """Those of no stated ethnic group from 2017-18, and unexplained symptoms from 2022-23, as the trends are told."""
    finished = evidence.only(frames["iapt_breakdowns"], measure="finished_course", level="detail")
    for breakdown, group, first in (
        ("ethnic_group", r"^Not stated", 2017),
        ("presenting_complaint", r"^Medically Unexplained Symptoms \|", 2022),
    ):
        rows = evidence.only(finished, breakdown=breakdown)
        years = rows.loc[rows["category"].str.contains(group), "period_start"].dt.year
        assert rows["period_start"].dt.year.min() < years.min() == first
        assert f"{first}-{first % 100 + 1}" in BREAKS[breakdown]


def test_06_the_problems_of_2014_15_are_a_few_press_figures_that_no_chart_reads(
    frames: Frames,
) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], source_id="HSCIC_NEWS_6829")
    assert set(rows["breakdown"]) == {"problem_descriptor"}
    assert set(rows["period_start"]) == {DAY("2014-04-01")}
    notebooks = [f.read_text(encoding="utf8") for f in paths.NOTEBOOKS.glob("*.ipynb")]
    assert len(notebooks) > 10
    assert not any("problem_descriptor" in text for text in notebooks)


def test_06_courses_and_referrals_have_definitions_of_their_own() -> None:
    measures = load_dictionary().tables["iapt_breakdowns"].measures
    assert measures["finished_course"]["courses or referrals"] == "finished_course_of_therapy_table"
    assert measures["not_at_caseness_start"]["courses or referrals"] == "not_at_caseness_course"
    meaning = load_dictionary().units["courses or referrals"].meaning
    assert "finished_course counts referrals" in meaning


def test_06_therapies_overlap_and_the_anxiety_subtotal_is_watched(frames: Frames) -> None:
    rows = evidence.only(
        frames["iapt_breakdowns"], breakdown="therapy_type", measure="finished_course"
    )
    finished = evidence.only(
        frames["iapt_national_annual"], measure="finished_course", series="annual report"
    ).set_index("period_start")["value"]
    ratio = rows.groupby("period_start")["value"].sum() / finished
    assert ratio.dropna().between(1.09, 1.4).all()
    year = frames["iapt_breakdowns"][frames["iapt_breakdowns"]["period_start"].eq("2024-04-01")]
    problems = evidence.only(year, breakdown="presenting_complaint", measure="finished_course")
    short = finished[DAY("2024-04-01")] - evidence.detail_only(problems)["value"].sum()
    assert short == 974
