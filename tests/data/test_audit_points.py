"""What the audit of the edition left doubtful, points 1 to 5, and what the code does about each."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import yaml

from iapt_ledger import paths
from iapt_ledger.dictionary import load_dictionary
from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import evidence
from iapt_ledger.measures.announced import announcements, by_reading, total
from iapt_ledger.measures.benefit_amounts import one_count
from iapt_ledger.measures.benefits import DIVISIONS, READINGS, shares
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.measures.money import deflator
from iapt_ledger.measures.promises import promises
from iapt_ledger.measures.top_down import top_down
from iapt_ledger.tidy.build import CLAIMS

PROMISED_FROM = (
    "iapt_national_annual",
    "iapt_national_quarterly",
    "iapt_national_monthly",
    "claims_evidence",
)
Frames = dict[str, pd.DataFrame]
DAY = pd.Timestamp


# --- 1. Claims are not data -------------------------------------------------------------------------------------


def test_01_no_tidy_evidence_repeats_a_claim(frames: Frames) -> None:
    claims = frames[CLAIMS]
    assert len(claims) == 15
    assert set(claims["status"]) == {"claim_under_test"}
    for name, frame in frames.items():
        if name != CLAIMS and "obs_id" in frame:
            assert not frame["status"].eq("claim_under_test").any()
            assert not set(frame["obs_id"]) & set(claims["obs_id"])
    assert "claim_under_test" not in load_dictionary().vocabularies["statuses"]


def test_01_the_claims_file_cannot_be_read_as_evidence(frames: Frames, tmp_path) -> None:
    frames[CLAIMS].to_parquet(tmp_path / f"{CLAIMS}.parquet")
    with pytest.raises(LedgerError, match="No such table of evidence"):
        Evidence(tmp_path).table(CLAIMS)


def test_01_nothing_that_computes_names_the_claims_or_a_reading_of_the_documents() -> None:
    package = paths.ANALYSIS / "iapt_ledger"
    folders = [package / name for name in ("measures", "figures", "methods", "ledger")]
    files = [f for folder in folders for f in sorted(folder.rglob("*.py"))]
    files += [package / "chapter.py", *sorted(paths.NOTEBOOKS.glob("*.ipynb"))]
    assert len(files) > 20
    words = re.compile(
        r"claims?_under_test|agrees_seed_reading|what_the_seed_says|data/tidy/claims"
    )
    # The one that names the status is the one that refuses it.
    refuses = package / "ledger" / "evidence.py"
    naming = [f for f in files if words.search(f.read_text(encoding="utf8"))]
    assert naming == [refuses]
    assert words.findall(refuses.read_text(encoding="utf8")) == ["claim_under_test"]


def test_01_readings_of_the_documents_are_not_in_the_tidy_tables(frames: Frames) -> None:
    assert not [c for frame in frames.values() for c in frame.columns if "seed" in c]


def test_01_the_900_000_are_quoted_as_a_target() -> None:
    quoted = yaml.safe_load((paths.DATA / "claims.yaml").read_text(encoding="utf8"))["quoted"]
    assert quoted["h01.patients"]["value"] == 900_000
    assert "should treat" in quoted["h01.patients"]["says"]


# --- 2. Deflators -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vintage", ["hmt_defl_2019", "obr_efo_2019", "hmt_defl_2022_09"])
def test_02_superseded_deflators_are_refused(frames: Frames, vintage: str) -> None:
    assert vintage in set(frames["context"]["source_id"])
    with pytest.raises(LedgerError, match="No such deflator"):
        deflator(frames["context"], vintage)


def test_02_growth_from_2019_20_in_the_vintage_of_2019_is_forecast(frames: Frames) -> None:
    rows = evidence.only(frames["context"], source_id="hmt_defl_2019")
    late = rows[rows["period_start"] >= "2019-04-01"]
    assert len(late) == 5
    assert set(late["status"]) == {"forecast"}
    assert rows.loc[rows["status"].eq("published"), "period_end"].max() == DAY("2019-03-31")


# --- 3. Press and undated benefit rows --------------------------------------------------------------------------


def test_03_shares_from_the_press_or_of_inferred_dates_carry_their_mark(
    frames: Frames, corrected: Frames
) -> None:
    rows = corrected["benefits_annual"]
    assert (
        frames["benefits_annual"]["date_status"].eq("inferred").sum() == 44
    )  # 47 with three claims
    undated = evidence.only(rows, source_id="dla_condition_c2011")
    assert set(undated["date_status"]) == {"inferred"}  # also the shares computed from it
    held = shares(rows)
    read = held[~held["made_here"]]
    behind = rows.set_index("obs_id").loc[[ids[0] for ids in read["obs"]]]
    assert read["press"].tolist() == behind["second_hand"].tolist()
    assert read["inferred"].tolist() == behind["date_status"].eq("inferred").tolist()
    assert read["press"].any()
    assert read.loc[read["source_id"].eq("dla_condition_c2011"), "inferred"].all()


def test_03_counts_of_different_things_are_not_joined(frames: Frames) -> None:
    caseload = evidence.only(frames["benefits_annual"], measure="caseload", benefit="PIP")
    assert caseload["unit"].nunique() == 4
    with pytest.raises(LedgerError, match="different units"):
        evidence.one_unit(caseload)
    units = load_dictionary().tables["benefits_annual"].measures["caseload"]
    assert set(units) == {"claimants", "claims", "claims in payment", "claims with entitlement"}


def test_03_a_count_is_divided_by_counts_of_the_same_thing(corrected: Frames) -> None:
    rows = corrected["benefits_annual"]
    for division in DIVISIONS:
        bases = [(benefit, "all", source, date) for benefit, source, date in division.bases]
        each = [one_count(rows, *counted) for counted in (division.counted, *bases)]
        assert len(evidence.one_unit(pd.DataFrame(each))) == len(each) >= 2


def test_03_shares_and_groupings_that_conflict_are_told_apart(frames: Frames) -> None:
    rows = frames["benefits_annual"]
    shares = evidence.only(rows, measure="share_pct")
    about_2002 = shares[shares["source_id"].isin(["ifs_2025_press", "ifs_2022_abstract"])]
    assert about_2002.groupby("value")["condition_group"].first()[[25.0, 27.0]].nunique() == 2
    of_2014 = shares[shares["value"].isin([41, 47]) & shares["benefit"].eq("IB/SDA/ESA")]
    assert of_2014["source_id"].nunique() == 2
    groupings = rows[rows["value"].isin([407_000, 454_000, 525_000])]
    assert groupings["condition_group"].nunique() == len(groupings) == 3
    keys = [row for reading in READINGS for row in reading.rows]
    assert len(keys) == len(set(keys))  # no row serves two readings


# --- 4. Announced money is not spending -------------------------------------------------------------------------


def test_04_announced_money_never_counts_as_outturn(frames: Frames) -> None:
    money = frames["expenditure"]
    assert evidence.only(money, status="target_or_plan").shape[0] == 36
    assert not evidence.outturn_only(money)["status"].isin(["target_or_plan", "forecast"]).any()


def test_04_an_aim_never_stands_where_a_promise_is_held_against_what_came(frames: Frames) -> None:
    money = frames["expenditure"]
    others = [frames[name] for name in PROMISED_FROM]
    kept = promises(money, *others).set_index("measure")
    assert kept.loc["recovered", "outturn"] > 0
    came = money["measure"].eq("People moving to recovery")
    planned = money.assign(status=money["status"].mask(came, "target_or_plan"))
    with pytest.raises(LedgerError, match="not held exactly once"):
        promises(planned, *others)
    with pytest.raises(LedgerError, match="One row"):
        top_down(planned, frames["iapt_national_quarterly"])


def test_04_the_two_readings_are_the_same_money_and_are_never_added(frames: Frames) -> None:
    readings = by_reading(frames["expenditure"])
    sums = {reading: total(readings, reading) for reading in readings["reading"].unique()}
    assert sorted(sums.values()) == [173e6, 309e6]
    assert set(readings["period"]) == {"2008-09", "2009-10", "2010-11"}
    assert readings.groupby("reading").size().tolist() == [3, 3]


def test_04_disputed_sums_carry_their_doubt(frames: Frames, corrected: Frames) -> None:
    rows = corrected["expenditure"].set_index("measure")
    later = rows.loc["IAPT investment 2009/10 as reported later"]
    assert (later["value"], later["qualifier"]) == (110e6, "disputed")
    cut = rows.loc["Autumn Statement 2023: new funding to expand NHS Talking Therapies"]
    assert "cut" in cut["note"]
    assert "inference" in cut["note"]
    cautions = " ".join(load_dictionary().tables["expenditure"].cautions)
    assert "12 June 2009" in cautions
    said, as_published = (
        announcements(held["expenditure"], held["cyp"]) for held in (corrected, frames)
    )
    assert len(said) == len(as_published)


# --- 5. Entered treatment, annual -------------------------------------------------------------------------------


def test_05_people_and_referrals_are_told_apart(frames: Frames) -> None:
    listed = load_dictionary().tables
    annual = listed["iapt_national_annual"].measures["entered_treatment"]
    monthly = listed["iapt_national_monthly"].measures["entered_treatment"]
    assert annual == {"referrals": "entered_treatment", "people": "entered_treatment_kpi"}
    assert monthly["people"] == "entered_treatment_fingertips"
    entered = evidence.only(frames["iapt_national_annual"], measure="entered_treatment")
    with pytest.raises(LedgerError, match="different units"):
        evidence.one_unit(entered)


def test_05_part_years_the_undercount_and_sums_of_months_are_kept_apart(frames: Frames) -> None:
    entered = evidence.only(frames["iapt_national_annual"], measure="entered_treatment")
    partial = entered[~entered["full_period"]]
    assert partial["period_start"].tolist() == [DAY("2008-10-01"), DAY("2011-04-01")]
    assert not set(partial["obs_id"]) & set(evidence.full_periods(entered)["obs_id"])
    by_year = entered.groupby(entered["period_start"].dt.year)["series"].agg(set)
    assert by_year.loc[2012] == {"data set, received-in-year undercount"}
    assert all(by_year.loc[year] == {"sum of monthly files"} for year in (2024, 2025))
    assert all(by_year.loc[year] == {"annual report"} for year in range(2013, 2024))
