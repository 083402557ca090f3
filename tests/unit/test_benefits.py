"""Benefit measures: each scheme and each definition by itself, quoted figures only compared with."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import benefit_amounts as amounts
from iapt_ledger.measures import benefits


def share(reading: str, year: int, value: float) -> dict[str, object]:
    return {
        "reading": reading, "scheme": "incapacity benefits", "label": reading, "definition": "d",
        "year": year, "value": value, "press": False, "obs": (f"benefits_annual:{year}",),
    }  # fmt: skip


FIRST, LAST = (2000, 30.0), (2013, 45.0)


class TestFit:
    def test_the_rows_nearest_in_time_are_compared_and_no_others(self):
        points = ((1996, 50.0), (1999, 27.0), (2014, 47.0), (2016, 10.0))
        held = pd.DataFrame([share("a", y, v) for y, v in points if y < 2000])
        later = pd.DataFrame([share("a", y, v) for y, v in points if y > 2013])
        got = benefits.fit(held, FIRST, LAST).iloc[0]
        assert (got["first_high"], got["first_off"], got["first_gap"]) == (27.0, 1, -3.0)
        assert got["obs"] == ("benefits_annual:1999",)
        got = benefits.fit(later, FIRST, LAST).iloc[0]
        assert (got["last_low"], got["last_off"], got["last_gap"]) == (47.0, 1, 2.0)
        assert got["obs"] == ("benefits_annual:2014",)

    def test_two_values_of_one_distance_bracket_the_quoted_one(self):
        held = pd.DataFrame(
            [share("a", 2001, 31.0), share("a", 2012, 41.0), share("a", 2014, 47.0)]
        )
        got = benefits.fit(held, FIRST, LAST).iloc[0]
        assert (got["last_low"], got["last_high"], got["last_gap"]) == (41.0, 47.0, 0.0)
        assert got["last_years"] == (2012, 2014)

    def test_a_nearer_value_on_one_side_does_not_hide_the_one_on_the_other(self):
        held = pd.DataFrame([share("a", 1999, 27.0), share("a", 2002, 29.4)])
        got = benefits.fit(held, (2000, 30.9), LAST).iloc[0]
        assert (got["first_low"], got["first_high"]) == (27.0, 29.4)
        assert got["first_gap"] == pytest.approx(-1.5)
        assert got["first_years"] == (1999, 2002)

    def test_a_value_of_the_year_itself_stands_alone(self):
        held = pd.DataFrame(
            [share("a", y, v) for y, v in ((1999, 1.0), (2000, 29.0), (2001, 99.0))]
        )
        assert benefits.fit(held, FIRST, LAST).iloc[0]["first_years"] == (2000,)

    def test_readings_are_never_pooled(self):
        held = pd.DataFrame([share("a", 2000, 20.0), share("b", 2000, 40.0)])
        got = benefits.fit(held, FIRST, LAST).set_index("reading")
        assert got["first_gap"].to_dict() == {"a": -10.0, "b": 10.0}

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(1995, 2025), st.floats(1, 99)), min_size=1, max_size=8))
    def test_the_gap_is_nought_exactly_when_the_quoted_share_is_bracketed(self, points):
        held = pd.DataFrame([share("a", y, v) for y, v in points])
        got = benefits.fit(held, FIRST, LAST).iloc[0]
        inside = got["first_low"] <= FIRST[1] <= got["first_high"]
        assert (got["first_gap"] == 0) == inside
        assert got["first_off"] == min(abs(y - FIRST[0]) for y, _ in points)


@settings(max_examples=25, deadline=None)
@given(st.floats(1, 50), st.floats(0, 1), st.floats(1, 50))
def test_the_share_of_a_rise_is_its_part(start, part, rise):
    middle = start + part * rise
    assert benefits.share_of_rise(start, middle, start + rise) == pytest.approx(
        100 * part, abs=1e-6
    )


def test_without_a_rise_there_is_nothing_to_share_out():
    with pytest.raises(LedgerError, match="no rise"):
        benefits.share_of_rise(40.0, 41.0, 40.0)


def claim(benefit: str, condition: str, value: float, **other: object) -> dict[str, object]:
    return {
        "obs_id": f"benefits_annual:{abs(hash((benefit, condition, str(other)))) % 10**6}",
        "measure": "caseload", "benefit": benefit, "condition_group": condition, "value": value,
        "unit": "claimants", "geography": "GB", "source_id": "S", "second_hand": False,
        "date_status": "stated", "rounding": "", "qualifier": "", "period_start": pd.Timestamp("2011-05-31"),
        "period_end": pd.Timestamp("2011-05-31"),
    } | other  # fmt: skip


def dla_table() -> list[dict[str, object]]:
    conditions = (*amounts.DLA_PSYCHIATRIC, amounts.LEARNING)
    return [claim("DLA", c, 10.0, source_id=amounts.DLA_TABLE) for c in conditions]


class TestCounts:
    def test_learning_difficulties_are_counted_apart(self):
        got = amounts.counts(pd.DataFrame(dla_table())).set_index("measure")["value"]
        assert got.to_dict() == {"mental": 70.0, "mental_with_learning": 80.0}

    def test_a_condition_that_is_missing_stops_the_build(self):
        with pytest.raises(LedgerError, match=r"not held.*learning difficulties"):
            amounts.counts(pd.DataFrame(dla_table()[:-1]))

    def test_schemes_keep_their_panels_and_their_words(self):
        rows = [
            *dla_table(),
            claim("PIP", "psychiatric disorders", 5.0, unit="claims with entitlement"),
            claim("IB", amounts.CHAPTER_V, 7.0),
            claim("AA", "all", 9.0),
            claim("PIP", "all", 3.0, geography="Scotland"),
        ]
        got = amounts.counts(pd.DataFrame(rows))
        kept = got[got["panel"].ne("dla")][["panel", "value", "unit"]].to_numpy().tolist()
        assert kept == [["incapacity", 7.0, "claimants"], ["pip", 5.0, "claims with entitlement"]]

    @pytest.mark.parametrize(
        ("words", "bounds"),
        [
            ({"qualifier": "almost"}, (1_050_000.0, 1_100_000.0)),
            ({"rounding": "rounded"}, (1_050_000.0, 1_150_000.0)),
            ({}, (None, None)),
        ],
    )
    def test_a_round_count_keeps_what_its_rounding_allows(self, words, bounds):
        rows = pd.DataFrame([*dla_table(), claim("IB", amounts.CHAPTER_V, 1_100_000.0, **words)])
        got = amounts.counts(rows)
        row = got[got["benefit"].eq("IB")].iloc[0]
        assert (row["low"], row["high"]) == bounds or (not words and pd.isna(row["low"]))

    def test_one_count_is_one(self):
        rows = pd.DataFrame([claim("IB", "all", 1.0), claim("IB", "all", 2.0)])
        with pytest.raises(LedgerError, match=r"Expected one count.*found 2"):
            amounts.one_count(rows, "IB", "all", "S", "2011-05-31")


def spending(values: dict[str, float], year: int = 2023) -> pd.DataFrame:
    dates = {"period_start": pd.Timestamp(year, 4, 1), "period_end": pd.Timestamp(year + 1, 3, 31)}
    rows = [
        claim("PIP", c, v, measure="expenditure_gbp_m", unit="GBP", **dates)
        for c, v in values.items()
    ]
    return pd.DataFrame(rows)


CONDITIONS = (*amounts.NARROW, *amounts.DEVELOPMENTAL, "all")


class TestSpending:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 10**9), min_size=7, max_size=7))
    def test_wide_is_narrow_and_the_developmental_conditions(self, values):
        got = amounts.pip_spending(spending(dict(zip(CONDITIONS, map(float, values), strict=True))))
        value = got.set_index("measure")["value"]
        assert value["narrow"] == sum(values[:3])
        assert value["wide"] == sum(values[:6])
        assert value["all"] == values[6]
        assert got.set_index("measure").loc["narrow", "period"] == "2023-24"

    def test_a_condition_without_a_year_stops_the_build(self):
        whole = spending(dict.fromkeys(CONDITIONS, 1.0))
        part = spending(dict.fromkeys(CONDITIONS[1:], 1.0), 2024)
        with pytest.raises(LedgerError, match="lacks a year"):
            amounts.pip_spending(pd.concat([whole, part]))
