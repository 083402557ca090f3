"""Courses by region: places, sums with the bounds of rounding, the commissioners' level, the rate before a month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import prescribing_access as access

CODES = pd.DataFrame(
    {
        "org_code": ["A", "B", "C", *access.PLACES],
        "region": ["London", "East of England", "", *["Midlands"] * len(access.PLACES)],
    }
)


def providers(values: dict[str, list[float]], start: str = "2021-04-01") -> pd.DataFrame:
    months = len(next(iter(values.values())))
    rows = [
        (code, month, value)
        for code, counts in values.items()
        for month, value in zip(
            pd.date_range(start, periods=months, freq="MS"), counts, strict=True
        )
    ]
    frame = pd.DataFrame(rows, columns=["org_code", "period_start", "value"])
    return frame.assign(
        measure="finished_course",
        obs_id=[f"iapt_providers_monthly:{i + 1}:finished_course" for i in range(len(frame))],
    )


def yearly(counts: dict[tuple[str, str], float]) -> pd.DataFrame:
    rows = [(region, period, value) for (region, period), value in counts.items()]
    frame = pd.DataFrame(rows, columns=["region", "period", "value"])
    return frame.assign(obs=[(f"iapt_organisations_annual:{i + 1}:x",) for i in range(len(frame))])


class TestPlaces:
    @pytest.mark.parametrize(
        ("spelt", "region"),
        [
            ("East Of England", "East of England"),
            ("NORTH EAST AND YORKSHIRE COMMISSIONING REGION", "North East and Yorkshire"),
            ("UNKNOWN", ""),
            ("", ""),
        ],
    )
    def test_spellings_of_a_region_are_one(self, spelt: str, region: str):
        assert access.region_name(spelt) == region

    def test_a_name_that_says_another_place_wins_over_the_address(self):
        got = access.provider_regions(CODES)
        assert got["RWK4D"] == "East of England"
        assert got["A"] == "London"
        assert access.provider_regions(CODES, as_listed=True)["RWK4D"] == "Midlands"

    def test_a_list_without_such_a_provider_is_refused(self):
        with pytest.raises(LedgerError, match=r"not in the code list.*RTV"):
            access.provider_regions(CODES[CODES["org_code"].ne("RTV")])


class TestSums:
    def test_rounding_and_suppression_make_the_bounds(self):
        regions = access.provider_regions(CODES)
        got = access.monthly_courses(
            providers({"A": [100.0, np.nan], "B": [10.0, 0.0], "C": [500.0, 500.0]}), regions,
            "finished_course",
        )  # fmt: skip
        london = got[got["region"].eq("London")]
        assert london["value"].tolist() == [100, 0]
        assert london["low"].tolist() == [97.5, 0]
        assert london["high"].tolist() == [102.5, 4]
        assert got["value"].sum() == 110  # C has no region
        east = got[got["region"].eq("East of England")]
        assert east["low"].tolist() == [7.5, 0]

    def test_what_would_be_counted_twice_or_not_at_all_is_refused(self):
        regions = access.provider_regions(CODES)
        twice = pd.concat([providers({"A": [5.0]}), providers({"A": [5.0]})])
        with pytest.raises(LedgerError, match="stands twice"):
            access.monthly_courses(twice, regions, "finished_course")
        with pytest.raises(LedgerError, match=r"no region.*NEW"):
            access.monthly_courses(providers({"NEW": [5.0]}), regions, "finished_course")
        hole = providers({"A": [5.0, 5.0, 5.0], "B": [5.0, 5.0, 5.0]}).drop(index=1)
        with pytest.raises(LedgerError, match=r"lacks a month.*London.*2021-05"):
            access.monthly_courses(hole, regions, "finished_course")


class TestLevel:
    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(st.integers(1, 10_000), min_size=24, max_size=24),
        st.integers(1, 10**6),
        st.integers(1, 10**6),
    )
    def test_whole_years_equal_the_commissioners_counts(self, counts, first, second):
        monthly = access.monthly_courses(
            providers({"A": counts}), access.provider_regions(CODES), "finished_course"
        )
        level = yearly({("London", "2021-22"): first, ("London", "2022-23"): second})
        got = access.benchmarked(monthly, level)
        years = got.groupby(got["month"].map(access.financial_year))["value"].sum()
        assert years.tolist() == pytest.approx([first, second])
        assert (got["low"] <= got["value"]).all()

    def test_months_outside_whole_years_take_the_nearest_ratio(self):
        monthly = access.monthly_courses(
            providers({"A": [10.0] * 27}, "2021-01-01"), access.provider_regions(CODES),
            "finished_course",
        )  # fmt: skip
        level = yearly({("London", "2021-22"): 240, ("London", "2022-23"): 60})
        got = access.benchmarked(monthly, level)["value"]
        assert got.tolist() == pytest.approx([20.0] * 15 + [5.0] * 12)

    def test_regions_of_no_name_are_left_out_of_the_level(self):
        rows = pd.DataFrame(
            {
                "org_type": ["Commissioning Region"] * 2 + ["CCG"],
                "org_name": ["LONDON COMMISSIONING REGION", "UNKNOWN", "NHS LONDON CCG"],
                "measure": "finished_course",
                "period_start": pd.Timestamp("2023-04-01"),
                "value": [7.0, 8.0, 9.0],
                "obs_id": ["a:1:x", "a:2:x", "a:3:x"],
            }
        )
        got = access.commissioned(rows)
        assert got[["region", "period", "value"]].to_numpy().tolist() == [["London", "2023-24", 7]]


class TestRate:
    MONTHLY = pd.DataFrame(
        {
            "region": "London",
            "month": pd.date_range("2021-01-01", periods=26, freq="MS"),
            "value": np.arange(1.0, 27.0),
        }
    )

    def test_the_months_before_are_those_before(self):
        got = access.rate_before(self.MONTHLY, 12).set_index("month")["value"]
        assert got.index[0] == pd.Timestamp("2022-01-01")
        assert got.iloc[0] == sum(range(1, 13))

    def test_the_months_after_are_those_after(self):
        got = access.rate_before(self.MONTHLY, 12, shift=-12).set_index("month")["value"]
        assert got["2021-01-01"] == sum(range(2, 14))
        assert got.index[-1] == pd.Timestamp("2022-02-01")

    def test_shorter_spans_are_rates_a_year_too(self):
        flat = self.MONTHLY.assign(value=10.0)
        for months, shift in ((1, 0), (6, 1), (12, -12)):
            assert set(access.rate_before(flat, months, shift=shift)["value"]) == {120.0}
