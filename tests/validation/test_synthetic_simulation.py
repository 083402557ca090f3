"""Placebos in space over many panels in which nothing happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.methods import synthetic_control

RUNS, UNITS, YEARS, START = 120, 8, 16, 10


def drawn(rng: np.random.Generator, effect: float) -> pd.DataFrame:
    """Units that drift by two common factors, unit 0 moved from the start on."""
    factors = rng.normal(size=(YEARS, 2)).cumsum(axis=0)
    rates = factors @ rng.normal(size=(2, UNITS)) + rng.normal(size=(YEARS, UNITS)).cumsum(axis=0)
    rates[START:, 0] += effect
    year, unit = np.indices(rates.shape)
    return pd.DataFrame({"unit": unit.ravel(), "year": year.ravel(), "rate": rates.ravel()})


def p_values(effect: float, runs: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array(
        [
            synthetic_control(
                drawn(rng, effect), unit="unit", time="year", outcome="rate", treated=0, start=START
            ).p_value
            for _ in range(runs)
        ]
    )


def test_where_nothing_happened_every_rank_is_as_likely() -> None:
    p = p_values(0.0, RUNS, seed=3)
    for share in (1 / 8, 2 / 8, 4 / 8):
        half = 3.3 * np.sqrt(share * (1 - share) / RUNS)
        assert abs(np.mean(p <= share + 1e-9) - share) < half
    assert p.min() >= 1 / UNITS


def test_a_large_effect_comes_first() -> None:
    assert np.mean(p_values(15.0, 40, seed=4) == 1 / UNITS) > 0.6
