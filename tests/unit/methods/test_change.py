"""Change between two readings: what each denominator gives, what is lacking, and the floor under recovery."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import standardised_change
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.scores.change import (
    implied_reliability,
    reliable_change,
    small_sample_factor,
)
from iapt_ledger.methods.scores.change_floor import Scale, caseness_floor

SCORES = {"pre_mean": 14.0, "post_mean": 9.0, "pre_sd": 6.0, "post_sd": 6.6}
PHQ9 = Scale(mean=14, sd=6, threshold=10, criterion=6, top=27, reliability=0.8)
GAD7 = Scale(mean=13, sd=5.2, threshold=8, criterion=4, top=21, reliability=0.8)


def test_a_fall_of_symptoms_is_for_the_better_and_each_spread_gives_its_own_size():
    found = standardised_change(**SCORES, n=100, correlation=0.5)
    assert found.change.value == 5
    sizes = {e.denominator: e.d.value for e in found.effects}
    assert sizes["start"] == pytest.approx(5 / 6)
    assert sizes["end"] == pytest.approx(5 / 6.6)
    assert sizes["average"] == pytest.approx(5 / np.sqrt((36 + 6.6**2) / 2))
    assert sizes["change"] == pytest.approx(5 / np.sqrt(36 + 6.6**2 - 6 * 6.6))
    assert found.value == sizes["start"]
    assert found.low < found.value < found.high
    assert found.p_value is not None and found.p_value < 0.001


def test_a_rise_is_for_the_better_where_that_is_said():
    rise = standardised_change(pre_mean=40, post_mean=50, pre_sd=8, direction="rise")
    assert rise.change.value == 10
    assert standardised_change(pre_mean=40, post_mean=50, pre_sd=8).change.value == -10


def test_what_lacks_an_input_is_left_out_and_says_what_it_needs():
    found = standardised_change(pre_mean=14, post_mean=9, pre_sd=6)
    assert [e.denominator for e in found.effects] == ["start"]
    assert found.effects[0].g is None
    assert np.isnan(found.low)
    with pytest.raises(MethodError, match="post_sd and correlation"):
        found.effect("change")
    with pytest.raises(MethodError, match="valid choices are start"):
        found.effect("baseline")
    with pytest.raises(MethodError, match="argument reliability"):
        found.selected(9.5)


def test_a_published_effect_size_tells_its_denominator():
    found = standardised_change(**SCORES, n=100, correlation=0.8)
    assert found.used_by(0.83, decimals=2, input_decimals=3) == ("start",)
    assert found.used_by(0.76, decimals=2, input_decimals=3) == ("end",)
    assert found.used_by(1.24, decimals=2, input_decimals=3) == ("change",)
    assert found.used_by(0.8) == ("start", "end", "average")  # one decimal does not tell them apart
    assert found.used_by(3.0) == ()


def test_the_correction_for_small_samples_is_hedges():
    assert small_sample_factor(10) == pytest.approx(1 - 3 / (4 * 10 - 1), abs=5e-4)
    assert small_sample_factor(1e6) == pytest.approx(1)


def test_reliable_change_and_the_reliability_it_implies_turn_each_other_round():
    criterion = reliable_change(6, 0.87).criterion
    assert implied_reliability(criterion, 6) == pytest.approx(0.87)
    with pytest.raises(MethodError, match="argument criterion"):
        implied_reliability(20, 6)


def test_regression_to_the_mean_of_the_chosen():
    found = standardised_change(pre_mean=14, post_mean=9, pre_sd=6, reliability=0.6)
    chosen = found.selected(14)
    assert chosen.selected == pytest.approx(0.5)
    assert chosen.first_mean == pytest.approx(14 + 6 * np.sqrt(2 / np.pi))
    assert chosen.effect == pytest.approx(0.4 * 6 * np.sqrt(2 / np.pi))
    assert chosen.second_mean == pytest.approx(chosen.first_mean - chosen.effect)
    assert chosen.back == pytest.approx(0.5 - np.arcsin(0.6) / np.pi)
    assert found.explained_from() == pytest.approx(14 - 5 / 0.4)


def test_a_cut_off_that_nobody_reaches_is_refused():
    found = standardised_change(pre_mean=14, post_mean=9, pre_sd=1, reliability=0.6)
    with pytest.raises(MethodError, match="argument cutoff"):
        found.selected(60)


def test_a_summary_names_the_spreads_and_the_criterion():
    text = standardised_change(**SCORES, reliability=0.87).summary()
    assert "Fall: 5 points" in text
    assert "Glass and Becker" in text
    assert "more than error from 5.996 points" in text


def test_the_floor_on_one_scale_is_the_share_that_comes_back_over_the_line():
    floor = caseness_floor([PHQ9])
    line = standardised_change(pre_mean=14, post_mean=14, pre_sd=6, reliability=0.8)
    continuous = line.selected(9.5)
    assert floor.at_caseness == pytest.approx(continuous.selected, abs=1e-6)
    assert floor.recovered == pytest.approx(continuous.back, abs=1e-6)
    assert floor.value == floor.recovered
    assert "Without any change" in floor.summary()


def test_two_scales_have_a_lower_floor_than_either():
    both = caseness_floor([PHQ9, GAD7], correlation=0.7)
    assert both.recovered < min(caseness_floor([s]).recovered for s in (PHQ9, GAD7))
    assert both.reliably_recovered < both.recovered
    assert both.improved == pytest.approx(both.deteriorated, abs=0.02)


@pytest.mark.parametrize(
    "odd",
    [
        {"n": 10.5},
        {"n": float("inf")},
        {"pre_sd": None},
        {"pre_mean": "14"},
        {"pre_sd": [6, 7]},
        {"reliability": "high"},
    ],
)
def test_what_is_no_number_is_refused_by_name(odd):
    with pytest.raises(MethodError, match=f"argument {next(iter(odd))}"):
        standardised_change(**{**SCORES, **odd})


def test_no_change_has_no_sign():
    still = standardised_change(pre_mean=5, post_mean=5, pre_sd=2)
    assert str(still.value) == "0.0"
    assert "Fall: 0 points" in still.summary()
