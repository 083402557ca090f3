"""Endings and recoveries of a year come from one collection; an area is taken out of both sides of a rate."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.all_attended import TYPES_MONTHLY, of_all_attended
from iapt_ledger.measures.endings import in_one_collection, months_of_year, recovery_without
from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.pathway import of_ended, pathway_counts, pathway_rates

ENDED = {
    "ended_referrals": 1200,
    "ended_not_seen": 360,
    "ended_seen_not_treated": 24,
    "ended_one_treatment_only": 336,
}
OTHER_MONTHS = {"finished_course": 480, "moved_to_recovery": 240, "reliable_recovery": 216}


def annual(**report: float) -> pd.DataFrame:
    """A year whose endings are sums of months and whose outcomes stand in the annual report."""
    rows = [(m, v, "sum of monthly files", "derived") for m, v in ENDED.items()]
    rows += [(m, v, "annual report", "published") for m, v in report.items()]
    frame = pd.DataFrame(rows, columns=["measure", "value", "series", "status"])
    return frame.assign(
        value=frame["value"].astype(float),
        obs_id=[f"iapt_national_annual:{i}" for i in range(1, len(frame) + 1)],
        period_start=pd.Timestamp("2024-04-01"),
        unit="referrals",
        rounding="",
        second_hand=False,
        full_period=True,
    )


def monthly(yearly: dict[str, float], months: int = 12) -> pd.DataFrame:
    starts = pd.date_range("2024-04-01", periods=months, freq="MS")
    rows = [(m, v / 12, s) for m, v in yearly.items() for s in starts]
    frame = pd.DataFrame(rows, columns=["measure", "value", "period_start"])
    ids = [f"iapt_national_monthly:{i}" for i in range(1, len(frame) + 1)]
    return frame.assign(obs_id=ids, unit="referrals", source_id="NHSTT_MONTHLY")


@pytest.fixture
def mixed() -> pd.DataFrame:
    return pathway_counts(
        annual(finished_course=483, moved_to_recovery=243, not_at_caseness_start=20)
    )


def test_the_endings_of_a_year_add_up_to_its_ended_referrals(mixed):
    same = in_one_collection(mixed, monthly({**ENDED, **OTHER_MONTHS}))
    assert same.groupby("measure")["value"].sum()[list(ENDED)[1:]].sum() + 480 == 1200
    shares = of_ended(same)
    assert shares["value"].sum() == pytest.approx(100)
    finished = pick(shares, "finished_course_per_ended_referrals", "2024-25")
    assert (finished["events"], finished["basis"]) == (480, "sum of months")


def test_recoveries_per_ended_referral_are_of_the_same_collection(mixed):
    same = in_one_collection(mixed, monthly({**ENDED, **OTHER_MONTHS}))
    row = pick(pathway_rates(same), "moved_to_recovery_per_ended_referrals", "2024-25")
    assert (row["value"], row["basis"]) == (20, "sum of months")


def test_an_annual_count_is_never_set_over_ended_referrals_of_months(mixed):
    assert "ended_referrals" not in set(pathway_rates(mixed)["denominator"])
    assert of_ended(mixed).empty


def test_a_year_without_all_its_months_has_no_sum():
    assert months_of_year(monthly(ENDED, months=11), "ended_referrals").empty


def test_months_that_count_people_are_not_added_to_months_that_count_referrals():
    mixed_units = monthly({"ended_referrals": 1200}).assign(unit=["people"] + ["referrals"] * 11)
    with pytest.raises(LedgerError, match="different units"):
        months_of_year(mixed_units, "ended_referrals")


def test_an_area_is_taken_out_of_the_recovered_and_of_the_cases(mixed):
    area = pd.DataFrame(
        {
            "org_code": "92G",
            "measure": ["finished_course", "not_at_caseness_start", "moved_to_recovery"],
            "value": [70.0, 7.0, 3.0],
            "period_start": pd.Timestamp("2024-04-01"),
            "obs_id": [f"iapt_organisations_annual:1:{i}" for i in range(3)],
        }
    )
    assert recovery_without(mixed, area, "92G", "2024-25")["value"] == 100 * 240 / 400
    with pytest.raises(LedgerError, match="counts are needed"):
        recovery_without(mixed, area, "00X", "2024-25")


def test_appointments_without_a_type_count_in_the_share_of_all_attended():
    months = monthly({"appointments_attended": 1200, **dict.fromkeys(TYPES_MONTHLY, 108)})
    typed = pd.DataFrame(
        {"period": ["2024-25"], "events": [600.0], "base": [800.0], "obs": [("t:1",)]}
    )
    got = of_all_attended(typed, months).set_index("measure")
    assert got.loc["cbt_based", "value"] == 50
    assert got.loc["without_type", "value"] == pytest.approx(100 / 3)
    assert got.loc["cbt_based", "low"] == pytest.approx(27)  # three types of 108 a year
    assert got.loc["without_type", "low"] == pytest.approx(19)
    assert len(got.loc["cbt_based", "obs"]) == 1 + 12 + 3 * 12
