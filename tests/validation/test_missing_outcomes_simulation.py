"""Imbens and Manski's interval covers the true share wherever it lies in the range, and the gap's does too."""

from __future__ import annotations

import math

import numpy as np
import pytest

from iapt_ledger.methods import missing_outcome_bounds
from iapt_ledger.methods.costs.missing_outcomes import identified_interval

TRIALS = 1_500


def band(trials: int) -> float:
    """Four binomial standard errors of a coverage of 95%."""
    return 4 * math.sqrt(0.95 * 0.05 / trials)


def sampled(rng: np.random.Generator, n: int, seen: float, of_seen: float) -> tuple:
    observed = rng.binomial(n, seen, TRIALS)
    return rng.binomial(observed, of_seen), observed


@pytest.mark.parametrize(
    ("seen", "of_missing"),
    [(1.0, 0.5), (0.97, 0.0), (0.97, 1.0), (0.8, 0.0), (0.8, 0.5), (0.4, 1.0)],
)
def test_the_interval_covers_wherever_the_truth_lies(seen: float, of_missing: float) -> None:
    rng, n = np.random.default_rng(7), 400
    truth = seen * 0.5 + (1 - seen) * of_missing
    events, observed = sampled(rng, n, seen, 0.5)
    covered = 0
    for e, o in zip(events, observed, strict=True):
        low, high = identified_interval(e / n, (e + n - o) / n, n)
        covered += low <= truth <= high
    share = covered / TRIALS
    assert share >= 0.95 - band(TRIALS) - 0.005  # the error of a count that comes in whole numbers
    if of_missing in (0.0, 1.0) or seen == 1.0:
        assert (
            share <= 0.95 + band(TRIALS) + 0.01
        )  # at an end of the range it is no wider than it need be
    else:
        assert share > 0.99  # in the middle of a wide range it nearly always holds


def test_a_plain_interval_of_those_observed_misses_when_the_missing_differ() -> None:
    rng, n = np.random.default_rng(8), 400
    truth = 0.8 * 0.5
    events, observed = sampled(rng, n, 0.8, 0.5)
    plain, bounds = 0, 0
    for e, o in zip(events[:500], observed[:500], strict=True):
        found = missing_outcome_bounds(int(e), int(o), n)
        plain += found.at_random.share.low <= truth <= found.at_random.share.high
        bounds += found.low <= truth <= found.high
    assert plain / 500 < 0.1 and bounds / 500 > 0.9


@pytest.mark.parametrize("ends", [(0.0, 1.0), (1.0, 0.0), (0.5, 0.5)])
def test_the_gap_covers_the_true_difference(ends: tuple[float, float]) -> None:
    rng, n, trials = np.random.default_rng(9), 300, 600
    first, second = (0.9, 0.55), (0.7, 0.45)
    truth = sum(
        sign * (seen * rate + (1 - seen) * missing)
        for sign, (seen, rate), missing in zip((1, -1), (first, second), ends, strict=True)
    )
    e_1, o_1 = sampled(rng, n, *first)
    e_0, o_0 = sampled(rng, n, *second)
    covered = 0
    for i in range(trials):
        gap = missing_outcome_bounds(
            int(e_1[i]), int(o_1[i]), n, comparators={"x": (int(e_0[i]), int(o_0[i]), n)}
        ).gaps["x"]
        covered += gap.interval[0] <= truth <= gap.interval[1]
    assert covered / trials >= 0.95 - band(trials)
