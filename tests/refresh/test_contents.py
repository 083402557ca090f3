"""Rules on what a file holds: each says what was found, and cannot be passed by what it is there to stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.acceptance.contents import (
    bounds,
    difference,
    header,
    nearest_layout,
    periods,
    some,
    totals,
)
from iapt_ledger.sources.base import ContentError

LAYOUTS = {
    "2019": ("REPORTING_PERIOD", "GROUP_TYPE", "MEASURE_NAME", "MEASURE_VALUE"),
    "2021": ("REPORTING_PERIOD_START", "GROUP_TYPE", "ORG_CODE1", "MEASURE_VALUE_SUPPRESSED"),
}


def test_periods_that_are_expected_or_held_may_not_be_missing() -> None:
    held = ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert periods(held, held).passed
    missing = periods(["2025-05"], held)
    assert not missing.passed
    assert missing.sentence == "The file lacks 2025-05; it holds 4 from 2025-01 to 2025-04."
    lost = periods((), ["2025-01", "2025-03"], held)
    assert not lost.passed
    assert "no longer holds 2025-02, which the edition has" in lost.sentence
    assert periods((), ["2025-01", "2025-02"], held).passed, (
        "a file need not reach as far as the series"
    )
    assert periods((), ["2025-05"], held).passed
    assert not periods((), []).passed


@given(st.sets(st.sampled_from([f"2025-{m:02}" for m in range(1, 13)]), min_size=1), st.data())
def test_a_period_lost_between_others_is_always_seen(held: set[str], data: st.DataObject) -> None:
    found = data.draw(st.sets(st.sampled_from(sorted(held)), min_size=1))
    lost = {p for p in held - found if min(found) < p < max(found)}
    assert periods((), found, held).passed == (not lost)


@pytest.mark.parametrize(
    "text", ["101", "-1", "1e3", "nan", "inf", "-inf", "many", "5,000", "0x10"]
)
def test_a_number_out_of_bounds_or_none_at_all_is_named(text: str) -> None:
    check = bounds([("row 1", "50"), ("row 2", text)], 0, 100, what="Recovery rates")
    assert (check.rule, check.passed) == ("bounds", False)
    assert "row 2" in check.sentence
    assert "row 1" not in check.sentence


def test_bounds_hold_at_their_ends_and_empty_cells_are_passed_over() -> None:
    check = bounds([("a", "0"), ("b", "100.0"), ("c", ""), ("d", None)], 0, 100, what="Rates")
    assert check.passed
    assert check.sentence == "Rates: 2 numbers, all from 0 to 100."
    assert not bounds([("a", "0.5")], None, None, what="Counts", whole=True).passed
    assert bounds([("a", "-1e9")], None, 3, what="Changes").passed


def test_a_total_must_be_the_sum_of_its_parts_within_the_tolerance() -> None:
    said = {"what": "England against regions", "because": "parts are rounded to 5"}
    whole = {("2025-06", "referrals"): 1000.0, ("2025-06", "finished"): 500.0}
    assert totals(whole, {("2025-06", "referrals"): 1010.0}, tolerance=0.01, **said).passed
    wrong = totals(whole, {("2025-06", "referrals"): 1011.0}, tolerance=0.01, **said)
    assert not wrong.passed
    assert "2025-06, referrals: 1,000 against 1,011" in wrong.sentence
    assert "1.00% are allowed, as parts are rounded to 5" in wrong.sentence
    assert not totals({"a": 0.0}, {"a": 1.0}, tolerance=0.5, **said).passed
    assert totals(whole, {}, tolerance=0.01, **said).passed


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_a_header_is_known_in_any_order(name: str) -> None:
    found, check = header(list(reversed(LAYOUTS[name])), LAYOUTS, where="a.csv")
    assert (found, check.passed) == (name, True)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            ("REPORTING_PERIOD", "GROUP_TYPE", "MEASURE_NAME", "MEASURE_VALUES"),
            "'MEASURE_VALUES' where 'MEASURE_VALUE' stood",
        ),
        (("REPORTING_PERIOD", "GROUP_TYPE", "MEASURE_VALUE"), "without 'MEASURE_NAME'"),
        ((*LAYOUTS["2019"], "EXTRA"), "with 'EXTRA' besides"),
        ((*LAYOUTS["2019"], "GROUP_TYPE"), "twice 'GROUP_TYPE'"),
        ((), "without"),
    ],
)
def test_a_header_that_is_not_known_names_the_nearest_and_the_difference(
    found: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ContentError, match="header") as caught:
        header(found, LAYOUTS, where="a.csv")
    assert said in str(caught.value)
    assert "the nearest, '2019'" in str(caught.value)


def test_a_column_may_be_left_out_only_where_the_layout_says_so() -> None:
    short = LAYOUTS["2019"][:-1]
    with pytest.raises(ContentError):
        header(short, LAYOUTS, where="a.csv")
    assert header(short, LAYOUTS, where="a.csv", optional={"MEASURE_VALUE"})[0] == "2019"


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_header_is_either_a_layout_or_refused(found: list[str]) -> None:
    try:
        name, check = header(found, LAYOUTS, where="a.csv")
    except ContentError:
        return
    assert check.passed
    assert sorted(found) == sorted(LAYOUTS[name])


def test_words_for_many_things_stay_few() -> None:
    assert some(range(9)) == "0, 1, 2, 3, 4 and 4 more"
    assert nearest_layout(["ORG_CODE1"], LAYOUTS) == "2021"
    assert nearest_layout(["ORG_CODE1"], {}) == ""
    assert difference(LAYOUTS["2019"], LAYOUTS["2019"]) == ""
