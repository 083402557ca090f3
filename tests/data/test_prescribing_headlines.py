"""Antidepressant and benefit measures against what the publishers printed, on the pinned edition."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.measures import antidepressant_reach as reach
from iapt_ledger.measures import antidepressants as drugs
from iapt_ledger.measures import benefit_amounts as amounts
from iapt_ledger.measures import benefits, series
from iapt_ledger.measures.benefit_depression import depression_readings

Frames = dict[str, pd.DataFrame]
MILLION = 1_000_000


@pytest.fixture(scope="module")
def annual(frames: Frames) -> pd.DataFrame:
    return frames["antidepressants_annual"]


@pytest.fixture(scope="module")
def items(annual: pd.DataFrame) -> pd.Series:
    frame = drugs.yearly(annual, "items", series="PCA")
    return frame.set_index("period")["value"]


@pytest.fixture(scope="module")
def claims(frames: Frames) -> pd.DataFrame:
    return frames["benefits_annual"]


@pytest.mark.parametrize(
    ("year", "printed"),
    [("2006", 31.0), ("2011", 46.7), ("2015", 61.0), ("2016", 64.7), ("2018", 70.9)],
)
def test_items_equal_the_headline_as_printed(items: pd.Series, year: str, printed: float):
    assert round(items[year] / MILLION, 1) == printed


def test_the_headlines_of_change_hold(items: pd.Series):
    # HSCIC 2016: 31.6 million more than 2005. HSCIC 2012: 9.1 per cent more in 2011 than in 2010.
    assert round((items["2015"] - items["2005"]) / MILLION, 1) == 31.6
    assert round(100 * (items["2011"] / items["2010"] - 1), 1) == 9.1


def test_the_series_has_every_year_once_and_no_jump(items: pd.Series):
    assert items.index.tolist() == [str(y) for y in range(1998, 2024)]
    growth = items / items.shift() - 1
    assert growth.dropna().between(0.01, 0.11).all()


@pytest.mark.parametrize(("year", "printed"), [("2015", 284.7), ("2018", 202.5), ("2020", 352.7)])
def test_cost_equals_the_printed_cost(annual: pd.DataFrame, year: str, printed: float):
    cost = drugs.yearly(annual, "net_ingredient_cost_gbp", series="PCA").set_index("period")
    assert round(cost.loc[year, "value"] / MILLION, 1) == printed


def test_items_per_head_agree_with_the_published_rate(
    frames: Frames, annual: pd.DataFrame, items: pd.Series
):
    # Bogowicz et al. 2021 print 377 (1998) and 1,266 (2018) a thousand on an older population vintage.
    heads = drugs.per_head(
        drugs.yearly(annual, "items", series="PCA"), drugs.population(frames["context"])
    ).set_index("period")["value"]
    assert 1000 * heads["1998"] == pytest.approx(377, abs=1)
    assert 1000 * heads["2018"] == pytest.approx(1266, rel=0.002)
    assert heads.index.tolist() == items.index.tolist()


def test_the_two_series_differ_by_the_ratio_that_was_measured(annual: pd.DataFrame):
    # 0.9959 with a standard deviation of 0.0002 over 46 months.
    pca, epd = (drugs.yearly(annual, "items", series=s) for s in ("PCA", "EPD"))
    got = series.ratio(epd, pca, "ratio", "ratio")["value"]
    assert len(got) == 3
    assert got.between(0.9957, 0.9961).all()


def test_the_monthly_sums_make_the_yearly_figures(frames: Frames, annual: pd.DataFrame):
    monthly = frames["antidepressants_quarterly_or_monthly"]
    rows = monthly[monthly["measure"].eq("items") & monthly["series"].isin(["PCA", "EPD"])]
    for name, last in (("PCA", 2023), ("EPD", 2024)):
        months = rows[rows["series"].eq(name)].groupby(rows["period_start"].dt.year)["value"].sum()
        years = drugs.yearly(annual, "items", series=name).set_index("period")["value"]
        for year in range(2021, last + 1):
            assert months[year] == pytest.approx(years[str(year)], abs=2)


def test_patients_and_items_of_the_medicines_statistics(annual: pd.DataFrame):
    patients = drugs.yearly(annual, "patients", series="MUMH").set_index("period")["value"]
    assert patients["2019"] == 7_800_136
    assert patients["2024-25"] == 8_890_000
    mumh = drugs.yearly(annual, "items", series="MUMH").set_index("period")["value"]
    assert "2023-24" not in mumh  # not printed where it was read: a gap, never filled
    assert mumh["2024-25"] == 92_600_000


def test_every_finisher_stopping_would_be_about_a_year_s_growth(
    frames: Frames, annual: pd.DataFrame
):
    # A flow against a flow: 264,000 finishers who took medicine, 255,000 patients more a year.
    patients = drugs.yearly(annual, "patients", series="MUMH")
    gain = series.gain_a_year(patients, "2020-21", "2024-25")
    assert (gain.value, gain.low, gain.high) == (255_000, 252_500, 257_500)
    change = reach.medication_change(reach.medication_flows(frames["iapt_breakdowns"]))
    now = change[change["period"].eq("2024-25")].set_index("measure")["value"]
    assert 1 < now["finished_taking"] / gain.value < 1.1
    assert 0.15 < now["stopped"] / gain.value < 0.2
    growth = [series.growth_a_year(patients, a, "2024-25").value for a in ("2020-21", "2023-24")]
    assert [round(g, 1) for g in growth] == [3.1, 1.6]


def test_medication_status_adds_up_to_the_finished_courses_of_each_year(frames: Frames):
    flows = reach.medication_flows(frames["iapt_breakdowns"]).groupby("period")["value"].sum()
    national = frames["iapt_national_annual"]
    finished = national[
        national["measure"].eq("finished_course") & national["series"].eq("annual report")
    ]
    printed = {f"{s.year}-{(s.year + 1) % 100:02d}": v for s, v in zip(
        finished["period_start"], finished["value"], strict=True)}  # fmt: skip
    assert len(flows) == 8
    for period, value in flows.items():
        assert value == printed[str(period)]


def test_the_leap_of_cost_in_2020_is_the_price_of_ssris_and_not_the_items(
    frames: Frames, items: pd.Series
):
    price = drugs.monthly_cost_per_item(frames["antidepressants_quarterly_or_monthly"])
    held = price.set_index("period")["value"]
    assert held["2020-04"] > 3 * held["2020-02"]
    assert items["2020"] / items["2019"] < items["2019"] / items["2018"]


def test_every_listed_study_is_held_and_says_what_was_read(frames: Frames):
    got = reach.studies_table(frames["prescribing_studies"])
    assert len(got) == len(reach.STUDIES)
    assert got["Read"].ne("").all()
    sreeharan = got["Finding as published"].iloc[0]
    assert sreeharan.endswith("0.99 (0.99 to 1.00)")


def test_first_treatments_are_those_of_the_abstract(frames: Frames):
    got = reach.first_treatments(frames["prescribing_studies"])
    assert got[["period", "value"]].to_numpy().tolist() == [["1995", 21.3], ["2011", 17.9]]


def test_every_study_in_the_forest_prints_what_its_abstract_prints(frames: Frames):
    got = reach.forest(frames["prescribing_studies"]).set_index("study")
    assert got.loc["sreeharan2013", ["value", "low", "high"]].tolist() == [0.99, 0.99, 1.0]
    assert got.loc["delusignan2012", ["value", "low", "high"]].tolist() == [0.15, 0.02, 0.29]
    assert got.loc["barr2016", ["value", "low", "high"]].tolist() == [7020, 3930, 10100]


def test_every_share_of_a_stock_belongs_to_one_reading(claims: pd.DataFrame):
    rows = claims[claims["measure"].eq("share_pct")]
    keys = list(zip(rows["benefit"], rows["condition_group"], rows["source_id"], strict=True))
    listed = [row for reading in benefits.READINGS for row in reading.rows]
    assert len(listed) == len(set(listed))
    left = sorted({k for k in keys if k not in listed})
    # A share of another group, a spoken rounding of a share that is held, and shares of
    # assessments in which any condition counts: none is a share of claimants by main condition.
    reasons = ("as share of", "alcoholism", "drug abuse", "any recorded")
    assert [
        k for k in left if not any(r in k[1] for r in reasons) and k[2] != "wh_debate_2005_06_15"
    ] == []


def test_almost_is_carried_into_the_share_of_2006(corrected: dict[str, pd.DataFrame]):
    # "Almost 1.1 million" of 2,730,000 claimants.
    held = benefits.shares(corrected["benefits_annual"])
    row = held[held["reading"].eq("incapacity") & held["period"].eq("2006-12")].iloc[0]
    assert [round(row[c], 2) for c in ("low", "value", "high")] == [38.46, 40.29, 40.29]
    assert held.loc[held["period"].eq("2012-02"), ["low", "high"]].isna().all(axis=None)


def test_depressive_episode_is_at_least_the_printed_share(
    corrected: dict[str, pd.DataFrame],
):
    got = depression_readings(corrected["benefits_annual"]).set_index("measure")
    row = got.loc["incapacity_depressive_episode"]
    assert [round(row[c], 1) for c in ("low", "value", "high")] == [45.6, 45.6, 47.8]
    assert got.drop("incapacity_depressive_episode")[["low", "high"]].isna().all(axis=None)


def test_the_derived_shares_are_their_counts(claims: pd.DataFrame):
    counts = amounts.counts(claims)
    dla = counts[counts["benefit"].eq("DLA") & counts["measure"].ne("all")]
    count = dict(zip(dla["measure"], dla["value"], strict=True))
    assert count == {"mental": 571_750, "mental_with_learning": 952_000}
    held = benefits.shares(claims).set_index("reading")["value"]
    assert held["dla_narrow"] == pytest.approx(100 * 571_750 / 3_202_910, abs=0.05)
    assert held["dla_wide"] == pytest.approx(100 * 952_000 / 3_202_910, abs=0.05)


def test_pip_spending_adds_up_to_the_groups_that_were_compiled(claims: pd.DataFrame):
    got = amounts.pip_spending(claims).set_index(["measure", "period"])["value"]
    money = claims[claims["benefit"].eq("PIP") & claims["measure"].eq("expenditure_gbp_m")]
    for group, name in (
        ("narrow", "mental health, narrow"),
        ("wide", "psychiatric disorders, wide"),
    ):
        rows = money[money["condition_group"].str.startswith(name)]
        assert len(rows) == 12
        for start, value in zip(rows["period_start"], rows["value"], strict=True):
            period = f"{start.year}-{(start.year + 1) % 100:02d}"
            assert got[group, period] == pytest.approx(value, abs=20_000)
    assert got["anxiety and depression", "2024-25"] == pytest.approx(4_299.59 * MILLION)


def test_no_claim_under_test_reaches_a_measure(claims: pd.DataFrame):
    values = set(benefits.shares(claims)["value"]) | set(amounts.counts(claims)["value"])
    assert not values & {30.9, 44.8, 1_062_187.0, 844_288.0}
