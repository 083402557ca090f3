"""Claims of no effect: plain behaviour."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import Estimate, MethodError, equivalence


def estimate(low: float, high: float, level: float = 0.95, **other) -> Estimate:
    return Estimate("Change in items", (low + high) / 2, low, high, level, **other)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.9, 0.9, "supported"),
        (-1.0, 0.9, "undecided"),
        (-0.5, 1.0, "undecided"),
        (0.5, 1.5, "undecided"),
        (-3.0, 3.0, "undecided"),
        (1.0, 2.0, "undecided"),
        (1.1, 2.0, "contradicted"),
        (-2.0, -1.1, "contradicted"),
    ],
)
def test_the_whole_interval_decides(low, high, verdict):
    assert equivalence(estimate(low, high), 1.0).verdict == verdict


def test_an_interval_that_shows_an_effect_may_still_support_that_it_is_small():
    found = equivalence(estimate(0.1, 0.4), 1.0)
    assert found.verdict == "supported"
    assert found.low > 0


def test_margins_may_be_lopsided():
    assert equivalence(estimate(-0.4, 1.5), (-0.5, 2.0)).verdict == "supported"
    assert equivalence(estimate(-0.4, 1.5), (-0.3, 2.0)).verdict == "undecided"
    assert equivalence(estimate(-3.0, -0.6), (-0.5, 2.0)).verdict == "contradicted"


def test_a_ratio_is_judged_on_its_logarithm():
    log = estimate(np.log(0.9), np.log(1.1))
    found = equivalence(log.ratio, 1.25, scale="ratio")
    assert found.margin == pytest.approx((0.8, 1.25))
    assert found.verdict == "supported"
    same = equivalence(log, float(np.log(1.25)))
    assert found.p_value == pytest.approx(same.p_value)
    assert (found.low, found.high) == pytest.approx((0.9, 1.1))


def test_the_usual_level_is_reached_from_a_95_per_cent_interval():
    found = equivalence(estimate(-0.5, 1.05), 1.0, level=0.90)
    z = stats.norm.ppf([0.95, 0.975])
    half = 0.775 * z[0] / z[1]
    assert (found.low, found.high) == pytest.approx((0.275 - half, 0.275 + half))
    assert found.verdict == "supported"
    assert equivalence(estimate(-0.5, 1.05), 1.0).verdict == "undecided"


def test_limits_without_symmetry_are_judged_but_give_no_p_value():
    bent = Estimate("Share", 0.1, -0.2, 0.9)
    found = equivalence(bent, 1.0)
    assert found.verdict == "supported"
    assert found.p_value is None
    assert np.isnan(found.standard_error)
    assert "two one-sided" not in found.summary()
    with pytest.raises(
        MethodError, match="not symmetric.*expected limits of 90%|expected limits of 90%"
    ):
        equivalence(bent, 1.0, level=0.90)


def test_the_summary_begins_with_the_verdict():
    text = equivalence(estimate(-0.9, 0.9, unit="percent"), 1.0).summary()
    assert text.startswith("No change in items beyond the margin: supported. Estimate 0.0%")
    assert "margin −1.0% to 1.0%" in text
    assert "p = 0.015" in text


def test_a_t_distribution_is_used_when_its_degrees_of_freedom_are_given():
    found = equivalence(estimate(-0.5, 0.5), 1.0, df=5)
    error = 0.5 / stats.t(5).ppf(0.975)
    assert found.standard_error == pytest.approx(error)
    assert found.p_value == pytest.approx(stats.t(5).sf(1.0 / error))


def test_three_numbers_are_an_estimate_of_the_level_that_is_judged():
    found = equivalence((0.1, -0.3, 0.5), 1.0, level=0.90)
    assert (found.verdict, found.low, found.high, found.level) == ("supported", -0.3, 0.5, 0.90)
    assert equivalence([0.1, -0.3, 0.5], np.array([-1.0, 1.0])).margin == (-1.0, 1.0)


def test_an_estimate_that_is_a_ratio_is_judged_as_one():
    ratio = Estimate("Items", 0.3, 0.2, 0.4, scale="log").ratio
    assert equivalence(ratio, 1.25).scale == "ratio"
    assert (
        equivalence(ratio, 1.25).verdict == "undecided"
    )  # 1.22 to 1.49 lies inside -1.25 to 1.25 no more
    assert equivalence(ratio, 1.1).verdict == "contradicted"
    assert equivalence(ratio, 1.25, scale="difference").scale == "difference"


@pytest.mark.parametrize(
    ("thing", "margin", "words"),
    [
        (0.1, 1.0, "argument estimate.*without an interval supports no claim"),
        ((0.1, 0.2), 1.0, "argument estimate.*value, low, high"),
        (("a", "b", "c"), 1.0, "argument estimate"),
        ((0.1, -0.3, 0.5), "1", "argument margin"),
        ((0.1, -0.3, 0.5), None, "argument margin"),
        (Estimate("E", np.array([1.0, 2.0]), 0.0, 3.0), 1.0, "estimate.value"),
    ],
)
def test_what_is_no_estimate_or_no_margin_is_refused(thing, margin, words):
    with pytest.raises(MethodError, match=words):
        equivalence(thing, margin)


def test_limits_without_width_have_the_same_verdict_at_every_level():
    assert equivalence((0.1, 0.1, 0.1), 1.0).verdict == "supported"
    assert equivalence(Estimate("E", 0.1, 0.1, 0.1), 1.0, level=0.90).verdict == "supported"
