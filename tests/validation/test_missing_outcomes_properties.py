"""What bounds for missing outcomes must keep, and what they refuse."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods import MethodError, missing_outcome_bounds
from iapt_ledger.methods.costs.missing_outcomes import critical_value, identified_interval

few = settings(max_examples=80, deadline=None)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    total = draw(st.integers(1, 5_000))
    observed = draw(st.integers(1, total))
    return draw(st.integers(0, observed)), observed, total


@few
@given(counts(), st.floats(0, 1))
def test_every_assumption_lies_inside_the_bounds(one: tuple[int, int, int], rate: float) -> None:
    found = missing_outcome_bounds(*one, benchmark=rate)
    shares = [s.share.value for s in found.scenarios]
    assert shares[0] == found.worst.share.value and shares[-1] == found.best.share.value
    assert found.best.share.value - found.worst.share.value == pytest.approx(
        found.missing, abs=1e-9
    )
    assert 0 <= found.low <= shares[0] + 1e-9 and shares[-1] - 1e-9 <= found.high <= 1


@few
@given(counts())
def test_counting_the_others_turns_the_bounds_round(one: tuple[int, int, int]) -> None:
    events, observed, total = one
    found = missing_outcome_bounds(*one)
    turned = missing_outcome_bounds(observed - events, observed, total)
    assert turned.best.share.value == pytest.approx(1 - found.worst.share.value)
    assert (turned.low, turned.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)


@few
@given(counts(), counts())
def test_swapping_the_services_turns_the_gap_round(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    gap = missing_outcome_bounds(*one, comparators={"x": other}).gaps["x"]
    back = missing_outcome_bounds(*other, comparators={"x": one}).gaps["x"]
    assert (back.low, back.high) == pytest.approx((-gap.high, -gap.low))
    assert back.interval == pytest.approx((-gap.interval[1], -gap.interval[0]))
    assert gap.low - 1e-9 <= gap.at_random.value <= gap.high + 1e-9


@few
@given(counts(), st.integers(2, 50))
def test_more_people_of_the_same_kind_narrow_the_error_and_not_the_range(
    one: tuple[int, int, int], times: int
) -> None:
    small, large = (missing_outcome_bounds(*(k * c for c in one)) for k in (1, times))
    assert large.best.share.value == pytest.approx(small.best.share.value)
    assert large.low >= small.low - 1e-9 and large.high <= small.high + 1e-9


@few
@given(st.floats(0, 1), st.floats(0.0001, 0.5), st.floats(0.5, 0.99))
def test_the_critical_value_keeps_its_level(width: float, error: float, level: float) -> None:
    from scipy.stats import norm

    c = critical_value(width, error, level)
    assert norm.isf(1 - level) - 1e-9 <= c <= norm.isf((1 - level) / 2) + 1e-9
    assert norm.cdf(c + width / error) - norm.cdf(-c) >= level - 1e-9


@pytest.mark.parametrize(
    ("given_counts", "says"),
    [
        ((-1, 5, 10), "events of programme"),
        ((1, math.nan, 10), "observed of programme"),
        ((1, 5, math.inf), "total of programme"),
        ((6, 5, 10), "events <= observed <= total"),
        ((1, 11, 10), "events <= observed <= total"),
        ((0, 0, 10), "leave it out"),
        ((0, 0, 0), "observed of programme"),
    ],
)
def test_counts_that_cannot_be_are_named(
    given_counts: tuple[float, float, float], says: str
) -> None:
    with pytest.raises(MethodError) as error:
        missing_outcome_bounds(*given_counts)
    assert isinstance(error.value, ValueError) and isinstance(error.value, LedgerError)
    assert says in str(error.value)


def test_a_comparator_is_named_in_its_own_fault() -> None:
    with pytest.raises(MethodError, match="counselling"):
        missing_outcome_bounds(1, 5, 10, comparators={"counselling": (9, 5, 10)})


@pytest.mark.parametrize(("benchmark", "place"), [(32, 1), ((0.1, -0.2), 2)])
def test_a_benchmark_is_a_share(benchmark: float | tuple[float, float], place: int) -> None:
    with pytest.raises(MethodError, match=f"place {place}.*divide a percentage by 100"):
        missing_outcome_bounds(1, 5, 10, benchmark=benchmark)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(MethodError, match="argument level"):
        missing_outcome_bounds(1, 5, 10, level=level)


def test_an_interval_of_one_person_is_still_one() -> None:
    low, high = identified_interval(0.0, 0.0, 1)
    assert low == 0 and 0 < high < 1
    assert missing_outcome_bounds(0, 1, 1).low == 0
