"""Bounds for missing outcomes: the four assumptions, the interval over them, and the gap between two services."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from iapt_ledger.methods import MethodError, missing_outcome_bounds
from iapt_ledger.methods.costs.missing_outcomes import critical_value, identified_interval
from iapt_ledger.methods.intervals import proportion_interval


def test_the_four_assumptions_are_plain_arithmetic() -> None:
    found = missing_outcome_bounds(40, 80, 100, benchmark=(0.1, 0.3))
    assert found.worst.share.value == 0.40
    assert [s.share.value for s in found.benchmark] == pytest.approx([0.42, 0.46])
    assert found.at_random.share.value == 0.5
    assert found.best.share.value == pytest.approx(0.6)
    assert [s.share.value for s in found.scenarios] == pytest.approx([0.4, 0.42, 0.46, 0.5, 0.6])
    assert found.missing == pytest.approx(0.2)
    assert (found.worst.events, found.best.events, found.best.n) == (40, 60, 100)
    wilson = proportion_interval(40, 100)
    assert (found.worst.share.low, found.worst.share.high) == (wilson.low, wilson.high)


def test_nothing_missing_leaves_the_wilson_interval() -> None:
    found = missing_outcome_bounds(30, 100, 100)
    assert (found.low, found.high) == pytest.approx(tuple(proportion_interval(30, 100))[1:])
    assert found.value == 0.3 and math.isnan(found.needed(0.5))


def test_the_interval_holds_the_whole_range_and_little_more() -> None:
    found = missing_outcome_bounds(400, 800, 1000)
    assert found.low < 0.4 and found.high > 0.6
    assert found.low > found.worst.share.low and found.high < found.best.share.high


def test_the_critical_value_runs_from_two_sided_to_one_sided() -> None:
    assert critical_value(0, 0.01) == pytest.approx(1.959964, abs=1e-6)
    assert critical_value(1, 0.01) == pytest.approx(1.644854, abs=1e-6)
    middle = critical_value(0.01, 0.01)
    assert 1.645 < middle < 1.96
    covered = stats.norm.cdf(middle + 1) - stats.norm.cdf(-middle)
    assert covered == pytest.approx(0.95)
    assert critical_value(1, 0) == pytest.approx(1.644854, abs=1e-6)


def test_a_range_of_everything_is_nought_to_one() -> None:
    low, high = identified_interval(0.0, 1.0, 50)
    assert (low, high) == pytest.approx((0, 1))


def test_the_gap_takes_each_service_at_its_other_end() -> None:
    found = missing_outcome_bounds(40, 80, 100, comparators={"before": (30, 60, 150)}, name="after")
    gap, before = found.gaps["before"], found.comparators["before"]
    assert gap.low == pytest.approx(0.4 - before.best.share.value)
    assert gap.high == pytest.approx(0.6 - before.worst.share.value)
    assert gap.at_random.value == 0.0 and gap.sign == "not known"
    assert gap.interval[0] < gap.low and gap.interval[1] > gap.high


def test_the_sign_is_known_where_even_the_worst_is_ahead() -> None:
    found = missing_outcome_bounds(900, 950, 1000, comparators={"other": (100, 950, 1000)})
    assert found.gaps["other"].sign == "above"
    turned = missing_outcome_bounds(100, 950, 1000, comparators={"other": (900, 950, 1000)})
    assert turned.gaps["other"].sign == "below"


def test_what_the_missing_would_need() -> None:
    found = missing_outcome_bounds(40, 80, 100)
    assert found.needed(0.5) == pytest.approx(0.5)
    assert found.needed(0.4) == pytest.approx(0.0)
    assert math.isnan(found.needed(0.7)) and math.isnan(found.needed(0.3))


def test_the_words_say_how_much_is_missing() -> None:
    text = missing_outcome_bounds(
        40, 80, 100, benchmark=0.2, comparators={"before": (30, 60, 150)}
    ).summary()
    assert "20.0% of outcomes not known" in text and "between 40.0% and 60.0%" in text
    assert "the sign is not known" in text


@pytest.mark.parametrize(
    ("counts", "words"),
    [(("30", 60, 100), "events of programme"), (([30, 20], 60, 100), "one number"),
     ((30, None, 100), "observed of programme")],
)  # fmt: skip
def test_each_count_is_one_number(counts, words) -> None:
    with pytest.raises(MethodError, match=words):
        missing_outcome_bounds(*counts)


def test_a_comparator_has_three_counts() -> None:
    with pytest.raises(MethodError, match="comparators, tau.*events, observed, total"):
        missing_outcome_bounds(30, 60, 100, comparators={"tau": (20, 50)})
