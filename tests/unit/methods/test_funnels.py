"""A funnel's target, limits, flags and words, in examples whose answer can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from iapt_ledger.methods import MethodError, funnel

EVENTS, SIZES = [40, 55, 50, 90], [100, 100, 100, 100]


def test_the_target_is_the_pooled_rate_unless_given():
    assert funnel(EVENTS, SIZES).target == pytest.approx(235 / 400)
    assert funnel(EVENTS, SIZES, target=0.5).target == 0.5
    assert funnel(EVENTS, SIZES, target=0.5).value == pytest.approx(235 / 400)


def test_a_unit_is_outside_by_its_exact_binomial_tail():
    # Of 100 at one half: 39 or fewer has probability 0.0176, 40 or fewer 0.0284; 34 or fewer 0.0009.
    got = funnel([39, 40, 60, 61, 34, 66], [100] * 6, target=0.5).units
    assert got["outside_95"].tolist() == [-1, 0, 0, 1, -1, 1]
    assert got["outside_99_8"].tolist() == [0, 0, 0, 0, -1, 1]


def test_limits_are_spiegelhalters_smoothed_quantiles():
    got = funnel(EVENTS, SIZES, target=0.5).limits([100], level=0.95)
    r = 40  # the least count whose tail reaches 0.025
    assert stats.binom.cdf(r - 1, 100, 0.5) < 0.025 <= stats.binom.cdf(r, 100, 0.5)
    part = (stats.binom.cdf(r, 100, 0.5) - 0.025) / stats.binom.pmf(r, 100, 0.5)
    assert got["low"].iloc[0] == pytest.approx((r - part) / 100)
    assert got["low"].iloc[0] < 0.4 < 0.59 < got["high"].iloc[0]


def test_limits_narrow_with_size_and_stay_shares():
    drawn = funnel([1, 3, 400], [10, 30, 4000])
    sizes = [1, 2, 5, 10, 100, 1000, 100_000]
    for adjusted in (False, True):
        got = drawn.limits(sizes, level=0.998, adjusted=adjusted)
        assert got[["low", "high"]].to_numpy().min() >= 0
        assert got[["low", "high"]].to_numpy().max() <= 1
        width = got["high"] - got["low"]
        assert (width.iloc[3:].diff().dropna() < 0).all()


def test_adjusted_limits_are_never_inside_the_normal_ones_and_flag_fewer():
    rng = np.random.default_rng(5)
    n = rng.integers(200, 5000, 150)
    got = funnel(rng.binomial(n, rng.beta(60, 60, 150)), n)
    assert got.tau2 > 0
    assert (got.units["z_adjusted"].abs() <= got.units["z"].abs()).all()
    assert len(got.outside(0.95, adjusted=True)) < len(got.outside(0.95))


def test_tau_squared_comes_near_the_true_variance_between_units():
    # On the arcsine scale the variance of a rate is divided by 4 p (1 - p): 0.03 squared at one half.
    rng = np.random.default_rng(11)
    n, true = np.full(3000, 4000), 0.5 + 0.03 * rng.standard_normal(3000)
    got = funnel(rng.binomial(n, true), n, winsorise=0)
    assert got.tau2 == pytest.approx(0.03**2, rel=0.1)


def test_winsorising_keeps_one_odd_unit_from_widening_everybodys_limits():
    x = [500] * 19 + [990]
    plain, pulled = (funnel(x, [1000] * 20, target=0.5, winsorise=w) for w in (0, 0.1))
    assert plain.tau2 > 0.01
    assert pulled.tau2 < 0.001
    assert pulled.units["adjusted_99_8"].tolist() == [0] * 19 + [1]


def test_without_overdispersion_there_are_no_adjusted_columns_or_limits():
    got = funnel(EVENTS, SIZES, overdispersion=False)
    assert got.tau2 is None
    assert not [c for c in got.units if "adjusted" in c]
    with pytest.raises(MethodError, match="overdispersion=True"):
        got.limits([100], adjusted=True)
    with pytest.raises(MethodError, match="overdispersion=True"):
        got.outside(0.95, adjusted=True)


def test_expected_outside_is_the_sum_of_what_the_flags_leave_to_chance():
    n = np.array([20, 57, 333, 4000])
    got = funnel([10, 30, 160, 2000], n, target=0.5)
    chance = 0.0
    for size in n:
        x = np.arange(size + 1)
        flagged = (stats.binom.cdf(x, size, 0.5) < 0.025) | (
            stats.binom.sf(x - 1, size, 0.5) < 0.025
        )
        chance += stats.binom.pmf(x, size, 0.5)[flagged].sum()
    assert got.expected_outside(0.95) == pytest.approx(chance)


def test_names_stand_beside_their_units_and_the_summary_speaks_of_chance():
    got = funnel(EVENTS, SIZES, names=["a", "b", "c", "d"])
    assert got.outside(0.998)["name"].tolist() == ["a", "d"]
    assert "outside 95% limits: 2, by chance 0.2" in got.summary()


def test_series_with_another_index_are_taken_in_their_order():
    got = funnel(pd.Series(EVENTS, index=[9, 3, 5, 1]), pd.Series(SIZES))
    assert got.units["events"].tolist() == EVENTS


def test_it_does_not_change_what_it_was_given():
    x, n = np.array(EVENTS), np.array(SIZES)
    funnel(x, n)
    assert x.tolist() == EVENTS
    assert n.tolist() == SIZES


@pytest.mark.parametrize("level", [0.9, 0.5])
def test_a_level_not_asked_for_is_refused_with_those_that_were(level):
    with pytest.raises(MethodError, match=r"valid choices are 0.95, 0.998"):
        funnel(EVENTS, SIZES).outside(level)


def test_units_without_any_event_are_held_against_a_target_that_is_given():
    got = funnel([0, 0, 0], [10, 20, 300], target=0.05)
    assert got.units["outside_95"].tolist() == [0, 0, -1]
    assert (got.value, got.low) == (0, 0)


def test_limits_of_one_size_and_one_level_need_no_list():
    got = funnel(EVENTS, SIZES, levels=0.9)
    assert got.levels == (0.9,)
    assert got.limits(100)["low"].tolist() == got.limits([100])["low"].tolist()


def test_an_allowance_for_variance_puts_no_unit_outside():
    # Without overdispersion the normal limits would leave out more than the exact ones do.
    events = np.random.default_rng(1).binomial(200, 0.5, 30)
    got = funnel(events, np.full(30, 200), levels=0.9)
    assert got.tau2 == 0
    assert len(got.outside(0.9, adjusted=True)) <= len(got.outside(0.9))
