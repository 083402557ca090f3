"""The intervals of the indices cover what they should, on counts drawn from a known gradient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from iapt_ledger.methods.groups.inequalities import inequality

RUNS, K = 400, 10
BAND = binom.ppf([0.0005, 0.9995], RUNS, 0.95) / RUNS


def drawn(kind: str, seed: int):
    """True slope and relative index, and the indices of each drawn set of counts."""
    rng = np.random.default_rng(seed)
    n = rng.integers(300, 900, K)
    share = n / n.sum()
    ridit = np.cumsum(share) - share / 2
    true = 0.20 + 0.15 * ridit
    found = []
    for _ in range(RUNS):
        events = rng.binomial(n, true) if kind == "share" else rng.poisson(n * true)
        found.append(inequality(events / n, n, range(K), counts=events, kind=kind))
    return (0.15, 0.35 / 0.20), found


def covered(truth, estimates):
    return np.mean([e.low <= truth <= e.high for e in estimates])


@pytest.mark.parametrize("kind", ["share", "rate"])
def test_delta_intervals_cover_slope_and_ratio(kind):
    (slope, ratio), found = drawn(kind, seed=11)
    for rate in (covered(slope, found), covered(ratio, [f.relative for f in found])):
        assert BAND[0] <= rate <= BAND[1]


def test_drawn_intervals_cover_the_slope():
    (slope, _), found = drawn("share", seed=12)
    limits = [f.simulated(repetitions=1000, seed=i).slope for i, f in enumerate(found)]
    assert (
        BAND[0] - 0.01 <= covered(slope, limits) <= BAND[1]
    )  # percentiles of 1,000 are a little narrow


def test_the_regression_interval_covers_a_gradient_that_scatters_around_its_line():
    rng = np.random.default_rng(13)
    found = [
        inequality(30 + 8 * (np.arange(K) + 0.5) / K + rng.normal(0, 2, K), [1] * K, range(K))
        for _ in range(RUNS)
    ]
    assert BAND[0] <= covered(8, [f.scatter for f in found]) <= BAND[1]


def test_departure_from_the_line_is_found_by_chance_only_as_often_as_stated():
    _, found = drawn("share", seed=14)
    rejected = np.mean([f.linearity.p_value < 0.05 for f in found])
    assert 1 - BAND[1] <= rejected <= 1 - BAND[0]
