"""Reading tidy tables, and the filters that name what may be used for what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import evidence
from iapt_ledger.measures.evidence import Evidence

BASE = {
    "table": "t",
    "geography": "England",
    "measure": "items",
    "unit": "items",
    "status": "published",
    "second_hand": False,
    "source_id": "A",
    "period_start": pd.Timestamp("2020-01-01"),
    "period_end": pd.Timestamp("2020-12-31"),
    "value": 1.0,
}


def rows(*changes: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame([BASE | c for c in changes])
    return frame.assign(obs_id=[f"t:{i}" for i in range(1, len(frame) + 1)])


def test_a_table_is_read_once_and_a_caller_cannot_spoil_it_for_the_next(tmp_path: Path) -> None:
    rows({"value": 3.0}).to_parquet(tmp_path / "cyp.parquet")
    store = Evidence(tmp_path)
    first = store.table("cyp")
    first.loc[0, "value"] = 99.0
    (tmp_path / "cyp.parquet").unlink()
    assert store.table("cyp")["value"].tolist() == [3.0]


def test_claims_under_test_cannot_be_read_as_evidence(tmp_path: Path) -> None:
    rows({}).to_parquet(tmp_path / "claims_under_test.parquet")
    with pytest.raises(LedgerError, match="valid choices are .*unit_costs") as caught:
        Evidence(tmp_path).table("claims_under_test")
    assert "claims_under_test," not in str(caught.value)


def test_a_table_that_was_not_made_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"python -m iapt_ledger\.tidy"):
        Evidence(tmp_path).table("cyp")


def test_only_refuses_a_value_that_is_not_there() -> None:
    frame = rows({"measure": "items"}, {"measure": "cost"})
    assert evidence.only(frame, measure=["cost"])["obs_id"].tolist() == ["t:2"]
    with pytest.raises(LedgerError, match="No row has measure 'itmes' in table t.*cost, items"):
        evidence.only(frame, measure="itmes")
    with pytest.raises(LedgerError, match="The column series is not there"):
        evidence.only(frame, series="PCA")


def test_a_better_source_is_chosen_and_never_averaged() -> None:
    frame = rows(
        {"status": "press_report", "value": 5.0, "source_id": "P"},
        {"status": "derived", "value": 4.0, "source_id": "D"},
        {"status": "published", "second_hand": True, "value": 3.0, "source_id": "S"},
        {"status": "published", "value": 2.0, "source_id": "A"},
    )
    assert evidence.one_per_key(frame)["value"].tolist() == [2.0]
    assert evidence.one_per_key(frame, prefer=("D", "A"))["value"].tolist() == [4.0]
    assert evidence.one_per_key(frame[:0]).empty


def test_two_sources_of_equal_standing_must_agree() -> None:
    same = rows({"source_id": "A"}, {"source_id": "B"})
    assert evidence.one_per_key(same)["source_id"].tolist() == ["A"]
    with pytest.raises(LedgerError, match="t:1 of A, t:2 of B"):
        evidence.one_per_key(rows({"source_id": "A"}, {"source_id": "B", "value": 2.0}))


def test_another_place_or_period_is_another_key() -> None:
    later = {"period_start": pd.Timestamp("2021-01-01"), "period_end": pd.Timestamp("2021-12-31")}
    frame = rows({}, {"geography": "Wales", "value": 2.0}, later | {"value": 3.0})
    assert len(evidence.one_per_key(frame)) == 3


def test_one_series_drops_partial_periods() -> None:
    frame = rows(
        {"series": "PCA", "full_period": True},
        {"series": "PCA", "full_period": False, "period_end": pd.Timestamp("2020-11-30")},
        {"series": "EPD", "full_period": True, "value": 9.0},
    )
    assert evidence.one_series(frame, "PCA")["obs_id"].tolist() == ["t:1"]
    assert evidence.full_periods(frame)["obs_id"].tolist() == ["t:1", "t:3"]


STATUSES = ["published", "derived", "press_report", "target_or_plan", "forecast"]


def test_statuses_are_filtered_by_what_they_say() -> None:
    frame = rows(*({"status": s} for s in STATUSES), {"second_hand": True})
    assert set(evidence.without_forecasts(frame)["status"]) == set(STATUSES) - {"forecast"}
    assert set(evidence.outturn_only(frame)["status"]) == {"published", "derived", "press_report"}
    assert evidence.first_hand(frame)["obs_id"].tolist() == ["t:1", "t:2", "t:4", "t:5"]


def test_rows_of_different_units_are_refused() -> None:
    with pytest.raises(LedgerError, match="claimants.*claims in payment"):
        evidence.one_unit(rows({"unit": "claimants"}, {"unit": "claims in payment"}))
    with pytest.raises(LedgerError):
        evidence.one_unit(rows({"unit_detail": "of claimants"}, {"unit_detail": "of new claims"}))
    assert len(evidence.one_unit(rows({}, {}))) == 2


def test_cells_without_a_number_are_left_out_by_name() -> None:
    frame = rows({}, {"value": np.nan, "status": "suppressed"})
    assert evidence.with_value(frame)["obs_id"].tolist() == ["t:1"]


def test_missing_months_are_found_and_not_filled() -> None:
    days = ["2020-01-01", "2020-02-01", "2020-05-01"]
    frame = rows(*({"period_start": pd.Timestamp(d)} for d in days))
    assert evidence.months_missing(frame).strftime("%m").tolist() == ["03", "04"]
    assert evidence.months_missing(frame.assign(value=np.nan)).empty


def test_years_of_different_coding_are_in_different_spans() -> None:
    years = [2013, 2014, 2019, 2020]
    frame = rows(
        *(
            {"breakdown": "long_term_condition", "period_start": pd.Timestamp(f"{y}-04-01")}
            for y in years
        ),
        *({"breakdown": "religion", "period_start": pd.Timestamp(f"{y}-04-01")} for y in years),
    )
    assert evidence.with_spans(frame)["span"].tolist() == [0, 1, 2, 3, 0, 1, 1, 1]


def test_named_exclusions_leave_out_their_rows_and_no_others() -> None:
    frame = rows(
        {"source_id": "FINGERTIPS_90593", "period_start": pd.Timestamp("2018-03-01")},
        {"source_id": "FINGERTIPS_90593", "period_start": pd.Timestamp("2018-04-01")},
        {"source_id": "EN_PCA_EZ"},
        {"source_id": "HSCIC_NEWS_6829"},
    )
    assert evidence.without_march_2018(frame)["obs_id"].tolist() == ["t:2", "t:3", "t:4"]
    assert evidence.without_low_confidence(frame)["obs_id"].tolist() == ["t:1", "t:2", "t:4"]
    assert evidence.without_press_figures(frame)["obs_id"].tolist() == ["t:1", "t:2", "t:3"]


def test_dimension_filters_keep_the_rows_they_name() -> None:
    levels = rows(*({"level": x} for x in ("detail", "subtotal", "total", "overlapping")))
    assert evidence.detail_only(levels)["obs_id"].tolist() == ["t:1"]
    dates = rows({"date_status": "stated"}, {"date_status": "inferred"})
    assert evidence.stated_dates_only(dates)["obs_id"].tolist() == ["t:1"]
    trust = rows(*({"reliability": x} for x in ("published", "doubtful", "unusable")))
    assert evidence.reliable_only(trust)["obs_id"].tolist() == ["t:1"]
    flagged = rows({"org_code": "1", "is_area": True}, {"org_code": "2", "is_area": False})
    assert evidence.areas_only(flagged)["obs_id"].tolist() == ["t:1"]
    places = rows(
        {"org_code": "", "org_name": "Invalid commissioner code", "geography_type": "ccg"},
        {
            "org_code": "14A",
            "org_name": "NORTH MIDLANDS COMMISSIONING HUB",
            "geography_type": "ccg",
        },
        {"org_code": "00C", "org_name": "NHS DARLINGTON CCG", "geography_type": "ccg"},
        {"org_code": "R1", "org_name": "A TRUST", "geography_type": "provider"},
    )
    assert evidence.areas_only(places)["obs_id"].tolist() == ["t:3"]


def test_a_filter_on_the_wrong_table_says_so() -> None:
    with pytest.raises(LedgerError, match="column level is not there in table t"):
        evidence.detail_only(rows({}))
