"""Access stands on one fixed base, the readings of the target are kept apart, waits count finishers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.access import (
    BASE_MEASURE,
    access_rates,
    last_quarter,
    monthly_entrants,
    planning_base,
    target_readings,
)
from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.waits import sessions, waiting, waits

BASE = (6_000_000.0, ("context:1",))


def counts(**values: float) -> pd.DataFrame:
    rows = [
        {
            "measure": name.rsplit("__", 1)[0],
            "period": f"{name[-7:-3]}-{name[-2:]}",
            "value": float(value),
            "unit": "referrals",
            "basis": "annual report",
            "complete": True,
            "comparable": True,
            "obs": (f"iapt_national_annual:{i}",),
        }
        for i, (name, value) in enumerate(values.items(), 1)
    ]
    return pd.DataFrame(rows)


def months(first_year: int, years: int, winter: float) -> pd.DataFrame:
    start = pd.date_range(f"{first_year}-04-01", periods=12 * years, freq="MS")
    return pd.DataFrame(
        {
            "obs_id": [f"iapt_national_monthly:{i + 1}" for i in range(len(start))],
            "measure": "entered_treatment",
            "source_id": "FINGERTIPS_90592",
            "period_start": start,
            "value": np.where(start.month <= 3, winter, 60_000.0),
        }
    )


def test_the_planning_base_is_one_row_or_an_error():
    context = pd.DataFrame(
        {"measure": [BASE_MEASURE], "value": [6_114_246.57], "obs_id": ["context:209"]}
    )
    assert planning_base(context) == (6_114_246.57, ("context:209",))
    with pytest.raises(LedgerError):
        planning_base(pd.concat([context, context]))


def test_access_is_entrants_over_the_fixed_base_and_leaves_part_years_out():
    c = counts(entered_treatment__2014_15=900_000, entered_treatment__2011_12=300_000)
    c.loc[1, "complete"] = False
    got = access_rates(c, *BASE)
    assert got[["period", "value"]].to_numpy().tolist() == [["2014-15", 15.0]]
    assert got["obs"].iloc[0] == ("iapt_national_annual:1", "context:1")


def test_the_last_quarter_is_january_to_march_of_full_years_only():
    series = pd.concat([months(2013, 2, 80_000.0).iloc[:-1]])
    got = last_quarter(monthly_entrants(series))
    assert got["period"].tolist() == ["2013-14"]
    assert got["value"].tolist() == [960_000]
    assert got["lift"].iloc[0] == pytest.approx(960_000 / 780_000)


def test_monthly_entrants_come_from_one_source():
    other = months(2013, 1, 1.0).assign(source_id="NHSD_M_2015_09")
    assert len(monthly_entrants(pd.concat([months(2013, 1, 80_000.0), other]))) == 12


def test_each_reading_of_the_target_has_its_own_row():
    c = counts(
        entered_treatment__2014_15=810_000,
        finished_course__2014_15=470_000,
        entered_treatment__2015_16=950_000,
    )
    quarters = last_quarter(monthly_entrants(months(2013, 6, 80_000.0)))
    person = pd.DataFrame(
        {
            "measure": ["referrals_per_person"] * 2,
            "period": ["2014-15", "2015-16"],
            "value": [1.2, 1.25],
            "obs": [("iapt_national_annual:9",), ("iapt_national_annual:10",)],
        }
    )
    got = target_readings(c, quarters, person, *BASE).set_index("measure")
    assert got["value"]["entered_year"] == 810_000
    assert got["value"]["entered_run_rate"] == 960_000
    assert got["value"]["entered_run_rate_less_lift"] == pytest.approx(780_000)
    assert got["value"]["people_entered_year"] == pytest.approx(675_000)
    assert got["value"]["people_entered_run_rate"] == pytest.approx(800_000)
    assert got["low"]["people_entered_run_rate"] == pytest.approx(800_000)
    assert got["high"]["people_entered_run_rate"] == 960_000  # nobody comes twice
    assert got["value"]["people_entered_following_year"] == pytest.approx(760_000)
    assert got["share"]["finished_year"] == pytest.approx(100 * 47 / 600)
    assert (got["unit"] == "people").sum() == 3


def wait_rows(**values: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "measure": m,
                "value": v,
                "period_start": pd.Timestamp(2023, 4, 1),
                "series": "annual report",
                "obs_id": f"iapt_national_annual:{i}",
            }
            for i, (m, v) in enumerate(values.items(), 20)
        ]
    )


def test_waits_are_shares_of_all_finishers():
    rows = wait_rows(waited_under_6_weeks=900, waited_first_to_second_treatment_over_90_days=220)
    got = waits(rows, counts(finished_course__2023_24=1000))
    first = pick(got, "waited_under_6_weeks", "2023-24")
    assert (first["value"], first["to"]) == (90, "first treatment")
    assert first["low"] < 90 < first["high"]
    second = pick(got, "waited_first_to_second_treatment_over_90_days", "2023-24")
    assert (second["value"], second["to"], second["band"]) == (
        22,
        "second treatment",
        "over 90 days",
    )


def test_of_a_year_that_the_report_and_the_months_both_give_the_reports_wait_counts():
    of_months = wait_rows(waited_under_6_weeks=880).assign(series="sum of monthly files")
    rows = pd.concat([of_months, wait_rows(waited_under_6_weeks=900)])
    got = waits(rows, counts(finished_course__2023_24=1000))
    assert got["value"].tolist() == [90]


def test_those_still_waiting_are_counted_at_the_months_end():
    rows = pd.DataFrame(
        {
            "measure": [
                "waiting_for_treatment_month_end",
                "waiting_for_treatment_over_18_weeks_month_end",
                "waiting_for_treatment_month_end",
            ],
            "value": [2000.0, 100.0, 5.0],
            "period_start": pd.to_datetime(["2025-03-01", "2025-03-01", "2025-04-01"]),
            "obs_id": [
                "iapt_national_monthly:1",
                "iapt_national_monthly:2",
                "iapt_national_monthly:3",
            ],
        }
    )
    got = waiting(rows)
    assert got[["period", "value"]].to_numpy().tolist() == [["2025-03", 5.0]]
    assert set(got["obs"].iloc[0]) == {"iapt_national_monthly:1", "iapt_national_monthly:2"}


def test_a_printed_mean_of_sessions_stands_before_a_derived_one():
    rows = pd.DataFrame(
        {
            "measure": "mean_sessions",
            "value": [7.92, 7.9, 8.06],
            "status": ["derived", "published", "derived"],
            "period_start": pd.to_datetime(["2021-04-01", "2021-04-01", "2022-04-01"]),
            "obs_id": [f"iapt_national_annual:{i}" for i in (1, 2, 3)],
        }
    )
    got = sessions(rows)
    assert got[["period", "value", "basis"]].to_numpy().tolist() == [
        ["2021-22", 7.9, "annual report"],
        ["2022-23", 8.06, "sum of months"],
    ]
