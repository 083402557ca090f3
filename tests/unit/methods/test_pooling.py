"""Combining studies: plain behaviour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from iapt_ledger.methods import MethodError, combine_studies

Y, SE = [0.1, 0.4, 0.9, 0.2], [0.1, 0.2, 0.2, 0.15]


def test_a_headline_delegates_to_the_mean():
    fit = combine_studies(Y, SE, name="Effect on items", unit="percent")
    assert (fit.value, fit.low, fit.high, fit.level, fit.p_value) == (
        fit.estimate.value, fit.estimate.low, fit.estimate.high, 0.95, fit.estimate.p_value,
    )  # fmt: skip
    assert fit.k == 4
    assert fit.low < fit.value < fit.high
    assert fit.prediction.low < fit.low
    assert fit.prediction.high > fit.high


def test_summary_tells_mean_new_study_and_difference_between_studies():
    lines = combine_studies(Y, SE, name="Effect").summary().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Effect: ")
    assert lines[0].endswith("4 studies")
    assert "prediction interval" in lines[1]
    assert "Q-profile" in lines[2]
    assert "I²" in lines[2]


def test_the_library_gives_the_same_where_its_variance_is_not_negative():
    y, v = np.array(Y), np.array(SE) ** 2
    for method, theirs in (("DL", "dl"), ("PM", "pm")):
        other = combine_effects(y, v, method_re=theirs)
        fit = combine_studies(Y, SE, method=method, knapp_hartung=False)
        assert fit.tau2.value == pytest.approx(other.tau2, rel=1e-4)
        assert fit.value == pytest.approx(other.mean_effect_re, rel=1e-5)
        assert fit.standard_error == pytest.approx(other.sd_eff_w_re, rel=1e-5)


@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
def test_studies_closer_than_chance_leave_no_variance_and_equal_weighting_by_precision(method):
    y, se = [1.0, 1.01, 0.99], [0.5, 0.5, 1.0]
    with np.errstate(all="raise"):
        fit = combine_studies(y, se, method=method)
    assert fit.tau2.value == 0
    assert fit.i2.value == 0
    assert list(fit.weights["weight"]) == pytest.approx([100 * 4 / 9, 100 * 4 / 9, 100 / 9])


def test_knapp_hartung_is_not_let_narrow_the_interval_unless_asked():
    y, se = [1.0, 1.01, 0.99], [0.5, 0.5, 0.5]
    plain = combine_studies(y, se, knapp_hartung=False)
    kept = combine_studies(y, se)
    scaled = combine_studies(y, se, never_narrower=False)
    assert kept.standard_error == pytest.approx(plain.standard_error)
    assert kept.high > plain.high  # a t quantile instead of a normal one
    assert scaled.high < plain.high
    assert "never narrower" in kept.estimate.interval


def test_two_studies_have_no_prediction_interval_and_say_why():
    fit = combine_studies([0.1, 0.3], [0.1, 0.1])
    assert np.isnan(fit.prediction.low)
    assert "2 studies" in fit.prediction.interval
    assert "2 studies" in fit.summary().splitlines()[1]
    with pytest.raises(MethodError, match="leaves nothing"):
        _ = fit.leave_one_out


def test_leaving_one_out_is_the_same_as_combining_the_others():
    labels = ["a", "b", "c", "d"]
    fit = combine_studies(Y, SE, labels=labels, method="PM", level=0.9, never_narrower=False)
    left = fit.leave_one_out.set_index("label")
    others = combine_studies(
        [Y[0], *Y[2:]], [SE[0], *SE[2:]], method="PM", level=0.9, never_narrower=False
    )
    assert left.loc["b", ["value", "low", "high", "p_value", "tau2"]].tolist() == pytest.approx(
        [others.value, others.low, others.high, others.p_value, others.tau2.value]
    )


def test_limits_stand_for_errors():
    z = stats.norm.ppf(0.95)
    low, high = (np.array(Y) + s * z * np.array(SE) for s in (-1, 1))
    by_limits = combine_studies(Y, low=low, high=high, inputs_level=0.9)
    assert by_limits.value == pytest.approx(combine_studies(Y, SE).value)
    assert list(by_limits.weights["standard_error"]) == pytest.approx(SE)


def test_series_keep_their_order_and_their_labels():
    frame = pd.DataFrame({"y": Y, "se": SE}, index=[9, 4, 2, 7])
    fit = combine_studies(frame["y"], frame["se"], labels=pd.Series(list("wxyz")))
    assert list(fit.weights["label"]) == list("wxyz")
    assert list(fit.weights["value"]) == Y


def test_studies_nearer_than_chance_lets_them_give_no_interval_for_their_variance():
    fit = combine_studies([0.2, 0.2, 0.2], [0.1, 0.1, 0.1])
    assert fit.tau2.value == 0 and np.isnan([fit.tau2.low, fit.tau2.high, fit.i2.high]).all()
    assert "differ less than chance lets them" in fit.summary()
    assert fit.value == pytest.approx(0.2)


def test_no_variance_is_nought_and_limits_are_plain_numbers():
    assert combine_studies([0.1, 0.2], [0.1, 0.1], method="REML").tau2.value == 0.0
    fit = combine_studies(Y, SE)
    assert type(fit.low) is float and type(fit.high) is float


def test_one_column_that_is_a_number_is_no_study():
    with pytest.raises(MethodError, match="column estimates.*one dimension"):
        combine_studies(0.5, 0.1)


def test_identical_effects_have_no_error_of_their_own_scatter():
    with pytest.raises(MethodError, match="column estimates.*never_narrower=True"):
        combine_studies([0.2, 0.2], [0.1, 0.1], never_narrower=False)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
def test_effects_as_good_as_equal_pass_without_a_warning(method):
    assert combine_studies([0.0, 2.6e-157], [1.0, 1.0], method=method).tau2.value == 0
