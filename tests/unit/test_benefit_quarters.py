"""Quarterly counts: what is added up, what stays a gap, shares and changes by hand. All numbers are made up."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.measures import benefit_quarter_results as told
from iapt_ledger.measures import benefit_quarter_words as words
from iapt_ledger.measures import benefit_quarters as quarters
from iapt_ledger.measures.benefit_amounts import CHAPTER_V, DLA_PSYCHIATRIC, LEARNING

BACK = "diseases of the musculoskeletal system and connective tissue (ICD-10 chapter XIII)"
LISTS = {
    "IB/SDA": (CHAPTER_V, BACK), "ESA": (CHAPTER_V, BACK),
    "DLA": (*DLA_PSYCHIATRIC, LEARNING, "arthritis"), "PIP": ("psychiatric disorders", "visual disease"),
}  # fmt: skip
SOURCE = {"IB/SDA": "ib_sda", "ESA": "esa", "DLA": "dla", "PIP": "pip"}


def quarter(benefit, end, mental, other, *, geography="GB", missed=0, publisher="statxplore"):
    """Rows of a quarter: `mental` people with each mental condition and `other` with the last, one in ten a band.

    The total misses the sum of the conditions by `missed`.
    """
    conditions = dict.fromkeys(LISTS[benefit][:-1], mental) | {LISTS[benefit][-1]: other}
    conditions["all"] = sum(conditions.values()) + missed
    rows = []
    for (condition, people), age in product(conditions.items(), ("all", *quarters.BANDS)):
        if age == "all" or condition not in (BACK, "arthritis", "visual disease"):
            value = float(people if age == "all" else people / 10)
            rows.append(
                {"benefit": benefit, "condition_group": condition, "age_group": age, "value": value}
            )
    return pd.DataFrame(rows).assign(
        measure="caseload", geography=geography, period_end=pd.Timestamp(end), note="",
        source_id=f"{publisher}_{SOURCE[benefit]}",
    )  # fmt: skip


def table(*parts):
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(obs_id=[f"benefits_annual:{n}" for n in range(1, len(frame) + 1)])


def held(*parts):
    return quarters.quarters(table(*parts))


def results(*parts):
    return told.results(held(*parts)).set_index("measure")


def test_an_edition_without_quarters_gives_nothing():
    single = quarter("IB/SDA", "2013-02-28", 5, 5).assign(source_id="hrreview_2012")
    assert held(single).empty
    assert told.results(held(single)).empty


def test_incapacity_benefits_are_added_up_from_the_first_quarter_of_esa_on():
    every = held(
        quarter("IB/SDA", "2008-08-31", 400, 600),
        quarter("IB/SDA", "2008-11-30", 300, 500, missed=2), quarter("ESA", "2008-11-30", 30, 50, missed=-1),
        quarter("IB/SDA", "2013-02-28", 300, 500), quarter("ESA", "2013-05-31", 30, 50),
    )  # fmt: skip
    found = quarters.of(every, "incapacity", ages=quarters.ALL_AGES)
    assert found[["year", "month", "mental", "all", "gap"]].values.tolist() == [
        [2008, 8, 400, 1000, 0],
        [2008, 11, 330, 881, 3],
    ]
    assert list(found["benefits"]) == ["IB/SDA", "IB/SDA and ESA"]
    assert set(quarters.of(every, "incapacity")["mental"]) == {
        200,
        165,
    }  # five bands of a tenth each


def test_the_allowance_is_counted_with_learning_difficulties_and_without():
    every = held(quarter("DLA", "2013-05-31", 100, 900))
    for counted, people in (("mental", 800), ("mental_without_learning", 700)):
        (row,) = quarters.of(every, "dla", ages=quarters.ALL_AGES, counted=counted).itertuples()
        assert (row.mental, row.all) == (people, 1700)


@pytest.mark.parametrize("gone", [LEARNING, "psychosis", "all"])
def test_a_cell_that_is_not_held_leaves_a_gap_and_a_nil_one_counts_as_nought(gone):
    rows = quarter("DLA", "2013-05-31", 100, 900)
    cell = rows["condition_group"].eq(gone) & rows["age_group"].eq("35-44")
    missing = rows.assign(value=rows["value"].mask(cell))
    assert quarters.of(held(missing), "dla").empty
    assert len(quarters.of(held(missing), "dla", ages=quarters.ALL_AGES)) == 1
    nil = missing.assign(note=missing["note"].mask(cell, "nil or negligible"))
    (row,) = quarters.of(held(nil), "dla").itertuples()
    assert (row.mental, row.all) == {"all": (400, 850 - 170)}.get(gone, (390, 850))


def test_of_two_publishers_stat_xplore_is_taken_quarter_by_quarter():
    every = held(
        quarter("IB/SDA", "2000-05-31", 100, 100, publisher="nomis"),
        quarter("IB/SDA", "2000-08-31", 100, 100, publisher="nomis"),
        quarter("IB/SDA", "2000-08-31", 90, 110),
    )
    found = quarters.of(every, "incapacity")
    assert list(found["source_id"]) == ["nomis_ib_sda", "statxplore_ib_sda"]
    assert len(found) == 2


def test_a_share_is_over_all_quarters_of_the_year_and_its_range_over_each_of_them():
    every = held(
        quarter("DLA", "2013-02-28", 10, 120, missed=4), quarter("DLA", "2013-05-31", 15, 120, missed=-2),
        quarter("DLA", "2014-05-31", 99, 1),
    )  # fmt: skip
    row = quarters.share(quarters.of(every, "dla", ages=quarters.ALL_AGES), 2013)
    assert row["value"] == pytest.approx(100 * (80 + 120) / (204 + 238))
    assert row["low"] == pytest.approx(100 * (80 - 4) / (204 + 4))
    assert row["high"] == pytest.approx(100 * (120 + 2) / (238 - 2))
    assert quarters.share(quarters.of(every, "dla"), 2012) is None


def test_a_change_compares_the_same_quarters_of_both_years():
    every = held(
        quarter("DLA", "2002-05-31", 10, 1), quarter("DLA", "2002-11-30", 20, 1, missed=3),
        quarter("DLA", "2013-11-30", 30, 1, missed=-5), quarter("DLA", "2013-02-28", 99, 1),
    )  # fmt: skip
    series = quarters.of(every, "dla", ages=quarters.ALL_AGES)
    row = quarters.growth(series, 2002, 2013)
    assert row["value"] == pytest.approx(50)
    assert row["low"] == pytest.approx(100 * ((240 - 5) / (160 + 3) - 1))
    assert row["high"] == pytest.approx(100 * ((240 + 5) / (160 - 3) - 1))
    assert quarters.growth(series[series["month"].ne(11)], 2002, 2013) is None


def test_the_first_year_is_2000_or_the_nearest_within_two_years():
    late = [quarter("DLA", f"{year}-11-30", 10, 90) for year in (2002, 2003, 2008, 2013)]
    found = results(*late)
    assert found.loc["year.dla_first", "value"] == 2002
    assert found.loc["growth.dla_span", "value"] == 0
    assert results(*late[1:]).empty  # 2003 is three years off
    both = results(
        quarter("DLA", "1999-11-30", 10, 90), quarter("DLA", "2001-11-30", 10, 90), *late
    )
    assert both.loc["year.dla_first", "value"] == 1999  # the earlier of two as near


def test_what_a_year_lacks_is_no_result():
    first, last = quarter("DLA", "2000-05-31", 10, 90), quarter("DLA", "2013-05-31", 10, 80)
    only_ends = results(first, last)
    assert "growth.dla_span" in only_ends.index
    assert not any(one.endswith("_programme") for one in only_ends.index)
    assert not any("england" in one for one in only_ends.index)
    without_end = results(first, quarter("DLA", "2008-05-31", 10, 90))
    assert not any(one.startswith(("share", "growth", "year")) for one in without_end.index)
    england = results(first, last, *(q.assign(geography="England") for q in (first, last)))
    assert "share.dla_england_2013" in england.index


def test_incapacity_benefits_without_ages_are_counted_whole_and_the_allowance_is_not():
    def no_ages(benefit, end):
        rows = quarter(benefit, end, 10, 90)
        return rows[rows["age_group"].eq("all")]

    ends = [("IB/SDA", "2000-05-31"), ("IB/SDA", "2013-05-31"), ("ESA", "2013-05-31")]
    found = results(
        *(no_ages(*one) for one in (*ends, ("DLA", "2000-05-31"), ("DLA", "2013-05-31")))
    )
    assert found.loc["share.incapacity_2013", "value"] == pytest.approx(10)
    assert "all ages" in found.loc["share.incapacity_2013", "made"]
    assert not any(
        "dla" in one for one in found.index
    )  # children and pensioners would be among them


@given(
    counts=st.lists(st.integers(1_000, 900_000), min_size=4, max_size=4),
    missed=st.lists(st.integers(-30, 30), min_size=2, max_size=2),
)
def test_the_value_lies_in_its_interval_and_turns_with_the_years(counts, missed):
    a, b, c, d = counts
    every = held(
        quarter("PIP", "2013-04-30", a, b, missed=missed[0]), quarter("PIP", "2014-04-30", c, d, missed=missed[1])
    )  # fmt: skip
    series = quarters.of(every, "pip", ages=quarters.ALL_AGES)
    for row in (quarters.share(series, 2013), quarters.growth(series, 2013, 2014)):
        assert row["low"] <= row["value"] <= row["high"]
    there, back = (
        quarters.growth(series, *years)["value"] for years in ((2013, 2014), (2014, 2013))
    )
    assert (1 + there / 100) * (1 + back / 100) == pytest.approx(1)


class TestWords:
    def test_an_edition_without_quarters_has_no_section_and_says_that_it_has_none(self):
        nothing = told.results(held(quarter("PIP", "2013-04-30", 10, 90).head(0)))
        assert words.section(nothing, held=False) == ""
        assert words.said(set(), held=False) == words.WITHOUT

    def test_quarters_of_other_years_are_told_and_nothing_is_made_of_them(self):
        late = results(quarter("DLA", "2019-05-31", 10, 90)).reset_index()
        page = words.section(late, held=True)
        assert words.NOT_OF_THESE_YEARS in page
        assert "|" not in page
        said = words.said(set(late["measure"]), held=True)
        assert said["yearly"] == words.WITH["yearly"]
        assert said["nearest"] == words.WITHOUT["nearest"]
        assert said["between"] == words.WITHOUT["between"]

    def test_rows_say_when_all_ages_are_counted_and_print_a_range_only_where_its_ends_differ(self):
        ends = [("IB/SDA", "2000-05-31"), ("IB/SDA", "2013-05-31"), ("ESA", "2013-05-31")]
        rows = [quarter(*one, 10, 90, missed=n) for n, one in enumerate(ends)]
        found = results(*(one[one["age_group"].eq("all")] for one in rows)).reset_index()
        (printed,) = words.printed(found).to_dict("records")
        assert printed["Scheme and people"].endswith(", all ages")
        assert "range" in printed["Share in 2013"]  # three of two hundred are missed
        assert "range" not in printed["Share then"]
        assert printed["Change from 2008"] == ""
