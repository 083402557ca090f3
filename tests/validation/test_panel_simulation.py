"""What the tests of `panel_effect` do over many panels of seven units whose months hang together."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods.panels.panel_design import build_design, fit
from iapt_ledger.methods.panels.panel_flips import SignFlips
from iapt_ledger.methods.panels.panel_permutations import permute

UNITS, TIMES = 7, 48


def drifting(rng: np.random.Generator, memory: float = 0.95) -> np.ndarray:
    """Units x periods, each a step that mostly carries on from the one before."""
    steps = rng.normal(size=(UNITS, TIMES + 50))
    for t in range(1, TIMES + 50):
        steps[:, t] += memory * steps[:, t - 1]
    return steps[:, 50:]


def fits(runs: int, effect: float, seed: int, trends: bool):
    """Regressions of panels with a shock that all units share, and the exposure of each."""
    rng = np.random.default_rng(seed)
    design = build_design((UNITS, TIMES), trends=trends)
    for _ in range(runs):
        x = drifting(rng)
        y = effect * x + drifting(rng) + rng.normal(size=TIMES).cumsum()
        yield fit(design, x, y, tuple(range(UNITS)), outcome="y", exposure="x"), x


def band(share: float, runs: int, widths: float = 3.3) -> tuple[float, float]:
    """Where a share lies over so many runs unless chance is one in a thousand."""
    half = widths * np.sqrt(share * (1 - share) / runs)
    return share - half, share + half


@pytest.mark.parametrize("trends", [False, True])
def test_sign_flips_find_nothing_at_their_rate_where_usual_errors_find_too_much(trends) -> None:
    runs, flips, usual, plain = 800, 0, 0, 0
    for found, _ in fits(runs, 0.0, 11, trends):
        flips += SignFlips(found).p_value() <= 0.05
        rest, n, k = found.y - found.effect * found.x, UNITS * TIMES, found.design.rank + 1
        factor = UNITS / (UNITS - 1) * (n - 1) / (n - k)
        clustered = np.sqrt(factor * np.sum(found.scores**2)) / found.spread.sum()
        unclustered = np.sqrt(np.sum(rest**2) / (n - k) / found.spread.sum())
        usual += abs(found.effect) > 1.96 * clustered
        plain += abs(found.effect) > 1.96 * unclustered
    # Three of the sixty-four ways are 4.7%. The null is not exact here: months are shared, so allow it 1.5 points.
    low, high = band(3 / 64, runs)
    assert low - 0.015 < flips / runs < high + 0.015
    assert usual / runs > 0.08 and usual > 1.5 * flips
    assert plain / runs > 0.3


def test_intervals_by_sign_flips_hold_the_truth() -> None:
    runs, truth = 300, 0.4
    held = 0
    for found, _ in fits(runs, truth, 12, trends=False):
        low, high = SignFlips(found).interval
        held += low <= truth <= high
    low, high = band(61 / 64, runs)
    assert low - 0.015 < held / runs <= min(1.0, high + 0.015)


def test_the_cluster_jackknife_is_rather_too_wide_than_too_narrow() -> None:
    runs, truth = 300, 0.4
    held = sum(
        found.jackknife("", 0.95, "").low <= truth <= found.jackknife("", 0.95, "").high
        for found, _ in fits(runs, truth, 13, trends=False)
    )
    assert held / runs > band(0.95, runs)[0]


def test_deals_of_the_exposure_find_nothing_at_their_rate() -> None:
    runs, found_something = 500, 0
    for found, x in fits(runs, 0.0, 14, trends=False):
        found_something += permute(found, x, most=199, seed=1).p_value <= 0.05
    low, high = band(0.05, runs)
    assert low < found_something / runs < high


def test_an_effect_of_size_is_found() -> None:
    runs = 100
    p = [SignFlips(found).p_value() for found, _ in fits(runs, 1.5, 15, trends=False)]
    assert np.mean(np.array(p) <= 0.05) > 0.7
    assert min(p) == pytest.approx(1 / 64)
