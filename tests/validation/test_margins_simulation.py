"""Equivalence: how often the verdicts err, by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import Estimate, equivalence

RUNS, Z = 4000, 1.959963984540054


def supported(true: float, margin: float, level: float, seed: int) -> float:
    values = np.random.default_rng(seed).normal(true, 1.0, RUNS)
    verdicts = [
        equivalence(Estimate("E", v, v - Z, v + Z), margin, level=level).verdict for v in values
    ]
    return verdicts.count("supported") / RUNS


@pytest.mark.parametrize(("level", "alpha"), [(0.95, 0.025), (0.90, 0.05)])
def test_an_effect_of_the_size_of_the_margin_is_called_none_as_often_as_the_level_says(
    level, alpha
):
    # The margin is wide against the error, so that only one of the two tests can err.
    found = supported(6.0, 6.0, level, seed=11)
    band = 4 * np.sqrt(alpha * (1 - alpha) / RUNS)
    assert abs(found - alpha) < band


def test_no_effect_and_a_wide_margin_is_nearly_always_supported_and_a_narrow_one_never():
    assert supported(0.0, 6.0, 0.95, seed=12) > 0.999
    assert supported(0.0, 1.5, 0.95, seed=13) == 0.0
