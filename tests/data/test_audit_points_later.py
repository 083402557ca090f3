"""What the audit of the edition left doubtful, points 7 to 14, and what the code does about each."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.build.holdings import BY_MONTH
from iapt_ledger.dictionary import load_dictionary
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import coverage_words, evidence
from iapt_ledger.measures.announced import announcements
from iapt_ledger.measures.antidepressants import SERIES, splice, yearly
from iapt_ledger.measures.coverage import coverage
from iapt_ledger.measures.services_pile_up import STANDARDS, printed_rates
from iapt_ledger.registry import read_sources

Frames = dict[str, pd.DataFrame]
DAY = pd.Timestamp


def one(frame: pd.DataFrame, **wanted: object) -> float:
    rows = evidence.only(frame, **wanted)
    assert len(rows) == 1, wanted
    return float(rows["value"].iloc[0])


# --- 7. Fingertips recovery, March 2018 -------------------------------------------------------------------------


def test_07_the_contradicting_month_is_taken_out(frames: Frames, corrected: Frames) -> None:
    def of_month(held: Frames) -> pd.DataFrame:
        rows = held["iapt_national_monthly"]
        return rows[
            rows["source_id"].eq("FINGERTIPS_90593") & rows["period_start"].eq("2018-03-01")
        ]

    assert len(of_month(frames)) == 3
    assert of_month(corrected).empty
    year = evidence.only(
        frames["iapt_national_annual"], measure="recovery_rate_pct", source_id="IAPT_AR_2017_18"
    )
    assert year["value"].tolist() == [50.8]


# --- 8. Months that are missing ---------------------------------------------------------------------------------


def test_08_the_gap_in_months_is_known_and_not_filled(frames: Frames) -> None:
    entered = evidence.only(frames["iapt_national_monthly"], measure="entered_treatment")
    told = coverage_words.gaps(coverage(frames, [BY_MONTH]), BY_MONTH.label)
    assert [(f"{a:%Y-%m-%d}", f"{b:%Y-%m-%d}") for a, b in told] == [
        ("2019-10-01", "2020-02-29"), ("2020-04-01", "2020-08-31"), ("2020-10-01", "2020-12-31"),
    ]  # fmt: skip
    providers = evidence.only(
        frames["iapt_ccg_provider_monthly_2019_20"],
        org_type="Provider",
        measure="entered_treatment",
    )
    sums = evidence.with_value(providers).groupby("period_start")["value"].sum()
    assert sums.index.max() == DAY("2020-02-01")
    same = evidence.only(entered, source_id="FINGERTIPS_90592").set_index("period_start")["value"]
    assert (sums / same).dropna().between(0.99, 1.01).all()


# --- 9. Several sources of one key ------------------------------------------------------------------------------


def test_09_one_series_at_a_time_never_an_average(frames: Frames) -> None:
    table = frames["antidepressants_annual"]
    pca = yearly(table, "items", series="PCA")
    assert pca["period"].is_unique
    assert set(pca["value"]) <= set(table["value"])
    with pytest.raises(LedgerError, match="one at a time"):
        yearly(table, "items", series="PCA and EPD")
    with pytest.raises(LedgerError, match="named rescaling"):
        splice(pca, yearly(table, "items", series="EPD"))


def test_09_part_years_and_low_confidence_are_left_out(frames: Frames) -> None:
    table = frames["antidepressants_annual"]
    partial = table[~table["full_period"]]
    assert {"2023-11-30", "2024-10-31"} <= set(partial["period_end"].dt.strftime("%Y-%m-%d"))
    low = evidence.only(table, source_id="EN_PCA_EZ")
    assert set(low["series"]) == {"third-party name match"}
    read = {o for s in SERIES for ids in yearly(table, "items", series=s)["obs"] for o in ids}
    assert read
    assert not read & {*partial["obs_id"], *low["obs_id"]}
    assert "third-party name match" in load_dictionary().vocabularies["annual_prescribing_series"]


def test_09_values_are_in_base_units(frames: Frames) -> None:
    for name in (
        "antidepressants_annual",
        "antidepressants_quarterly_or_monthly",
        "expenditure",
        "benefits_annual",
    ):
        frame = frames[name]
        assert not frame["unit"].str.contains("million|thousand").any()
        assert "unit_scale" not in frame
    assert (
        one(frames["antidepressants_annual"], measure="patients", source_id="EN_MUMH_2122")
        == 8_320_000
    )


def test_09_the_smaller_nations_are_press(frames: Frames) -> None:
    table = frames["antidepressants_annual"]
    others = table[table["geography"].ne("England")]
    assert others["status"].eq("press_report").mean() > 0.8
    assert others["series"].eq("").all()  # so that `yearly` cannot read them as an official series


# --- 10. One figure in two tables -------------------------------------------------------------------------------


def test_10_copies_are_left_out_of_expenditure(frames: Frames) -> None:
    own = evidence.without_copies(frames["expenditure"])
    gone = frames["expenditure"][~frames["expenditure"]["obs_id"].isin(own["obs_id"])]
    assert len(gone) == 36
    quarters = evidence.only(gone, measure="People entering IAPT treatment (quarter)")
    ruling = evidence.only(
        frames["iapt_national_quarterly"],
        measure="entered_treatment",
        source_id="hansard_2012_04_16",
    )
    assert quarters["value"].tolist() == ruling["value"].tolist()


def test_10_announced_money_for_children_is_read_from_their_own_table(frames: Frames) -> None:
    said = announcements(frames["expenditure"], frames["cyp"])
    of_children = said[said["measure"].str.startswith("CYP ")]
    tables = of_children["obs"].map(lambda ids: ids[0].split(":")[0])
    assert tables.value_counts().to_dict() == {"cyp": 6, "expenditure": 1}
    copied = evidence.only(frames["expenditure"], status="target_or_plan")
    copied = copied[~copied["obs_id"].isin(evidence.without_copies(copied)["obs_id"])]
    assert sorted(copied["value"]) == sorted(of_children.loc[tables.eq("cyp"), "value"])


@pytest.mark.parametrize("pair", ["timimi2015 timimi_2015", "GYANI_2013 gyani_2013", "CLARK_2018 clark_2018",
                                  "HANSARD_2012_04_16 hansard_2012_04_16"])  # fmt: skip
def test_10_two_ids_of_one_document_are_one_source(frames: Frames, pair: str) -> None:
    registry = read_sources()
    one_name, other = pair.split()
    assert registry[one_name] is registry[other]
    used = {s for frame in frames.values() if "source_id" in frame for s in frame["source_id"]}
    assert len(used & {one_name, other}) == 1


def test_10_the_blog_on_targets_is_not_the_document_under_test() -> None:
    registry = read_sources()
    assert "targets" in registry["HF_BLOG_2015"].title
    assert registry["HF_BLOG_2015"].how_read != "starting document"


# --- 11. Sub-national -------------------------------------------------------------------------------------------


def test_11_areas_are_areas(frames: Frames) -> None:
    annual = evidence.areas_only(frames["iapt_organisations_annual"])
    assert annual["is_area"].all()
    assert not annual["org_code"].isin(["UNKNOWN", "13Q", "14R"]).any()
    series = frames["iapt_ccg_provider_monthly_2019_20"]
    assert series["org_code"].eq("").sum() == 13 * 9
    assert not evidence.areas_only(series)["org_code"].eq("").any()
    hubs = evidence.only(series, org_code=["13Q", "14A", "14E"])
    assert hubs["org_name"].str.contains("COMMISSIONING HUB").all()
    for standard in (s for s in STANDARDS if s.geography_type == "ccg"):
        areas = set(printed_rates(series, standard)["code"])
        assert len(areas) > 190
        assert not areas & {"", *hubs["org_code"]}


def test_11_merging_areas_are_counted_once_a_month(frames: Frames) -> None:
    areas = evidence.with_value(evidence.areas_only(frames["iapt_ccg_provider_monthly_2019_20"]))
    for new, old in (("15N", {"99P", "99Q"}), ("15M", {"03X", "03Y", "04J", "04R"})):
        rows = areas[areas["org_code"].isin({new, *old})]
        assert all(
            codes == {new} or codes == old
            for codes in rows.groupby("period_start")["org_code"].unique().map(set)
        )


def test_11_codes_without_region_are_known_and_counts_are_rounded_to_5(frames: Frames) -> None:
    providers = frames["iapt_providers"]
    assert providers["region"].eq("").sum() == 7
    annual = frames["iapt_organisations_annual"]
    listed = evidence.only(annual, org_type="Provider")["org_code"]
    assert len(set(listed) - set(providers["org_code"])) == 56
    assert set(annual["rounding"]) == {"nearest 5"}
    assert annual["value"].dropna().mod(5).eq(0).all()


def test_11_provider_taf90_stands_once(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_organisations_annual"], org_code="TAF90")
    assert rows.groupby(["period_start", "measure"]).size().eq(1).all()
    assert load_dictionary().tables["iapt_organisations_annual"].key == (
        "period_start", "org_type", "org_code", "measure",
    )  # fmt: skip


# --- 12. Covariates of areas ------------------------------------------------------------------------------------


def test_12_doubtful_covariates_are_left_out(corrected: Frames) -> None:
    rows = corrected["mental_health_spend_ccg_annual"]
    rows = rows[rows["reliability"].eq("published")]
    shares = evidence.only(rows, measure="mh_spend_share_of_allocation")
    assert sorted(shares["period_start"].dt.year.unique()) == [2018, 2019]
    stockport = rows[rows["org_code"].eq("01W") & rows["period_start"].eq("2018-04-01")]
    assert stockport.empty
    everything = evidence.only(corrected["mental_health_spend_ccg_annual"], measure="mh_spend_gbp")
    assert everything.groupby("period_start")["value"].sum().round(-6).tolist() == [
        10_080e6, 10_477e6, 11_191e6, 11_938e6, 12_694e6,
    ]  # fmt: skip


def test_12_the_window_and_the_vintage_that_are_not_stated_are_said(frames: Frames) -> None:
    ccg = frames["antidepressants_ccg_2017_18"]
    assert ccg["period_start"].isna().all()
    assert ccg["note"].str.contains("not stated|matched", case=False).all()
    people = evidence.only(frames["deprivation_population_ccg_2021"], measure="population")
    assert people["value"].sum() == 56_550_138
    held = frames["context"]
    assert one(held, measure="Mid-year population, all ages (mid-2020 release)") == 56_550_138
    assert set(people["period_start"]) == {DAY("2020-06-30")}


def test_12_areas_are_joined_on_codes(frames: Frames) -> None:
    spend = frames["mental_health_spend_ccg_annual"].drop_duplicates("org_code")
    people = frames["deprivation_population_ccg_2021"].drop_duplicates("geography_code")
    both = spend.merge(people, left_on="org_code", right_on="geography_code")
    assert len(both) == 106
    names = both["org_name"].str.upper() != both["geography_y"].str.upper()
    assert both.loc[names, "org_code"].tolist() == ["02M", "26A"]  # lost, were they joined by name


# --- 13. Statements about totals --------------------------------------------------------------------------------


def test_13_totals_say_what_they_are(frames: Frames) -> None:
    money = frames["expenditure"]
    health = evidence.only(money, measure="Public spending on health")
    assert set(health["geography"]) == {"UK"}
    by_year = health.set_index(health["period_start"].dt.year)
    assert by_year.loc[2022, "status"] == "forecast"
    assert by_year.loc[2020, "note"] != by_year.loc[2019, "note"]
    statement = evidence.only(
        money, measure="Total mental health spend (section 3(2) statement basis)"
    )
    assert set(statement["status"]) == {"forecast"}
    areas = evidence.only(money, measure="CCG spending on mental health, sum of CCG rows")
    assert areas["geography"].tolist() == ["England (208 CCGs, Wiltshire missing)"]


# --- 14. Spellings ----------------------------------------------------------------------------------------------


def test_14_every_category_has_one_spelling(frames: Frames) -> None:
    rows = frames["iapt_breakdowns"]
    labels = rows[["breakdown", "category"]].drop_duplicates()
    plain = labels["category"].str.casefold().str.replace(r"[^a-z0-9|]", "", regex=True)
    assert not labels.assign(plain=plain).duplicated(["breakdown", "plain"]).any()
    published = evidence.only(rows, breakdown="religion")
    assert published[published["category"].eq("Baha'i")]["category_as_published"].nunique() == 3
    assert (
        not labels["category"].str.contains("Generalized|Any Other|Unknown IMD", regex=True).any()
    )


def test_14_marginals_of_medicine_status_are_totals(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], breakdown="psychotropic_medication_status")
    at_the_start = rows["category"].eq("Total")
    at_the_end = rows["measure"].eq("finished_course_status_end_total")
    assert rows["level"].eq("total").equals(at_the_start | at_the_end)
    year = evidence.detail_only(rows)
    sums = year.groupby("period_start")["value"].sum()
    finished = evidence.only(
        frames["iapt_national_annual"], measure="finished_course", series="annual report"
    )
    assert sums.eq(finished.set_index("period_start")["value"].reindex(sums.index)).all()
