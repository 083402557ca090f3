"""The embedded edition holds every figure it was compiled from, and its tidy tables hold what is known of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from iapt_ledger.edition.first import NAME, compile_edition
from iapt_ledger.edition.store import decode, find_edition, read_stored
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import evidence
from iapt_ledger.measures.antidepressants import yearly
from iapt_ledger.measures.pathway import pathway_counts
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import CLAIMS
from iapt_ledger.tidy.long import CORE

from ..beside import beside

EDITION = find_edition(NAME)
COMPILED = [t for t in TABLES.values() if t.name != "category_spellings"]
RENAMED = {("benefits_annual", "date"): "period_end"}
FILLED = {"period_start", "price_basis", "geography_code"}
"""Columns where the edition fills a cell that the figures leave empty."""
RESTATED = {("benefits_annual", "period_type")}

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def figures() -> Path:
    return beside("figures")


@pytest.mark.parametrize("name", [t.name for t in COMPILED])
def test_every_cell_of_the_figures_is_in_the_edition(figures: Path, name: str) -> None:
    with (figures / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = read_stored(name, EDITION)
    assert len(stored) == len(rows)
    for column in rows[0]:
        if (name, column) in RESTATED:
            continue
        kept = stored[RENAMED.get((name, column), column)]
        pairs = [(r[column], k) for r, k in zip(rows, kept, strict=True)]
        if column in FILLED:
            pairs = [(was, now) for was, now in pairs if was]
        assert [p for p in pairs if p[0] != p[1]] == []


def test_compiling_again_gives_the_committed_edition(figures: Path, tmp_path: Path) -> None:
    again = tmp_path / NAME
    assert compile_edition(figures, again)
    for table in TABLES.values():
        new, old = (again / table.file).read_bytes(), (EDITION / table.file).read_bytes()
        if (
            table.format == "parquet" and new[-64:] != old[-64:]
        ):  # another writer version signs its name
            pd.testing.assert_frame_equal(decode(new, table), decode(old, table))
        else:
            assert new == old, table.file
    assert not compile_edition(figures, again)


def test_every_source_that_was_compiled_is_in_the_registry(figures: Path) -> None:
    registry = read_sources()
    absent = []
    for path in sorted(figures.glob("*_sources.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            absent += [
                r["source_id"] for r in csv.DictReader(file) if r["source_id"] not in registry
            ]
    assert absent == ["IAPT_AR_2017_18 to IAPT_AR_2024_25"]
    assert all(f"IAPT_AR_{y}_{y % 100 + 1}" in registry for y in range(2017, 2025))


def test_no_number_is_lost_between_edition_and_tidy(frames: Frames) -> None:
    for table in (t for t in TABLES.values() if t.shape in ("long", "wide")):
        stored = read_stored(table.name, EDITION)
        cells = stored[list(table.measures) or ["value"]].to_numpy().ravel()
        held = sum(c not in ("", "*", "-", "NULL") for c in cells)
        under_test = frames[CLAIMS]["table"].eq(table.name).sum()
        assert frames[table.name]["value"].notna().sum() == held - under_test, table.name


def test_observations_share_one_core_and_every_id_is_unique(frames: Frames) -> None:
    ids: list[str] = []
    for table in (t for t in TABLES.values() if t.kind == "observations"):
        frame = frames[table.name]
        assert tuple(frame.columns[: len(CORE)]) == CORE
        assert pd.api.types.is_datetime64_dtype(frame["period_start"])
        assert frame["second_hand"].dtype == bool
        assert not frame["unit"].str.contains("million|thousand").any()
        text = frame.select_dtypes("str")
        assert not text.isna().any().any(), table.name
        ids += frame["obs_id"].tolist()
    assert len(ids) == len(set(ids)) == 199_455


def test_claims_under_test_stand_apart_from_all_evidence(frames: Frames) -> None:
    claims = frames[CLAIMS]
    assert claims["table"].value_counts().to_dict() == {
        "unit_costs": 6,
        "benefits_annual": 5,
        "cyp": 2,
        "claims_evidence": 2,
    }
    for name, frame in frames.items():
        if name != CLAIMS and "status" in frame:
            assert not frame["status"].eq("claim_under_test").any()
            assert not any("seed" in c for c in frame.columns)
            if "obs_id" in frame:
                assert not frame["obs_id"].isin(claims["obs_id"]).any()


def test_cells_keep_the_reason_why_they_are_empty(frames: Frames) -> None:
    monthly = frames["iapt_providers_monthly"]
    assert set(monthly["status"]) == {"published", "suppressed"}
    series = frames["iapt_ccg_provider_monthly_2019_20"]
    assert set(series["status"]) == {"published", "suppressed", "no_activity"}
    for frame in (monthly, series, frames["iapt_organisations_annual"]):
        assert frame["value"].isna().eq(frame["status"].ne("published")).all()


def test_deprivation_decile_one_is_the_most_deprived(frames: Frames) -> None:
    rows = frames["iapt_breakdowns"]
    labels = rows[rows["imd_decile"].notna()].groupby("imd_decile")["category"].unique()
    assert labels[1].tolist() == ["10 Most deprived"]
    assert labels[10].tolist() == ["01 Least deprived"]


def test_early_breakdowns_count_people_and_cannot_be_joined_to_referrals(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], breakdown="ethnic_group", level="detail")
    early = rows[rows["period_start"].eq("2013-04-01")]
    assert evidence.one_unit(early)["value"].sum() == 947_640
    with pytest.raises(Exception, match="different units"):
        evidence.one_unit(rows[rows["measure"].isin(["people_referred", "referrals_received"])])


def test_one_series_of_prescriptions_at_a_time(frames: Frames) -> None:
    rows = evidence.only(
        frames["antidepressants_annual"], measure="items", bnf_scope="BNF 4.3", geography="England"
    )
    items = yearly(rows, "items", series="PCA")
    assert items["start"].dt.year.tolist() == list(range(1998, 2024))
    wrong = rows.assign(value=rows["value"].where(rows["source_id"].ne("EN_PQ_HL2020"), 1e6))
    with pytest.raises(LedgerError, match="disagree"):
        yearly(wrong, "items", series="PCA")


def test_entered_treatment_of_partial_years_and_monthly_sums_is_kept_apart(frames: Frames) -> None:
    entered = evidence.only(frames["iapt_national_annual"], measure="entered_treatment")
    counts = pathway_counts(entered)
    whole = counts[counts["complete"]].set_index("period")
    kpi = whole[whole["basis"].eq("earlier collection")]
    assert kpi["value"].tolist() == [181_947, 383_138]
    assert whole.index[whole["basis"].eq("sum of months")].tolist() == ["2024-25", "2025-26"]
    assert whole["basis"].eq("annual report").sum() == 11


def test_areas_are_areas_and_merging_ccgs_are_counted_once(frames: Frames) -> None:
    annual = evidence.areas_only(frames["iapt_organisations_annual"])
    assert not set(annual["org_type"]) & {"Provider"}
    assert not annual["org_code"].isin(["UNKNOWN", "13Q", "14R"]).any()
    series = frames["iapt_ccg_provider_monthly_2019_20"]
    assert series["org_code"].eq("").sum() == 13 * 9
    areas = evidence.with_value(evidence.areas_only(series))
    devon = areas[areas["org_code"].isin(["15N", "99P", "99Q"])]
    in_month = devon.groupby("period_start")["org_code"].unique().map(set)
    assert all(codes in ({"15N"}, {"99P", "99Q"}) for codes in in_month)


def test_doubtful_covariates_of_ccgs_are_left_out(frames: Frames) -> None:
    rows = frames["mental_health_spend_ccg_annual"]
    rows = rows[rows["reliability"].eq("published")]
    shares = evidence.only(rows, measure="mh_spend_share_of_allocation")
    assert shares["period_start"].min() == pd.Timestamp("2018-04-01")
    blackpool = shares[shares["org_code"].eq("00R")]
    assert blackpool["period_start"].max() == pd.Timestamp("2019-04-01")
    spend = evidence.only(rows, measure="mh_spend_gbp", org_code="01W")
    assert pd.Timestamp("2018-04-01") not in set(spend["period_start"])


def test_undated_and_press_benefit_rows_are_marked(frames: Frames) -> None:
    rows = frames["benefits_annual"]
    kept = evidence.first_hand(rows[rows["date_status"].eq("stated")])
    assert not kept["source_id"].isin(["dla_condition_c2011", "bbc_verify_2025"]).any()
    assert 200 < len(kept) < len(rows)


def test_forecasts_and_announced_money_are_not_outturn(frames: Frames) -> None:
    context = frames["context"]
    index = evidence.only(evidence.outturn_only(context), source_id="hmt_defl_2026_03")
    assert index["period_start"].max() == pd.Timestamp("2024-04-01")
    money = evidence.outturn_only(frames["expenditure"])
    assert not money["source_id"].isin(["laing_2023", "hansard_2009_12_10"]).all()
    assert set(money["status"]) == {"published", "derived", "press_report"}


def test_figures_that_stand_in_two_tables_are_read_from_one(frames: Frames) -> None:
    rows = frames["expenditure"]
    own = evidence.without_copies(rows)
    copies = rows[~rows["obs_id"].isin(own["obs_id"])]
    assert len(copies) == 36
    quarters = evidence.only(copies, measure="People entering IAPT treatment (quarter)")
    ruling = frames["iapt_national_quarterly"]
    held = evidence.only(ruling, measure="entered_treatment", source_id="hansard_2012_04_16")
    assert quarters["value"].tolist() == held["value"].tolist()
    assert not own["measure"].str.contains("CYP IAPT|^People entering|net ingredient").any()
    assert own["measure"].str.contains("IAPT central programme funding").sum() == 3


def test_known_oddities_of_the_figures_are_still_there(frames: Frames) -> None:
    """What the filters and notes rest on: when a publisher mends one of these, the judgement is to be made anew."""
    population = evidence.only(frames["deprivation_population_ccg_2021"], measure="population")
    assert population["value"].sum() == 56_550_138
    providers = frames["iapt_providers"]
    assert providers["region"].eq("").sum() == 7
    codes = evidence.only(frames["iapt_organisations_annual"], org_type="Provider")["org_code"]
    assert len(set(codes) - set(providers["org_code"])) == 56
    monthly = evidence.only(frames["iapt_national_monthly"], source_id="FINGERTIPS_90593")
    march = monthly[monthly["period_start"].eq("2018-03-01")]
    values = march.set_index("measure")["value"]
    counted = 100 * values["moved_to_recovery"] / values["recovery_denominator"]
    assert (round(counted, 2), values["recovery_rate_pct"]) == (53.07, 52.5)


def test_details_add_up_only_where_their_level_says_so(frames: Frames) -> None:
    rows = evidence.only(frames["iapt_breakdowns"], measure="finished_course")
    year = rows[rows["period_start"].eq("2023-04-01")]
    national = evidence.only(frames["iapt_national_annual"], measure="finished_course")
    total = national.loc[national["period_start"].eq("2023-04-01"), "value"].max()
    sums = evidence.detail_only(year).groupby("breakdown")["value"].sum()
    for breakdown in ("age_band", "gender", "deprivation_decile_imd", "ethnic_group"):
        assert sums[breakdown] == pytest.approx(total, rel=0.001), breakdown
    therapies = evidence.only(year, breakdown="therapy_type")
    assert set(therapies["level"]) == {"overlapping"}
    assert therapies["value"].sum() > 1.1 * total
