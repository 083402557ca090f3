"""Services that differ by chance alone, and some that truly differ: how often a funnel says so."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import funnel

SERVICES, TIMES = 140, 300


def between(successes: int, tries: int, p: float) -> bool:
    """Whether so many successes are within what chance allows once in ten thousand tests."""
    low, high = stats.binom.ppf([5e-5, 1 - 5e-5], tries, p)
    return bool(low <= successes <= high)


@pytest.fixture(scope="module")
def by_chance():
    rng = np.random.default_rng(20261)
    n = rng.integers(40, 9000, SERVICES)
    return [funnel(rng.binomial(n, 0.5), n, target=0.5) for _ in range(TIMES)]


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_chance_puts_as_many_outside_as_the_funnel_says(by_chance, level):
    said = by_chance[0].expected_outside(level)
    found = sum(len(one.outside(level)) for one in by_chance)
    assert between(found, SERVICES * TIMES, said / SERVICES)
    assert said <= SERVICES * (1 - level)


def test_as_many_lie_above_as_below(by_chance):
    sides = np.concatenate([one.units["outside_95"].to_numpy() for one in by_chance])
    above = int((sides > 0).sum())
    assert between(above, int((sides != 0).sum()), 0.5)


def test_the_test_of_overdispersion_keeps_its_size(by_chance):
    rejected = sum(one.p_value < 0.05 for one in by_chance)
    assert between(rejected, TIMES, 0.05)


def test_phi_by_chance_is_about_two_thirds_once_winsorised(by_chance):
    assert np.mean([one.phi for one in by_chance]) == pytest.approx(0.679, abs=0.02)


def test_adjusted_limits_hold_services_that_differ_as_services_do():
    """Nine services in ten differ a little, as services do: the 99.8% limits should leave out hardly any of them."""
    rng = np.random.default_rng(7)
    n = rng.integers(200, 9000, SERVICES)
    outside, odd_found = 0, 0
    for _ in range(100):
        true = 0.5 + 0.035 * rng.standard_normal(SERVICES)
        true[:3] = 0.75  # three odd ones
        got = funnel(rng.binomial(n, true), n, target=0.5).units
        outside += int(got["adjusted_99_8"][3:].ne(0).sum())
        odd_found += int(got["adjusted_99_8"][:3].eq(1).sum())
    # Winsorising makes the variance between units a little small, so more than the nominal 0.2% fall outside.
    assert outside / (100 * (SERVICES - 3)) < 0.015
    assert odd_found > 0.97 * 300
