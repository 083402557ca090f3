"""Indices of inequality: direction, what is given where there are no errors, and words for people."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import inequality
from iapt_ledger.methods.base import MethodError

ORDER = range(1, 6)


def test_a_good_thing_that_the_least_deprived_have_more_of_gives_a_positive_slope():
    found = inequality([10, 12, 14, 16, 18], [1] * 5, ORDER, standard_errors=[1] * 5)
    assert found.value == pytest.approx(10)  # 9 at the one end, 19 at the other
    assert found.relative.value == pytest.approx(19 / 9)
    assert found.relative_to_mean.value == pytest.approx(10 / 14)
    assert (found.gap.value, found.ratio.value) == pytest.approx((8, 1.8))
    assert found.low < found.value < found.high
    assert found.p_value is not None


def test_unequal_groups_stand_at_the_middle_of_their_stretch():
    found = inequality([1, 2, 3], [50, 30, 20], [1, 2, 3])
    assert list(found.groups.ridits) == pytest.approx([0.25, 0.65, 0.9])
    assert list(found.groups.shares) == pytest.approx([0.5, 0.3, 0.2])


def test_without_standard_errors_the_interval_is_that_of_the_regression():
    found = inequality([10, 13, 13, 17, 18], [1] * 5, ORDER)
    assert found.slope == found.scatter
    assert "regression" in found.slope.interval
    assert np.isnan(found.gap.low)
    assert found.linearity.p_value is None
    with pytest.raises(MethodError, match="standard_errors"):
        found.simulated()


def test_counts_give_binomial_or_poisson_errors_and_the_unit_of_the_rates():
    n, events = np.array([1000, 2000, 1500]), np.array([100, 300, 300])
    share = inequality(100 * events / n, n, [1, 2, 3], counts=events, kind="share")
    assert share.groups.per == 100
    assert share.groups.standard_errors[0] == pytest.approx(100 * np.sqrt(0.1 * 0.9 / 1000))
    rate = inequality(1000 * events / n, n, [1, 2, 3], counts=events, kind="rate")
    assert rate.groups.standard_errors[0] == pytest.approx(1000 * np.sqrt(100) / 1000)


def test_a_curve_is_told_from_a_line():
    bent = inequality([10, 30, 38, 40, 40], [1] * 5, ORDER, standard_errors=[1] * 5)
    straight = inequality([10, 20, 30, 40, 50], [1] * 5, ORDER, standard_errors=[1] * 5)
    assert bent.linearity.p_value < 0.001 < straight.linearity.p_value
    assert straight.linearity.r_squared == pytest.approx(1)


def test_the_same_rate_everywhere_is_no_inequality():
    found = inequality([5.0] * 4, [1] * 4, [1, 2, 3, 4], standard_errors=[0.1] * 4)
    assert found.value == pytest.approx(0)
    assert found.relative.value == pytest.approx(1)
    assert found.linearity.r_squared == 1


def test_a_summary_names_the_indices_and_says_where_there_is_none():
    text = inequality([2, 4, 9], [1] * 3, [1, 2, 3], standard_errors=[0.5] * 3).summary()
    assert "Slope index of inequality" in text
    assert "relative: none" in text  # the line ends below nought among the most deprived
    assert "3 groups" in text


def test_drawn_limits_lie_close_to_those_of_the_delta_method():
    found = inequality(
        [20, 25, 30, 35], [1] * 4, [1, 2, 3, 4], standard_errors=[1] * 4, kind="rate"
    )
    drawn = found.simulated(repetitions=20_000, seed=7)
    assert drawn.slope.value == found.value
    assert (drawn.slope.low, drawn.slope.high) == pytest.approx((found.low, found.high), abs=0.15)
    assert drawn.relative.low == pytest.approx(found.relative.low, abs=0.03)
    assert found.simulated(repetitions=500, seed=7) == found.simulated(repetitions=500, seed=7)


def test_a_line_that_meets_every_rate_has_no_interval_from_its_scatter():
    found = inequality([1.0, 2.0, 3.0], [1, 1, 1], [1, 2, 3])
    assert found.value == pytest.approx(3.0)
    assert np.isnan([found.low, found.high, found.relative.low]).all()
    assert found.p_value is None
    assert "no interval" in found.slope.interval
    flat = inequality([2.0, 2.0, 2.0], [1, 1, 1], [1, 2, 3], standard_errors=[0.1, 0.1, 0.1])
    assert flat.value == 0.0
    assert flat.low < 0 < flat.high and flat.p_value == 1.0


@pytest.mark.filterwarnings("error")
def test_a_ratio_of_which_nothing_is_known_has_an_infinite_limit():
    found = inequality([1.0, 2.0, 4.0], [1, 1, 1], [1, 2, 3], standard_errors=[1e5, 1e5, 1e5])
    assert (found.relative.low, found.relative.high) == (0.0, np.inf)
    assert (found.ratio.low, found.ratio.high) == (0.0, np.inf)
    assert "times" in found.summary()
