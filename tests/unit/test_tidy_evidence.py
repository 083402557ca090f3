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


def test_part_years_are_left_out() -> None:
    frame = rows(
        {"full_period": True},
        {"full_period": False, "period_end": pd.Timestamp("2020-11-30")},
    )
    assert evidence.full_periods(frame)["obs_id"].tolist() == ["t:1"]


STATUSES = ["published", "derived", "press_report", "target_or_plan", "forecast"]


def test_statuses_are_filtered_by_what_they_say() -> None:
    frame = rows(*({"status": s} for s in STATUSES), {"second_hand": True})
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


def test_dimension_filters_keep_the_rows_they_name() -> None:
    levels = rows(*({"level": x} for x in ("detail", "subtotal", "total", "overlapping")))
    assert evidence.detail_only(levels)["obs_id"].tolist() == ["t:1"]
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
