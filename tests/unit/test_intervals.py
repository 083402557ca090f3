"""Intervals agree with published examples, with their libraries, and with themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods.intervals import difference, proportion_interval, rate_interval, ratio

counts = st.integers(1, 5_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_gives_newcombes_printed_limits():
    # Newcombe 1998, Statistics in Medicine 17:857, table I: method 3 (Wilson without correction).
    for events, n, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert tuple(proportion_interval(events, n))[1:] == pytest.approx((low, high), abs=5e-5)


def test_difference_gives_newcombes_printed_limits():
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
    assert difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert tuple(difference(10, 10, 0, 10))[1:] == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_byar_is_exact_for_few_events_and_near_exact_for_many():
    assert tuple(rate_interval(0, 1))[1:] == pytest.approx((0, 3.6889), abs=1e-4)
    assert tuple(rate_interval(5, 1))[1:] == pytest.approx((1.6235, 11.6683), abs=1e-4)
    assert tuple(rate_interval(100, 1))[1:] == pytest.approx((81.36, 121.63), abs=0.02)


@settings(deadline=None)
@given(counts)
def test_a_share_lies_inside_its_interval_and_both_inside_nought_to_one(pair):
    value, low, high = proportion_interval(*pair)
    assert 0 <= low <= value <= high <= 1


@settings(deadline=None)
@given(counts)
def test_wilson_mirrors_when_failures_are_counted(pair):
    events, n = pair
    got, mirrored = proportion_interval(events, n), proportion_interval(n - events, n)
    assert (got.low, got.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)


@settings(deadline=None)
@given(counts, counts)
def test_difference_agrees_with_statsmodels_and_changes_sign_when_turned(a, b):
    got = difference(*a, *b)
    assert got[1:] == pytest.approx(
        confint_proportions_2indep(*a, *b, compare="diff", method="newcomb"), abs=1e-9
    )
    turned = difference(*b, *a)
    assert (-turned.high, -turned.low) == pytest.approx(got[1:], abs=1e-12)


@settings(deadline=None)
@given(counts.filter(lambda p: p[0] > 0), counts.filter(lambda p: p[0] > 0))
def test_ratio_agrees_with_statsmodels_and_inverts_when_turned(a, b):
    got, turned = ratio(*a, *b), ratio(*b, *a)
    assert got[1:] == pytest.approx(
        confint_proportions_2indep(*a, *b, compare="ratio", method="log"), rel=1e-9
    )
    assert (1 / turned.high, 1 / turned.low) == pytest.approx(got[1:], rel=1e-9)


@settings(deadline=None)
@given(st.integers(0, 1_000_000), st.floats(0.1, 1e8))
def test_a_rate_lies_inside_its_interval_and_scales_with_exposure(events, exposure):
    value, low, high = rate_interval(events, exposure)
    assert 0 <= low <= value <= high
    assert rate_interval(events, 2 * exposure).high == pytest.approx(high / 2)


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(pairs):
    events, n = (
        pd.Series([p[0] for p in pairs], index=range(5, 5 + len(pairs))),
        [p[1] for p in pairs],
    )
    together = proportion_interval(events, n)
    assert isinstance(together.low, np.ndarray)
    assert list(zip(*together, strict=True)) == [tuple(proportion_interval(*p)) for p in pairs]


def test_plain_numbers_come_back_as_plain_numbers_and_percent_scales():
    got = proportion_interval(1, 4).percent
    assert [type(part) for part in got] == [float] * 3
    assert got.value == 25


def test_a_missing_count_gives_a_missing_interval():
    got = proportion_interval([5, np.nan], [10, 10])
    assert got.value[0] == 0.5
    assert np.isnan([part[1] for part in got]).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion_interval(1, 0),
        lambda: proportion_interval([1, 3], [2, 2]),
        lambda: proportion_interval(-1, 2),
        lambda: proportion_interval(1, float("inf")),
        lambda: rate_interval(-1, 2),
        lambda: rate_interval(1, 0),
        lambda: ratio(0, 4, 1, 4),
        lambda: ratio(1, 4, 1, 4, level=95),
    ],
)
def test_impossible_counts_are_refused(call):
    with pytest.raises(LedgerError, match="found"):
        call()


def test_the_refusal_names_the_place():
    with pytest.raises(LedgerError, match="place 2"):
        proportion_interval([1, 3], [2, 2])
