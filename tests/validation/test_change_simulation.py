"""Drawn people: intervals of effect sizes cover, and the floor and regression are what drawing shows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from iapt_ledger.methods.scores.change import standardised_change
from iapt_ledger.methods.scores.change_floor import Scale, caseness_floor

RUNS, N, R = 1500, 60, 0.6
BAND = binom.ppf([0.0005, 0.9995], RUNS, 0.95) / RUNS
TRUE = {"start": 5 / 6, "end": 5 / 7, "average": 5 / np.sqrt(42.5), "change": 5 / np.sqrt(34.6)}


def test_large_sample_intervals_cover_the_true_effects():
    rng = np.random.default_rng(21)
    cov = [[36, R * 42], [R * 42, 49]]
    hits = dict.fromkeys(TRUE, 0)
    for _ in range(RUNS):
        pre, post = rng.multivariate_normal([14, 9], cov, N).T
        found = standardised_change(
            pre_mean=pre.mean(),
            post_mean=post.mean(),
            pre_sd=pre.std(ddof=1),
            post_sd=post.std(ddof=1),
            n=N,
            correlation=float(np.corrcoef(pre, post)[0, 1]),
        )
        for name, true in TRUE.items():
            g = found.effect(name).g
            hits[name] += g.low <= true <= g.high
    for name, count in hits.items():
        # Becker's variance takes the two spreads as alike; a point each way for that and for n of 60
        assert BAND[0] - 0.01 <= count / RUNS <= BAND[1] + 0.01, name


def test_the_floor_is_what_drawn_people_show():
    rng, people = np.random.default_rng(22), 400_000
    scales = (Scale(13.9, 6.0, 10, 6, 27, 0.75), Scale(12.7, 5.2, 8, 4, 21, 0.85))
    true = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], people).T
    first, last = [], []
    for scale, steady in zip(scales, true, strict=True):
        centre = scale.mean + scale.sd * np.sqrt(scale.reliability) * steady
        for readings in (first, last):
            noise = scale.sd * np.sqrt(1 - scale.reliability) * rng.standard_normal(people)
            readings.append(np.clip(np.round(centre + noise), 0, scale.top))
    case = (first[0] >= 10) | (first[1] >= 8)
    sound = (last[0] < 10) & (last[1] < 8)
    better = (first[0] - last[0] >= 6) | (first[1] - last[1] >= 4)
    worse = (last[0] - first[0] >= 6) | (last[1] - first[1] >= 4)
    drawn = {
        "at_caseness": case.mean(),
        "recovered": sound[case].mean(),
        "reliably_recovered": (sound & better & ~worse)[case].mean(),
        "improved": (better & ~worse).mean(),
        "deteriorated": (worse & ~better).mean(),
    }
    floor = caseness_floor(scales, correlation=0.7)
    for name, share in drawn.items():
        error = 4 * np.sqrt(share * (1 - share) / people)
        assert getattr(floor, name) == pytest.approx(share, abs=error), name


def test_regression_to_the_mean_is_what_drawn_people_show():
    rng, people = np.random.default_rng(23), 400_000
    first = rng.normal(14, 6, people)
    last = 14 + 0.7 * (first - 14) + 6 * np.sqrt(1 - 0.7**2) * rng.standard_normal(people)
    chosen = first >= 9.5
    found = standardised_change(pre_mean=14, post_mean=9, pre_sd=6, reliability=0.7).selected(9.5)
    assert found.effect == pytest.approx((first - last)[chosen].mean(), abs=0.04)
    assert found.back == pytest.approx((last[chosen] < 9.5).mean(), abs=0.003)
    assert found.first_mean == pytest.approx(first[chosen].mean(), abs=0.04)


@pytest.mark.parametrize("reliability", [0.5, 0.8])
def test_those_who_come_from_a_lower_usual_level_fall_by_what_is_said(reliability):
    """People selected on one reading, in any way, fall back (1 - reliability) of their lead."""
    rng, people = np.random.default_rng(24), 400_000
    usual = 6.0
    first = rng.normal(usual, 5, people)
    last = usual + reliability * (first - usual)
    last += 5 * np.sqrt(1 - reliability**2) * rng.standard_normal(people)
    come = rng.random(people) < 1 / (1 + np.exp(-(first - 13)))
    found = standardised_change(
        pre_mean=first[come].mean(),
        post_mean=last[come].mean(),
        pre_sd=first[come].std(),
        reliability=reliability,
    )
    assert found.explained_from() == pytest.approx(usual, abs=0.35)
