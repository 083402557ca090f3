"""Our counts against what publishers print elsewhere: press notices, landing pages, answers and other tables."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from iapt_ledger.measures import evidence
from iapt_ledger.measures.series import last_digit
from iapt_ledger.registry import read_sources

Frames = dict[str, pd.DataFrame]
KEYS = {
    "iapt_national_annual": ["period_start", "period_end", "measure", "unit", "series"],
    "iapt_national_quarterly": ["period_start", "measure", "unit"],
    "iapt_national_monthly": ["period_start", "measure"],
}
PAIRS = {"iapt_national_annual": 9, "iapt_national_quarterly": 8, "iapt_national_monthly": 87}


def annual(frames: Frames, measure: str, year: int, **wanted: object) -> float:
    rows = frames["iapt_national_annual"]
    rows = rows[rows["period_start"].dt.year.eq(year) & rows["measure"].eq(measure)]
    values = evidence.only(rows, **wanted)["value"].unique() if wanted else rows["value"].unique()
    assert len(values) == 1, (measure, year, values)
    return float(values[0])


@pytest.mark.parametrize("table", KEYS)
def test_two_sources_of_one_number_agree_within_rounding(corrected: Frames, table: str) -> None:
    """A notice, a landing page or an indicator against the file of the same period."""
    pairs = 0
    for key, rows in corrected[table].groupby(KEYS[table]):
        values = sorted(rows["value"].dropna().unique())
        pairs += len(rows) > 1
        if len(values) > 1:
            counts = rows["unit"].iloc[0] != "percent"
            allowed = max(last_digit(v) / 2 if counts else 0.05 for v in values)
            fives = 5 if rows["rounding"].eq("nearest 5").any() else 0  # rounded up, in one source
            assert values[-1] - values[0] <= max(allowed, fives) + 1e-9, (key, values)
    assert pairs == PAIRS[table]


@pytest.mark.parametrize(
    ("measure", "year", "printed"),
    [
        ("people_referred", 2013, 947_640),
        ("people_referred", 2014, 1_075_999),
        ("people_referred", 2015, 1_179_328),
        ("entered_treatment", 2013, 709_117),
        ("entered_treatment", 2015, 953_522),
        ("recovery_denominator", 2014, 421_744),
    ],
)
def test_counts_of_landing_pages(frames: Frames, measure: str, year: int, printed: int) -> None:
    assert annual(frames, measure, year) == printed


def test_details_by_ethnic_group_are_the_people_that_the_first_notices_print(
    frames: Frames,
) -> None:
    rows = evidence.only(
        frames["iapt_breakdowns"],
        breakdown="ethnic_group",
        measure="people_referred",
        level="detail",
    )
    sums = rows.groupby(rows["period_start"].dt.year)["value"].sum()
    assert sums[2013] == annual(frames, "people_referred", 2013)
    assert round(sums[2012], -3) == annual(frames, "people_referred", 2012)


@pytest.mark.parametrize(
    ("group", "printed"),
    [
        ("White", 50.2),
        ("Mixed", 44.5),
        ("Asian or Asian British", 44.2),
        ("Black or Black British", 44.9),
        ("Other Ethnic Groups", 41.7),
    ],
)
def test_recovery_by_ethnic_group_in_the_notice_of_2016_17(
    frames: Frames, group: str, printed: float
) -> None:
    """The notice prints five rates; the details of the annual report give them back."""
    rows = evidence.only(frames["iapt_breakdowns"], breakdown="ethnic_group")
    year = rows[rows["period_start"].eq("2016-04-01")]
    notice = evidence.only(year, source_id="NHSD_NEWS_2016_17", category=f"{group} | All")
    assert notice["value"].tolist() == [printed]
    parts = evidence.detail_only(evidence.only(year, source_id="IAPT_AR_2016_17"))
    sums = parts[parts["category"].str.startswith(f"{group} | ")].groupby("measure")["value"].sum()
    base = sums["finished_course"] - sums["not_at_caseness_start"]
    assert 100 * sums["moved_to_recovery"] / base == pytest.approx(printed, abs=0.05)


@pytest.mark.parametrize(
    ("problem", "printed"), [("Anxiety and stress related disorders", 47.8), ("Depression", 44.6)]
)
def test_recovery_by_problem_in_the_notice_of_2014_15(
    frames: Frames, problem: str, printed: float
) -> None:
    rows = evidence.only(
        frames["iapt_breakdowns"], source_id="HSCIC_NEWS_6829", category=f"{problem} | All"
    ).set_index("measure")["value"]
    assert rows["recovery_rate_pct"] == printed
    assert 100 * rows["moved_to_recovery"] / rows["recovery_denominator"] == pytest.approx(
        printed, abs=0.05
    )
    assert rows["recovery_denominator"] < annual(frames, "recovery_denominator", 2014)


def test_headlines_that_titles_print(frames: Frames) -> None:
    registry = read_sources()
    courses = re.search(r"([\d,]+) courses completed", registry["PSYREFLECT"].title)
    assert courses is not None
    assert int(courses[1].replace(",", "")) == annual(frames, "finished_course", 2024)
    rise = re.search(
        r"([\d.]+)% rise in number of people accessing", registry["NHSD_PRESS_2021_22"].title
    )
    assert rise is not None
    growth = (
        annual(frames, "entered_treatment", 2021) / annual(frames, "entered_treatment", 2020) - 1
    )
    assert 100 * growth == pytest.approx(float(rise[1]), abs=0.05)
    assert "Just under half" in registry["NHSD_NEWS_2016_17"].title
    assert 49 < annual(frames, "recovery_rate_pct", 2016) < 50
    assert "More than half" in registry["NHSD_NEWS_2017_18"].title
    assert annual(frames, "recovery_rate_pct", 2017) > 50


@pytest.mark.parametrize(
    ("year", "least", "most"),
    [(2013, -0.039, -0.037), (2014, 0.006, 0.008), *((y, -0.0005, 0.0005) for y in range(2015, 2019)),
     (2021, 0.003, 0.005), (2022, 0.0, 0.002), (2023, -0.003, -0.001)],
)  # fmt: skip
def test_months_sum_to_the_annual_report_as_well_as_is_said(
    frames: Frames, year: int, least: float, most: float
) -> None:
    of_2016 = {"source_id": "MHOD_DIAG"} if year == 2016 else {}  # the notice of that year rounds
    months = annual(frames, "entered_treatment_sum_of_months", year)
    report = annual(frames, "entered_treatment", year, **of_2016)
    assert least <= months / report - 1 <= most


def test_the_quarters_of_the_answer_and_the_trade_body(frames: Frames) -> None:
    quarters = evidence.only(
        frames["iapt_national_quarterly"],
        measure="entered_treatment",
        source_id="hansard_2012_04_16",
    )
    to_2010 = quarters[quarters["period_end"] <= "2010-12-31"]["value"].sum()
    reported = evidence.only(frames["expenditure"], measure="People starting IAPT treatment")
    assert to_2010 == 492_142
    assert reported["value"].iloc[0] == pytest.approx(to_2010, rel=0.0025)


def test_items_and_costs_that_stand_in_two_tables_agree(frames: Frames) -> None:
    ruling = evidence.only(
        frames["antidepressants_annual"],
        geography="England",
        bnf_scope="BNF 4.3",
        series="PCA",
    )
    names = {
        "Antidepressant items dispensed in the community (cross-check series)": "items",
        "Antidepressants (BNF 4.3) net ingredient cost, community": "net_ingredient_cost_gbp",
    }
    compared = 0
    for measure, name in names.items():
        copies = evidence.only(frames["expenditure"], measure=measure)
        exact = (
            evidence.only(ruling, measure=name)
            .sort_values("rounding")
            .drop_duplicates("period_start")
        )
        both = copies.merge(exact, on=["period_start", "period_end"])
        assert (both["value_x"] / both["value_y"] - 1).abs().max() < 0.005, measure
        compared += len(both)
    assert compared >= 12


def test_population_is_that_of_the_bulletin(frames: Frames) -> None:
    rows = evidence.only(frames["context"], source_id="ons_mye2024_series")
    nations = rows[rows["geography"].isin(["England", "Wales", "Scotland", "Northern Ireland"])]
    uk = nations.groupby(nations["period_start"].dt.year)["value"].sum()
    bulletin = evidence.only(frames["context"], source_id="ons_mye2024_bulletin")
    assert abs(uk[2024] - bulletin["value"].iloc[0]) <= 100
    assert abs((uk[2024] - uk[2023]) - 755_300) <= 200
