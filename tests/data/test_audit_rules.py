"""Rules that the audit of the edition set: population, deflator, benchmarks, and what is not held."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.dictionary import apply_corrections
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.measures import evidence
from iapt_ledger.measures.antidepressants import population
from iapt_ledger.measures.benchmarks import natural_recovery, remission_range
from iapt_ledger.measures.money import CHECK, deflator, newest, price_growth

Frames = dict[str, pd.DataFrame]
DAY = pd.Timestamp


# --- Rules: population ------------------------------------------------------------------------------------------


def test_population_is_the_one_consistent_series(frames: Frames) -> None:
    people = population(frames["context"])
    assert people["year"].tolist() == list(range(1998, 2025))
    behind = frames["context"].set_index("obs_id").loc[[o for (o,) in people["obs"]]]
    assert set(behind["source_id"]) <= {"ons_mye2024_series", "ons_mye2024_bulletin"}
    assert people["value"].pct_change().abs().max() < 0.02  # no seam between vintages
    with pytest.raises(LedgerError, match="No population is held"):
        population(frames["context"], "England and Wales")


def test_population_vintages_are_part_of_the_measure(frames: Frames) -> None:
    rows = frames["context"]
    adults = rows[rows["measure"].str.contains("ages 1[68]")]
    assert adults["measure"].str.contains(r"\(mid-20\d\d release\)$").all()
    england = adults[adults["geography"].eq("England")]
    assert sorted(england["period_start"].dt.year.unique()) == [2018, 2019, 2020, 2021]


# --- Rules: deflator --------------------------------------------------------------------------------------------


def test_real_terms_use_the_vintage_of_march_2026_and_its_outturn_alone(frames: Frames) -> None:
    prices = deflator(frames["context"])
    assert prices.vintage == "hmt_defl_2026_03"
    assert (prices.years[0], prices.years[-1]) == ("1990-91", "2024-25")
    assert prices.index["2024-25"] == 100
    assert round(prices.index["2020-21"], 2) == 85.10
    assert prices.price_base("2024-25") == "2024-25 prices, HM Treasury GDP deflator of March 2026"
    with pytest.raises(LedgerError, match="No usable deflator"):
        prices.factor("2025-26", "2024-25")


def test_other_releases_serve_as_a_check_and_for_calendar_years_only(frames: Frames) -> None:
    assert deflator(frames["context"], CHECK).vintage == "hmt_defl_2023_12"
    assert newest(frames["context"], "calendar").source == "hmt_defl_2025_12_cal"


def test_consumer_prices_stand_beside_the_years_of_the_pandemic(frames: Frames) -> None:
    growth = price_growth(frames["context"], ("2020-21", "2021-22"))
    both = growth.set_index(["measure", "period"])["value"]
    assert round(both["hmt_defl_2026_03", "2020-21"], 1) == 5.2
    assert abs(both["hmt_defl_2026_03", "2021-22"]) < 1
    assert round(both["hmt_defl_2023_12", "2020-21"], 1) == 5.4
    assert {"2020-21", "2021-22"} <= set(growth[growth["measure"].eq("obr_cpi_2026")]["period"])


# --- Rules: benchmarks, patients, what is not held --------------------------------------------------------------


def test_natural_recovery_is_a_range_of_both_sets(frames: Frames) -> None:
    found = natural_recovery(frames["claims_evidence"])
    studies = set(found[found["definition"].eq("remission")]["study"])
    assert studies == {"Whiteford et al. 2013", "Cuijpers et al. (control conditions)"}
    low, high, obs = remission_range(found, months=12)
    assert (low, high) == (11, 53)
    assert len(obs) >= 8
    uncontrolled = found["measure"].str.contains("pre-post|relapse")
    assert not uncontrolled.any()


def test_patients_before_2020_21_by_financial_year_are_a_gap(frames: Frames) -> None:
    table = frames["antidepressants_annual"]
    rows = table[table["measure"].eq("patients") & table["geography"].eq("England")]
    years = rows[rows["period_type"].eq("financial_year")].set_index("period_start")
    assert [d.year for d in sorted(years.index)] == [2020, 2021, 2022, 2023, 2024]
    assert years.loc[DAY("2023-04-01"), "status"] == "derived"


def test_yearly_spending_on_talking_therapies_is_not_held(frames: Frames) -> None:
    money = evidence.outturn_only(frames["expenditure"])
    spending = money[
        money["measure"].str.contains("IAPT|Talking Therapies") & money["unit"].eq("GBP")
    ]
    assert set(spending["measure"]) == {
        "PCT spending on psychological therapies before IAPT money",
        "IAPT investment 2009/10 as reported later",
        "IAPT central funding, sum of annual levels (derived)",
        "IAPT central funding, sum of increments (derived)",
        "CYP IAPT transformation programme spend",
    }


def test_a_mended_error_would_stop_all_this(frames: Frames) -> None:
    monthly = frames["iapt_national_monthly"].copy()
    wrong = monthly["measure"].eq("recovery_rate_pct") & monthly["value"].eq(52.5)
    monthly.loc[wrong & monthly["period_start"].eq("2018-03-01"), "value"] = 53.07
    with pytest.raises(Faults, match="fingertips_recovery_2018_03"):
        apply_corrections({**frames, "iapt_national_monthly": monthly})
