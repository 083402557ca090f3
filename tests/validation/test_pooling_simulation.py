"""Combining studies: how often the intervals hold what they claim, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import combine_studies

RUNS, MEAN, TAU = 400, 0.3, 0.2


def covered(k: int, seed: int, tau: float = TAU, **options) -> dict[str, float]:
    """Shares of runs in which the mean, the variance and the effect of a further study lay in their intervals."""
    rng = np.random.default_rng(seed)
    hits = {"mean": 0, "tau2": 0, "new": 0}
    for _ in range(RUNS):
        se = rng.uniform(0.1, 0.35, k)
        y = rng.normal(rng.normal(MEAN, tau, k), se)
        fit = combine_studies(y, se, **options)
        hits["mean"] += fit.low < MEAN < fit.high
        hits["tau2"] += fit.tau2.low <= tau**2 <= fit.tau2.high
        hits["new"] += fit.prediction.low < rng.normal(MEAN, tau) < fit.prediction.high
    return {name: n / RUNS for name, n in hits.items()}


BAND = 3.5 * np.sqrt(0.95 * 0.05 / RUNS)


@pytest.mark.parametrize("method", ["REML", "PM", "DL"])
def test_intervals_cover_at_their_level(method):
    found = covered(8, 21, method=method, never_narrower=False)
    assert abs(found["mean"] - 0.95) < BAND
    assert abs(found["tau2"] - 0.95) < BAND


def test_with_few_studies_the_normal_interval_is_too_short_and_the_guarded_one_is_not():
    normal = covered(4, 22, knapp_hartung=False)["mean"]
    guarded = covered(4, 22)["mean"]
    assert normal < 0.95 - BAND
    assert guarded > 0.95 - BAND


def test_where_studies_do_not_differ_the_guarded_interval_is_not_too_short():
    assert covered(4, 23, tau=0.0)["mean"] > 0.95 - BAND


def test_the_prediction_interval_holds_where_studies_differ_much_and_falls_short_where_they_differ_a_little():
    """With eight studies and little between them the variance is often estimated as nought (Nagashima 2019)."""
    assert covered(8, 24, tau=0.8)["new"] > 0.95 - BAND
    assert 0.75 < covered(8, 25, tau=0.2)["new"] < 0.95 - BAND
    assert abs(covered(30, 26, tau=0.3)["new"] - 0.95) < BAND
