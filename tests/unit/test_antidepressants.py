"""Antidepressant measures: one series at a time, rounding kept, growth as arithmetic, no hidden splice."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import antidepressants as drugs
from iapt_ledger.measures import series
from iapt_ledger.measures.money import deflator


def row(year: int, value: float, **other: object) -> dict[str, object]:
    return {
        "obs_id": f"antidepressants_annual:{year}{other.get('source_id', 'A')}",
        "period_start": pd.Timestamp(year, 1, 1),
        "period_end": pd.Timestamp(year, 12, 31),
        "period_type": "calendar_year",
        "geography": "England",
        "measure": "items",
        "value": value,
        "unit": "items",
        "status": "published",
        "second_hand": False,
        "source_id": "A",
        "series": "PCA",
        "full_period": True,
        "bnf_scope": drugs.ALL_ANTIDEPRESSANTS,
    } | other


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def pca(*values: float, first: int = 2000, name: str = "PCA") -> pd.DataFrame:
    rows = [row(first + i, v, series=name) for i, v in enumerate(values)]
    return drugs.yearly(table(*rows), "items", series=name)


class TestOneSeriesAtATime:
    def test_another_series_is_not_mixed_in(self):
        got = drugs.yearly(
            table(row(2021, 1001.0), row(2021, 990.0, series="EPD"), row(2022, 1003.0)),
            "items",
            series="PCA",
        )
        assert got["value"].tolist() == [1001.0, 1003.0]

    def test_all_series_together_are_refused(self):
        with pytest.raises(LedgerError, match=r"one at a time.*PCA, EPD, MUMH"):
            drugs.yearly(table(row(2021, 1.0)), "items", series="PCA+EPD")

    def test_part_years_are_left_out(self):
        got = drugs.yearly(
            table(row(2022, 1001.0), row(2023, 900.0, full_period=False)), "items", series="PCA"
        )
        assert got["period"].tolist() == ["2022"]

    def test_press_reports_are_left_out_and_nothing_left_is_an_error(self):
        with pytest.raises(LedgerError, match="No whole year"):
            drugs.yearly(table(row(2022, 1.0, status="press_report")), "items", series="PCA")

    def test_sources_are_chosen_between_and_never_averaged(self):
        got = drugs.yearly(
            table(
                row(2015, 61_000_000.0, source_id="headline"),
                row(2015, 61_021_611.0, source_id="sum", status="derived"),
                row(2015, 61_021_662.0, source_id="answer"),
            ),
            "items",
            series="PCA",
        )
        assert got[["value", "source_id"]].to_numpy().tolist() == [[61_021_662.0, "answer"]]
        assert got["obs"].tolist() == [("antidepressants_annual:2015answer",)]

    def test_an_unrounded_sum_stands_before_a_rounded_headline(self):
        got = drugs.yearly(
            table(row(2006, 31_000_000.0), row(2006, 31_037_583.0, status="derived")),
            "items",
            series="PCA",
        )
        assert got["value"].tolist() == [31_037_583.0]
        assert got[["low", "high"]].isna().all(axis=None)

    def test_sources_that_disagree_stop_the_build(self):
        with pytest.raises(LedgerError, match=r"disagree.*2015.*60,000,001"):
            drugs.yearly(
                table(row(2015, 61_021_662.0), row(2015, 60_000_001.0, source_id="B")),
                "items",
                series="PCA",
            )

    def test_a_rounded_figure_carries_the_bounds_of_its_rounding(self):
        got = drugs.yearly(
            table(row(2020, 79_400_000.0, series="MUMH")), "items", series="MUMH"
        ).iloc[0]
        assert (got["low"], got["high"]) == (79_350_000, 79_450_000)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 999), st.integers(0, 8))
def test_last_digit_is_a_power_of_ten_that_divides(digits: int, power: int):
    value = float(digits * 10**power)
    step = series.last_digit(value)
    assert value % step == 0
    assert (value / step) % 10 != 0


class TestSplice:
    def test_without_a_named_rescaling_it_is_refused(self):
        with pytest.raises(LedgerError, match="not joined without a named rescaling"):
            drugs.splice(pca(100.0, 110.0), pca(99.0, 108.9, 120.0, name="EPD"))

    def test_only_new_years_come_at_the_level_of_the_base(self):
        got = drugs.splice(
            pca(1000.0, 1100.0),
            pca(500.0, 550.0, 600.0, name="EPD"),
            rescaling=drugs.MEAN_RATIO,
        )
        assert got["period"].tolist() == ["2002"]
        assert got["value"].tolist() == pytest.approx([1200.0])
        assert got["series"].tolist() == ["PCA, rescaled from EPD"]
        assert len(got["obs"].iloc[0]) == 5

    def test_the_range_is_that_of_the_ratios(self):
        got = drugs.splice(
            pca(1000.0, 1100.0), pca(500.0, 500.0, 600.0, name="EPD"), rescaling=drugs.MEAN_RATIO
        ).iloc[0]
        assert (got["low"], got["high"]) == pytest.approx((1200, 1320))

    def test_series_without_a_common_year_are_refused(self):
        with pytest.raises(LedgerError, match="share no period"):
            drugs.splice(
                pca(1.0, first=2000), pca(1.0, first=2010, name="EPD"), rescaling=drugs.MEAN_RATIO
            )

    def test_financial_years_do_not_continue_calendar_years(self):
        financial = row(2001, 5.0, series="MUMH") | {
            "period_start": pd.Timestamp("2001-04-01"),
            "period_end": pd.Timestamp("2002-03-31"),
            "period_type": "financial_year",
        }
        other = drugs.yearly(table(financial), "items", series="MUMH")
        with pytest.raises(LedgerError, match="do not count the same thing"):
            drugs.splice(pca(1.0), other, rescaling=drugs.MEAN_RATIO)


class TestGrowth:
    @settings(max_examples=25, deadline=None)
    @given(st.floats(0.9, 1.2), st.floats(1.0, 1e8))
    def test_steady_growth_is_found_whatever_the_scale_and_the_ends(self, rate, scale):
        steady = pca(*(scale * rate**i for i in range(11))).assign(
            value=[scale * rate**i for i in range(11)]
        )
        got = series.growth(steady, 2000, 2010)
        assert got[:3] == pytest.approx([100 * (rate - 1)] * 3, abs=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(1, 10**6), min_size=11, max_size=11))
    def test_the_range_holds_the_value(self, values):
        got = series.growth(pca(*map(float, values)), 2000, 2010)
        assert got.low <= got.value <= got.high
        assert len(got.obs) == 11

    def test_a_missing_year_and_a_short_span_are_refused(self):
        held = pca(*range(1, 12))
        with pytest.raises(LedgerError, match=r"not held.*2011"):
            series.growth(held, 2000, 2011)
        with pytest.raises(LedgerError, match="too short"):
            series.growth(held, 2000, 2004)

    def test_a_gap_has_no_change_on_the_year(self):
        held = pca(100.0, 110.0, 120.0, 126.0).drop(index=2)
        got = series.change_on_year(held)
        assert got["period"].tolist() == ["2001"]
        assert got["value"].tolist() == pytest.approx([10.0])

    @settings(max_examples=25, deadline=None)
    @given(st.floats(1.01, 2), st.floats(1.0, 2))
    def test_the_shares_of_two_factors_add_up_to_all(self, patients, rest):
        people = pca(1e6, 1e6 * patients)
        each = pca(3.0, 3.0 * rest)
        total = people.assign(value=people["value"] * each["value"], low=float("nan"))
        total = total.assign(high=float("nan"))
        people, each = (f.assign(low=float("nan"), high=float("nan")) for f in (people, each))
        a = series.share_of_growth(total, people, "2000", "2001")
        b = series.share_of_growth(total, each, "2000", "2001")
        assert a.value + b.value == pytest.approx(100)

    def test_no_growth_cannot_be_shared_out(self):
        flat = pca(123.0, 123.0)
        with pytest.raises(LedgerError, match="did not grow"):
            series.share_of_growth(flat, flat, "2000", "2001")


class TestRates:
    def test_items_per_head_only_where_a_population_is_held(self):
        people = pd.DataFrame({"year": [2001], "value": [50.0], "obs": [("context:1",)]})
        got = drugs.per_head(pca(100.0, 110.0, 120.0), people)
        assert got["period"].tolist() == ["2001"]
        assert got["value"].tolist() == [2.2]
        assert got["obs"].tolist() == [("antidepressants_annual:2001A", "context:1")]

    def test_a_ratio_carries_the_rounding_of_both(self):
        items = drugs.yearly(table(row(2020, 90_000_000.0, series="MUMH")), "items", series="MUMH")
        patients = items.assign(
            value=9e6, low=8.5e6, high=9.5e6, obs=[("antidepressants_annual:2",)]
        )
        got = series.ratio(items, patients, "items_per_patient", "items per patient").iloc[0]
        assert (got["low"], got["value"], got["high"]) == pytest.approx(
            (85e6 / 9.5e6, 10.0, 95e6 / 8.5e6)
        )

    def test_money_moves_to_one_year_and_items_do_not(self):
        name = "GDP deflator index, calendar year, 2024 = 100 (HMT December 2025)"
        context = pd.DataFrame(
            {
                "obs_id": ["context:1", "context:2"],
                "source_id": "hmt_defl_2025_12_cal",
                "measure": name,
                "status": "published",
                "value": [50.0, 100.0],
                "period_start": pd.to_datetime(["2000-01-01", "2024-01-01"]),
            }
        )
        prices = deflator(context, years="calendar")
        cost = pca(100.0).assign(unit="GBP")
        got = series.in_prices(cost, prices, "2024").iloc[0]
        assert got["value"] == 200.0
        assert got["obs"][1:] == ("context:1", "context:2")
        with pytest.raises(LedgerError, match="Only money"):
            series.in_prices(pca(100.0), prices, "2024")
        with pytest.raises(LedgerError, match="No usable deflator"):
            series.in_prices(pca(100.0, first=2001).assign(unit="GBP"), prices, "2024")


def rounded(*rows: tuple[int, float, float]) -> pd.DataFrame:
    """Financial years of one series: first year, value, half the step of its rounding."""
    return pd.DataFrame(
        {
            "period": [f"{y}-{(y + 1) % 100:02d}" for y, _, _ in rows],
            "period_type": "financial_year",
            "start": [pd.Timestamp(y, 4, 1) for y, _, _ in rows],
            "value": [v for _, v, _ in rows],
            "low": [v - half if half else float("nan") for _, v, half in rows],
            "high": [v + half if half else float("nan") for _, v, half in rows],
            "unit": "people",
            "obs": [(f"antidepressants_annual:{y}",) for y, _, _ in rows],
        }
    )


class TestGrowthAYear:
    def test_it_is_compound_and_its_range_is_the_rounding(self):
        frame = rounded((2020, 100.0, 1.0), (2022, 121.0, 0.0))
        got = series.growth_a_year(frame, "2020-21", "2022-23")
        assert got.value == pytest.approx(10.0)
        assert got.low == pytest.approx(100 * ((121 / 101) ** 0.5 - 1))
        assert got.high == pytest.approx(100 * ((121 / 99) ** 0.5 - 1))
        assert got.obs == ("antidepressants_annual:2020", "antidepressants_annual:2022")

    def test_the_gain_is_in_the_unit_of_the_series(self):
        frame = rounded((2020, 100.0, 1.0), (2022, 121.0, 1.0))
        got = series.gain_a_year(frame, "2020-21", "2022-23")
        assert got[:3] == (10.5, 9.5, 11.5)

    def test_years_of_two_kinds_are_not_set_against_each_other(self):
        frame = rounded((2019, 90.0, 0.0), (2020, 100.0, 0.0))
        frame.loc[0, ["period", "period_type"]] = ["2019", "calendar_year"]
        with pytest.raises(LedgerError, match="one kind of year"):
            series.growth_a_year(frame, "2019", "2020-21")
