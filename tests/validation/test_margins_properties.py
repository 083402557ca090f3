"""Equivalence: what must hold whatever the numbers, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from iapt_ledger.methods import Estimate, MethodError, equivalence

sizes = st.floats(0.01, 100)
points = st.floats(-100, 100)


def make(value: float, half: float) -> Estimate:
    return Estimate("Effect", value, value - half, value + half)


@settings(max_examples=60, deadline=None)
@given(points, sizes, sizes, st.floats(0.001, 1000))
def test_a_change_of_unit_changes_no_verdict(value, half, margin, factor):
    one = equivalence(make(value, half), margin)
    other = equivalence(make(value * factor, half * factor), margin * factor)
    assume(abs(abs(value) + half - margin) > 1e-6 * margin)
    assume(abs(abs(value) - half - margin) > 1e-6 * margin)
    assert one.verdict == other.verdict
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(points, sizes, sizes)
def test_the_sign_of_an_effect_does_not_matter_to_a_margin_that_is_even(value, half, margin):
    one, other = (equivalence(make(v, half), margin) for v in (value, -value))
    assert one.verdict == other.verdict
    assert one.p_value == pytest.approx(other.p_value, abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(points, sizes, sizes, st.floats(0.5, 0.99))
def test_support_is_a_small_enough_p_value(value, half, margin, level):
    found = equivalence(make(value, half), margin, level=level)
    alpha = (1 - level) / 2
    assume(abs(found.p_value - alpha) > 1e-9)
    assert (found.verdict == "supported") == (found.p_value < alpha)


@settings(max_examples=60, deadline=None)
@given(points, sizes, sizes, st.floats(1, 10))
def test_a_wider_margin_never_takes_support_away(value, half, margin, more):
    if equivalence(make(value, half), margin).verdict == "supported":
        assert equivalence(make(value, half), margin * more).verdict == "supported"
    if equivalence(make(value, half), margin * more).verdict == "contradicted":
        assert equivalence(make(value, half), margin).verdict == "contradicted"


@settings(max_examples=60, deadline=None)
@given(st.floats(-2, 2), st.floats(0.01, 2), st.floats(1.01, 5))
def test_turning_a_ratio_over_changes_no_verdict(log, half, margin):
    one, other = (equivalence(make(v, half).ratio, margin, scale="ratio") for v in (log, -log))
    assume(abs(abs(log) + half - math.log(margin)) > 1e-9)
    assume(abs(abs(log) - half - math.log(margin)) > 1e-9)
    assert one.verdict == other.verdict


FINE = make(0.0, 1.0)


@pytest.mark.parametrize(
    ("estimate", "margin", "options", "words"),
    [
        (FINE, 0.0, {}, "argument margin.*name the smallest effect"),
        (FINE, -1.0, {}, "argument margin"),
        (FINE, math.nan, {}, "argument margin"),
        (FINE, (1.0, 2.0), {}, "an end on either side of 0"),
        (FINE, (-1.0, 0.5, 2.0), {}, "argument margin"),
        (FINE, 1.0, {"level": 95}, "argument level.*between 0 and 1.*95"),
        (FINE, 1.0, {"scale": "log"}, "argument scale.*'log'.*difference, ratio"),
        (FINE, 1.0, {"df": 0}, "argument df"),
        (Estimate("E", 0.0, math.nan, math.nan), 1.0, {}, "supports no claim of no effect"),
        (Estimate("E", 0.0, 1.0, -1.0), 1.0, {}, "point between them"),
        (Estimate("E", 0.5, -0.1, 1.1), 1.25, {"scale": "ratio"}, "ratios above 0"),
        (Estimate("E", 1.0, 0.9, 1.1), 0.8, {"scale": "ratio"}, "either side of 1"),
        (Estimate("E", 1.0, 0.9, 1.1), (-1.0, 2.0), {"scale": "ratio"}, "either side of 1"),
        (Estimate("E", 0.0, -1.0, 1.0, level=0.0), 1.0, {}, "estimate.level"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_remedy(estimate, margin, options, words):
    with pytest.raises(MethodError, match=words):
        equivalence(estimate, margin, **options)
