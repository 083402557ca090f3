"""Combining studies: what must hold whatever the numbers, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from iapt_ledger.methods import MethodError, combine_studies

METHODS = ("DL", "PM", "REML")
study = st.tuples(st.floats(-5, 5), st.floats(0.05, 3))
some = st.lists(study, min_size=2, max_size=9)


def numbers(fit) -> list[float]:
    return [
        fit.value,
        fit.low,
        fit.high,
        fit.standard_error,
        fit.prediction.low,
        fit.prediction.high,
    ]


def close(found, wanted, scale=1.0):
    return found == pytest.approx(wanted, rel=2e-3, abs=2e-4 * scale, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(some, st.sampled_from(METHODS), st.floats(0.01, 1000))
def test_a_change_of_unit_changes_nothing_else(studies, method, factor):
    y, se = np.array(studies).T
    one = combine_studies(y, se, method=method)
    other = combine_studies(factor * y, factor * se, method=method)
    assert close(numbers(other), [factor * n for n in numbers(one)], factor)
    assert close(other.tau2.value, factor**2 * one.tau2.value, factor**2)
    assert other.p_value == pytest.approx(one.p_value, abs=2e-3)
    assert other.i2.value == pytest.approx(one.i2.value, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(some, st.sampled_from(METHODS), st.floats(-50, 50), st.randoms(use_true_random=False))
def test_neither_order_nor_a_shift_matters(studies, method, shift, random):
    mixed = random.sample(studies, len(studies))
    y, se = np.array(studies).T
    y_2, se_2 = np.array(mixed).T
    one, other = (combine_studies(*a, method=method) for a in ((y, se), (y_2 + shift, se_2)))
    assert close(other.value - shift, one.value)
    assert close(other.tau2.value, one.tau2.value)
    assert close(other.q, one.q)


@settings(max_examples=60, deadline=None)
@given(some, st.sampled_from(METHODS), st.booleans())
def test_limits_lie_as_they_must(studies, method, knapp_hartung):
    y, se = np.array(studies).T
    fit = combine_studies(y, se, method=method, knapp_hartung=knapp_hartung)
    assert min(y) - 1e-9 <= fit.value <= max(y) + 1e-9
    assert fit.low < fit.value < fit.high
    if np.isnan(fit.tau2.low):  # studies nearer to each other than chance lets them
        assert fit.tau2.value == 0 and fit.q < stats.chi2.ppf(0.025, fit.k - 1)
        assert np.isnan([fit.tau2.high, fit.i2.low, fit.i2.high]).all()
        assert "differ less than chance" in fit.summary()
    else:
        assert 0 <= fit.tau2.low <= fit.tau2.high
        assert 0 <= fit.i2.low <= fit.i2.high <= 100
    assert fit.weights["weight"].sum() == pytest.approx(100)
    if fit.k > 2:
        assert fit.prediction.low < fit.prediction.high
        assert fit.leave_one_out["label"].tolist() == list(range(1, fit.k + 1))
    if (
        method == "PM" and fit.tau2.low > 0
    ):  # then the estimator solves the same equation as its limits
        assert fit.tau2.low < fit.tau2.value < fit.tau2.high


@pytest.mark.parametrize("method", METHODS)
def test_equal_errors_make_a_plain_mean(method):
    y = np.array([0.0, 1.0, 5.0, 2.0])
    fit = combine_studies(y, np.full(4, 0.1), method=method)
    assert fit.value == pytest.approx(y.mean())
    # with errors as good as none, the variance between studies is that of the effects
    assert fit.tau2.value == pytest.approx(y.var(ddof=1) - 0.01, rel=1e-6)


Y, SE = [0.1, 0.4, 0.9], [0.1, 0.2, 0.2]


@pytest.mark.parametrize(
    ("args", "options", "words"),
    [
        (([0.1], [0.1]), {}, "column estimates.*two studies or more.*found 1"),
        ((Y, [0.1, 0.2]), {}, "as many rows in each.*estimates 3, standard_errors 2"),
        ((Y, [0.1, 0.0, 0.2]), {}, "column standard_errors, row 2.*above nought"),
        ((Y, [0.1, -0.1, 0.2]), {}, "column standard_errors, row 2"),
        (([0.1, math.nan, 0.9], SE), {}, "column estimates, row 2.*leave the study out"),
        (([0.1, 0.4, math.inf], SE), {}, "column estimates, row 3"),
        ((["a", "b", "c"], SE), {}, "column estimates, row 1.*numbers"),
        (([[0.1], [0.4]], SE), {}, "column estimates.*2 dimensions"),
        ((Y, SE), {"labels": ["a", "b"]}, "argument labels.*3 labels"),
        ((Y, SE), {"labels": ["a", "b", "a"]}, "column labels, row 3.*a second time"),
        ((Y, SE), {"method": "ML"}, "argument method.*'ML'.*REML, PM, DL"),
        ((Y, SE), {"level": 95}, "argument level.*95"),
        ((Y,), {}, "either standard_errors, or both"),
        ((Y, SE), {"low": [0, 0, 0], "high": [1, 1, 2]}, "either standard_errors, or both"),
        ((Y,), {"low": [0, 0, 0]}, "either standard_errors, or both"),
        ((Y,), {"low": [0.0, 0.5, 0.8], "high": [0.2, 0.3, 1.0]}, "column high, row 2"),
        ((Y,), {"low": [0.0, 0.3, 0.5], "high": [0.2, 0.5, 3.0]}, "column estimates, row 3.*as logs"),
        ((Y,), {"low": [0, 0.3, 0.8], "high": [0.2, 0.5, 1], "inputs_level": 1.0}, "inputs_level"),
    ],
)  # fmt: skip
def test_what_cannot_be_combined_is_refused_with_a_remedy(args, options, words):
    with pytest.raises(MethodError, match=words):
        combine_studies(*args, **options)
