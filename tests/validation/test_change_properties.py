"""Change between two readings under other units and directions, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.scores.change import (
    implied_reliability,
    reliable_change,
    standardised_change,
)
from iapt_ledger.methods.scores.change_floor import Scale, caseness_floor

FEW = settings(max_examples=40, deadline=None)
means, spreads = st.floats(-50, 50), st.floats(0.5, 20)
share = st.floats(0, 0.95)
scales = st.builds(
    Scale,
    mean=st.floats(5, 16),
    sd=st.floats(2, 7),
    threshold=st.integers(4, 14),
    criterion=st.integers(2, 8),
    top=st.just(21),
    reliability=st.floats(0, 0.95),
)


def change(pre, post, s1, s2, r, **options):
    return standardised_change(
        pre_mean=pre, post_mean=post, pre_sd=s1, post_sd=s2, n=30, correlation=r, **options
    )


def sizes(found):
    return [(e.d.value, e.d.low, e.d.high, e.g.value) for e in found.effects]


@FEW
@given(means, means, spreads, spreads, share, st.floats(0.01, 100), st.floats(-100, 100))
def test_another_unit_and_another_nought_leave_effect_sizes(pre, post, s1, s2, r, factor, shift):
    plain = change(pre, post, s1, s2, r)
    other = change(factor * pre + shift, factor * post + shift, factor * s1, factor * s2, r)
    assert np.ravel(sizes(other)) == pytest.approx(np.ravel(sizes(plain)), rel=1e-5, abs=1e-6)
    assert other.change.value == pytest.approx(factor * plain.change.value, rel=1e-5, abs=1e-6)


@FEW
@given(means, means, spreads, spreads, share)
def test_the_other_direction_turns_the_sign_and_the_limits(pre, post, s1, s2, r):
    fall, rise = (change(pre, post, s1, s2, r, direction=d) for d in ("fall", "rise"))
    for one, other in zip(sizes(fall), sizes(rise), strict=True):
        assert one[0] == pytest.approx(-other[0])
        assert one[1:3] == pytest.approx((-other[2], -other[1]))


@FEW
@given(means, spreads, share, st.floats(-2, 2))
def test_a_mirrored_scale_regresses_alike(mean, sd, reliability, z):
    high = standardised_change(pre_mean=mean, post_mean=0, pre_sd=sd, reliability=reliability)
    low = standardised_change(
        pre_mean=-mean, post_mean=0, pre_sd=sd, reliability=reliability, direction="rise"
    )
    one, other = high.selected(mean + z * sd), low.selected(-mean - z * sd)
    assert (one.selected, one.effect, one.back) == pytest.approx(
        (other.selected, other.effect, other.back), abs=1e-6
    )
    assert one.first_mean == pytest.approx(-other.first_mean, abs=1e-9)
    assert one.first_mean >= one.second_mean >= mean - 1e-9


@FEW
@given(spreads, share)
def test_less_reliability_asks_for_a_larger_change(sd, reliability):
    found = reliable_change(sd, reliability)
    assert implied_reliability(found.criterion, sd) == pytest.approx(reliability, abs=1e-9)
    assert found.criterion >= reliable_change(sd, reliability + 0.02).criterion


@FEW
@given(scales, scales, st.floats(0, 0.95))
def test_a_floor_holds_shares_whichever_scale_comes_first(one, other, correlation):
    found = caseness_floor([one, other], correlation=correlation)
    turned = caseness_floor([other, one], correlation=correlation)
    for name in ("at_caseness", "recovered", "reliably_recovered", "improved", "deteriorated"):
        assert getattr(found, name) == pytest.approx(getattr(turned, name), abs=1e-9)
        assert -1e-9 <= getattr(found, name) <= 1
    assert found.reliably_recovered <= found.recovered + 1e-9


@FEW
@given(scales, st.floats(0, 0.85))
def test_a_steadier_scale_has_a_lower_floor(scale, reliability):
    loose, steady = (
        caseness_floor([replace(scale, reliability=r)]) for r in (reliability, reliability + 0.1)
    )
    assert steady.recovered <= loose.recovered + 1e-9


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pre_mean": np.nan}, "argument pre_mean"),
        ({"post_mean": np.inf}, "argument post_mean"),
        ({"pre_sd": 0}, "argument pre_sd; expected a number above nought; found 0"),
        ({"post_sd": -1}, "argument post_sd"),
        ({"n": 1}, "argument n; expected a whole number, two people"),
        ({"correlation": 1.2}, "argument correlation"),
        ({"reliability": 1.0}, "argument reliability; expected from 0 to below 1"),
        ({"level": 95}, "argument level"),
        ({"direction": "down"}, "valid choices are fall, rise"),
    ],
)
def test_impossible_numbers_are_refused_by_name(changes, told):
    given_ = {"pre_mean": 14.0, "post_mean": 9.0, "pre_sd": 6.0}
    with pytest.raises(MethodError, match=told):
        standardised_change(**{**given_, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mean": np.nan}, "scale 1, mean"),
        ({"sd": 0.0}, "scale 1, sd"),
        ({"threshold": 30}, "scale 1, threshold; expected from 1 to 27"),
        ({"criterion": 0}, "scale 1, criterion"),
        ({"reliability": 1.0}, "scale 1, reliability"),
    ],
)
def test_a_scale_that_cannot_be_read_is_refused_by_place_and_name(changes, told):
    scale = Scale(mean=14, sd=6, threshold=10, criterion=6, top=27, reliability=0.8)
    with pytest.raises(MethodError, match=told):
        caseness_floor([replace(scale, **changes)])
    with pytest.raises(MethodError, match="found 3"):
        caseness_floor([scale] * 3)
    with pytest.raises(MethodError, match="argument correlation"):
        caseness_floor([scale, scale], correlation=1.0)
